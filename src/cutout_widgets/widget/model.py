"""The grid as a notebook model: its synced state, checked on input, and its messages."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import anywidget
import numpy as np
import traitlets as t

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import LOOKS, Look
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.base import ImageStore
from cutout_widgets.widget import replaced_cells
from cutout_widgets.widget.choices import choices_for, palettes_of
from cutout_widgets.widget.labelling.labelled import Labelled
from cutout_widgets.widget.labelling.labelling import Labelling
from cutout_widgets.widget.labelling.state import LabellingState
from cutout_widgets.widget.pages.cutout_cache import shared_cache
from cutout_widgets.widget.pages.pages import LARGEST_PAGE, Pages
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.selection.selecting import Selecting
from cutout_widgets.widget.service.service import Service
from cutout_widgets.widget.shape import Shape
from cutout_widgets.widget.static_pages.displayed import Displayed
from cutout_widgets.widget.static_pages.front_end import FrontEnd
from cutout_widgets.widget.traits import Identifier, refusing

__all__ = ["GridModel"]

STATIC = Path(__file__).parents[1] / "static"

FIRST_PAGE_WAIT_S = 0.3
"""If the store is faster than this, the first page is part of the widget's first message."""


class GridModel(LabellingState, Shape, Labelled, Selecting, Displayed, anywidget.AnyWidget):
    """The state that kernel and views share, and the thread-safe methods that change it.

    Parameters
    ----------
    sources
        The rows.
    images
        The image store.
    region
        Size of the cutouts.
    labelling
        The labels.
    label_choices
        Labels with keys and buttons.
    state
        Initial values of the traits `page`, `page_size`, `sort`, `where`, `look`, `colormap`.
    snapshot
        Whether the first page is kept in the saved notebook.
    options
        Initial values of other traits, such as `layout`.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"
    _service: Service | None = None

    version = t.Int(protocol.VERSION, read_only=True).tag(sync=True)
    grid_id = t.Unicode().tag(sync=True)
    page = t.Int(0, help="0-based number of the page").tag(sync=True)
    page_size = t.Int(24, help="tiles a page").tag(sync=True)
    sort = t.Unicode(None, allow_none=True, help="column; a leading minus means descending").tag(sync=True)
    where = t.Unicode(None, allow_none=True, help="pandas query; None shows all rows").tag(sync=True)
    look = t.Any(help="name of a preset, or a Look").tag(
        sync=True, to_json=lambda value, _: getattr(value, "name", value)
    )
    colormap = t.Unicode(None, allow_none=True, help="for all panels; None: the look's own").tag(sync=True)
    inspected = Identifier(None, allow_none=True, help="id of the source in the inspector").tag(
        sync=True,
        to_json=lambda one, _: None if one is None else str(one),
        from_json=lambda one, _: one,
    )
    facets = t.List(t.Unicode(), help="columns with a histogram beside score and S/N").tag(sync=True)
    n_rows = t.Int(0, help="rows that pass the filter").tag(sync=True)
    n_total = t.Int(0, help="rows of the table").tag(sync=True)
    choices = t.Dict().tag(sync=True)
    palettes = t.Bytes().tag(sync=True)

    def __init__(
        self,
        sources: SourceTable,
        images: ImageStore,
        region: Region,
        labelling: Labelling,
        label_choices: Iterable[protocol.LabelChoice],
        state: dict[str, Any],
        *,
        snapshot: bool,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        owner = uuid.uuid4().hex
        self._pages = Pages(sources, images, region, shared_cache(), owner, labelling)
        self._journal = labelling
        self._offer(label_choices)
        self._own_looks: dict[str, Look] = {}
        self._wants_snapshot = snapshot
        self._adopting: int | None = None
        self._state_lock = threading.RLock()
        look = Look.of(state["look"])
        first = self._pages.within(
            protocol.Target(
                page=state["page"],
                page_size=state["page_size"],
                sort=state["sort"] or None,
                where=state["where"] or None,
                look=look.name,
            )
        )
        choices = choices_for(sources, look, labelling, self._label_choices, state["colormap"])
        super().__init__(
            model_id=owner,
            grid_id=owner,
            look=state["look"],
            colormap=state["colormap"],
            page=first["page"],
            page_size=first["page_size"],
            sort=first["sort"],
            where=first["where"],
            n_rows=len(self._pages.rows(first["where"], first["sort"])),
            n_total=len(sources),
            labelling=labelling.is_open,
            who=labelling.who,
            choices=dict(choices),
            palettes=palettes_of(choices["colormaps"]),
            **options,
        )
        _let_go_of_grids()
        if self.comm is not None:
            # ipykernel 7.4 would route the views' messages to the shell that published last: to the
            # main one, which may be busy. None makes it answer on the shell that received the message.
            self.comm._reply_subshell_for = None
        self._count_labels()
        self._front_end = FrontEnd(self._bundle, self._placeholder, self)
        self._service = Service(self)
        self.on_msg(lambda _, content, buffers: self._receive(content))
        replaced_cells.note(self)
        if snapshot:
            self._service.take_snapshot(FIRST_PAGE_WAIT_S)

    def close(self) -> None:
        """Stop the grid's threads, free its cutouts and remove it from the notebook."""
        if self._service is not None:
            self._service.close()
            self._front_end.close()
        self.below = []
        self.release()
        super().close()

    def refresh(self) -> None:
        """Read what others wrote to the journal, and apply filters on labels again."""
        self._follow_journal()
        with self._state_lock:
            rows = self._pages.rows(self.where, self.sort, anew=True)
            self._keep_selected(rows, self.where, self.sort)
            self.n_rows = len(self.shown)
            self.page = min(self.page, max(0, (self.n_rows - 1) // self.page_size))
            self._count_labels()

    @property
    def shown(self) -> SourceTable:
        """The rows that pass `where`, in the order of `sort`."""
        return self._pages.rows(self.where, self.sort)

    @property
    def _target(self) -> protocol.Target:
        """The current page."""
        with self._state_lock:
            return protocol.Target(
                page=self.page,
                page_size=self.page_size,
                sort=self.sort,
                where=self.where,
                look=Look.of(self.look).name,
            )

    def _look_named(self, name: str) -> Look:
        """Return a preset, or the user's own look of that name."""
        return self._own_looks.get(name) or Look.of(name)

    def _adopt(self, target: protocol.Target) -> None:
        """Set the state to what a view requested, in one message to all views."""
        with self._state_lock:
            self._adopting = threading.get_ident()
            try:
                with self.hold_sync():
                    self.where, self.sort = target["where"], target["sort"]
                    self.page_size, self.page = target["page_size"], target["page"]
                    self.n_rows = len(self.shown)
                    self._keep_selected(self.shown, self.where, self.sort)
                    self._count_labels()
                    if target["look"] != Look.of(self.look).name:
                        self.look = self._own_looks.get(target["look"], target["look"])
            finally:
                self._adopting = None

    def release(self) -> None:
        """Drop the cached cutouts; they are read again when needed."""
        shared_cache().release(self.grid_id)

    # --- inside -----------------------------------------------------------------------------------

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Apply values from a front end, or send it back the values that were kept."""
        try:
            super().set_state(sync_data)
        except (t.TraitError, ValueError, TypeError):
            self.send_state([name for name in sync_data if name in self.keys])
            raise

    def _receive(self, content: Any) -> None:
        if self._service is not None:
            self._service.broker.receive(content)

    @t.validate("look")
    @refusing
    def _check_look(self, proposal: Any) -> Any:
        look = proposal["value"]
        if isinstance(look, str) and look in self._own_looks:
            return self._own_looks[look]
        look = Look.of(look)
        if look.name in LOOKS and look == Look.of(look.name):
            return look.name
        if look.name in LOOKS:
            raise BadOption(f"your own look needs its own name; {look.name!r} is a preset")
        self._own_looks[look.name] = look
        return look

    @t.validate("where", "sort")
    @refusing
    def _check_rows(self, proposal: Any) -> str | None:
        value = proposal["value"]
        value = value.strip() or None if value is not None else None
        wanted = {"where": self.where, "sort": self.sort, proposal["trait"].name: value}
        is_new = self._adopting is None and value != getattr(self, proposal["trait"].name)
        self._pages.rows(wanted["where"], wanted["sort"], anew=is_new)
        return value

    @t.validate("facets")
    def _check_facets(self, proposal: Any) -> list[str]:
        for name in proposal["value"]:
            self._pages.sources.sort(name)  # raises for a hidden column, as its histogram would filter
            if np.asarray(self._pages.sources.values(name)).dtype.kind not in "iuf":
                raise BadOption(f"a histogram needs numbers; column {name!r} has none")
            if "`" in name:
                raise BadOption(f"a filter cannot name a column with a backtick: {name!r} has no histogram")
        return list(proposal["value"])

    @property
    def _table_of_captions(self) -> SourceTable:
        return self._pages.sources

    @t.observe("captions")
    def _follow_captions(self, change: Any) -> None:
        self._pages.captions = tuple(change["new"])
        self._renew_snapshot()

    @t.validate("page_size")
    @refusing
    def _check_page_size(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= LARGEST_PAGE:
            raise BadOption(f"a page holds 1 to {LARGEST_PAGE} tiles; got {proposal['value']}")
        return int(proposal["value"])

    @t.validate("page")
    @refusing
    def _check_page(self, proposal: Any) -> int:
        last = max(0, (len(self.shown) - 1) // self.page_size)
        if self._adopting is None and not 0 <= proposal["value"] <= last:
            raise BadOption(f"pages go from 0 to {last} here; got {proposal['value']}")
        return int(proposal["value"])

    @t.validate("colormap")
    @refusing
    def _check_colormap(self, proposal: Any) -> str | None:
        if proposal["value"]:
            palettes_of([proposal["value"]])
        return proposal["value"] or None

    @t.observe("where", "sort", "page_size", "page", "look", "colormap")
    def _follow(self, change: Any) -> None:
        """Update everything else when Python changes a trait; a view's request is already complete."""
        if self._service is None or self._adopting == threading.get_ident():
            return
        with self._state_lock:
            if change["name"] in ("where", "sort"):
                self.n_rows = len(self.shown)
                self._keep_selected(self.shown, self.where, self.sort)
                self._count_labels()
                self.page = 0
            elif change["name"] == "page_size" and change["old"]:
                self.page = self.page * change["old"] // change["new"]
            elif change["name"] in ("look", "colormap"):
                choices = choices_for(
                    self._pages.sources, Look.of(self.look), self._journal, self._label_choices, self.colormap
                )
                if dict(choices) != self.choices:
                    with self.hold_sync():
                        self.palettes, self.choices = palettes_of(choices["colormaps"]), dict(choices)
        if change["name"] != "colormap":
            self._renew_snapshot()


def _let_go_of_grids() -> None:
    """Remove anywidget's connection to front-end file changes, which keeps every grid alive until exit.

    anywidget makes it for each widget, although the files change only while the front end is developed.
    """
    if os.environ.get("ANYWIDGET_HMR") == "1":
        return
    for name in ("_esm", "_css"):
        changed = getattr(vars(GridModel)[name], "changed", None)
        if changed is not None:
            changed.disconnect()
