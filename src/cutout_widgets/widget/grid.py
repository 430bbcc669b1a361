"""`CutoutGrid`: cutouts page after page, in the notebook where the work already is."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.look import LOOKS, Look
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.registry import open_images
from cutout_widgets.widget import protocol, succession
from cutout_widgets.widget.choices import choices_for, palettes_of
from cutout_widgets.widget.labelling import Labelling
from cutout_widgets.widget.memory import shared_memory
from cutout_widgets.widget.pages import LARGEST_PAGE, Pages
from cutout_widgets.widget.service import Service

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.labels import LabelJournal
    from cutout_widgets.outputs.batch import Report
    from cutout_widgets.stores.base import ImageStore

__all__ = ["CutoutGrid"]

STATIC = Path(__file__).parents[1] / "static"

FIRST_PAGE_WAIT_S = 0.3
"""A store quicker than this has its first page in the widget's first message."""

WITHOUT_FRONT_END = (
    "If you see this text instead of pictures, the front end is missing here. In JupyterLab: install "
    "anywidget where the server runs (pip install --user anywidget), restart the server, reload the page."
)


class CutoutGrid(anywidget.AnyWidget):
    """Pages of template, science and difference cutouts of DiaSources.

    The last line of a cell displays it. Everything a control changes can be read and set from
    Python too, and observed as any trait.

    Parameters
    ----------
    sources
        Rows: a `SourceTable`, or anything `SourceTable.read` understands.
    images
        An image store, or a text that `open_images` understands.
    size
        How much to cut: pixels, an angle (Quantity), a `Region`; None for all of a stamp.
    labels
        A `LabelJournal`, or the path of one; None: sources cannot be labelled.
    classes
        The labels that the keys 1 to 9 give.
    look
        A preset's name or a `Look`.
    colormap
        One colormap for all panels; None: the look's own.
    page, page_size
        What to show first; pages count from 0.
    sort
        A column, with a minus in front for descending.
    where
        A pandas query.
    snapshot
        Whether the first page is kept in the saved notebook, so that it is seen without a kernel.

    Raises
    ------
    BadTable
        If the rows cannot be read, or `where` or `sort` is wrong.
    BadOption
        If an option has no meaning.

    Examples
    --------
    ::

        images = cw.open_images("alerts:alerts/*.avro")
        sources = cw.SourceTable.read(images)
        grid = cw.CutoutGrid(sources, images, size=30, labels="labels.jsonl")
        grid
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"

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
    selected = t.List(t.Int(), help="ids, in the order they were picked").tag(
        sync=True,
        to_json=lambda ids, _: [str(one) for one in ids],
        from_json=lambda ids, _: [int(one) for one in ids],
    )
    inspected = t.Int(None, allow_none=True, help="id of the source in the inspector").tag(
        sync=True,
        to_json=lambda one, _: None if one is None else str(one),
        from_json=lambda one, _: None if one is None else int(one),
    )
    n_rows = t.Int(0, help="rows that pass the filter").tag(sync=True)
    n_total = t.Int(0, help="rows of the table").tag(sync=True)
    labelling = t.Bool(False).tag(sync=True)
    choices = t.Dict().tag(sync=True)
    palettes = t.Bytes().tag(sync=True)
    snapshot = t.Dict(default_value=None, allow_none=True).tag(sync=True)
    snapshot_pixels = t.Bytes().tag(sync=True)

    def __init__(
        self,
        sources: Any,
        images: ImageStore | str,
        size: Any = 30,
        *,
        labels: LabelJournal | str | Path | None = None,
        classes: Iterable[str] = ("real", "bogus", "unsure"),
        look: str | Look = "documented",
        colormap: str | None = None,
        page: int = 0,
        page_size: int = 24,
        sort: str | None = None,
        where: str | None = None,
        snapshot: bool = True,
    ) -> None:
        table = SourceTable.read(sources)
        store = open_images(images) if isinstance(images, str) else images
        owner = uuid.uuid4().hex
        self.pages = Pages(table, store, Region.of(size), shared_memory(), owner)
        self.labelling_ = Labelling.of(labels, table)
        self._classes = tuple(classes)
        self._own_looks: dict[str, Look] = {}
        self._wants_snapshot = snapshot
        self._adopting: int | None = None
        self._state_lock = threading.RLock()
        self._service: Service | None = None
        used = Look.of(look)
        first = self.pages.within(
            {
                "page": page,
                "page_size": page_size,
                "sort": sort or None,
                "where": where or None,
                "look": used.name,
            }
        )
        choices = choices_for(table, used, self._classes, colormap)
        super().__init__(
            model_id=owner,
            grid_id=owner,
            look=look,
            colormap=colormap,
            **{key: first[key] for key in ("page", "page_size", "sort", "where")},  # type: ignore[literal-required]
            n_rows=len(self.pages.rows(first["where"], first["sort"])),
            n_total=len(table),
            labelling=labels is not None,
            choices=choices,
            palettes=palettes_of(choices["colormaps"]),
        )
        if self.comm is not None:
            # ipykernel 7.4 would send what the views ask to the shell that published last: to the
            # main one, which may be busy. None makes it answer where the message came in.
            self.comm._reply_subshell_for = None
        self._service = Service(self)
        self.on_msg(lambda _, content, buffers: self._receive(content))
        succession.note(self)
        if snapshot:
            self._service.take_snapshot(FIRST_PAGE_WAIT_S)

    # --- the Python face --------------------------------------------------------------------------

    @property
    def sources(self) -> SourceTable:
        """All rows."""
        return self.pages.sources

    @property
    def images(self) -> ImageStore:
        """Where the pixels come from."""
        return self.pages.images

    @property
    def shown(self) -> SourceTable:
        """The rows that pass `where`, in the order of `sort`."""
        return self.pages.rows(self.where, self.sort)

    @property
    def labels(self) -> pd.DataFrame:
        """The labels given so far, joined to the table by id."""
        return self.labelling_.frame()

    def inspect(self, id: int | None) -> None:
        """Open a source in the inspector of all views; None closes it.

        Raises
        ------
        BadTable
            If the table has no such row.
        """
        if id is not None:
            self.sources.row(int(id))
        self.inspected = None if id is None else int(id)

    def label(self, ids: int | Iterable[int], label: str | None) -> dict[int, str | None]:
        """Label sources; on return that is on disk.

        Parameters
        ----------
        ids
            One id or several.
        label
            Any word; None takes the label away.

        Returns
        -------
        dict
            Id -> label, of those that changed.

        Raises
        ------
        BadOption
            If the grid was made without `labels`.
        """
        changed = self.labelling_.label([ids] if isinstance(ids, int) else ids, label)
        self._tell_labels(changed)
        return changed

    def undo(self) -> dict[int, str | None]:
        """Take back the last labelling and return what the ids are labelled now."""
        changed = self.labelling_.undo()
        self._tell_labels(changed)
        return changed

    def save(self, output: str | Path, *, ids: Iterable[int] | None = None, **options: Any) -> Report:
        """Save what the grid shows as annotated PNGs with a manifest.

        Parameters
        ----------
        output
            Directory.
        ids
            Only these (``grid.selected``); by default all rows that pass `where`, in the order of `sort`.
        options
            As for `save_cutouts`; `sizes` and `look` are the grid's own unless given.
        """
        from cutout_widgets.outputs.batch import save_cutouts

        rows = self.shown
        if ids is not None:
            rows = self.sources.take([self.sources.place_of(int(one)) for one in ids])
        region = self.pages.region
        sizes = {"sizes": region.sizes} if region.unit == "px" and region.sizes else {"sizes": region}
        return save_cutouts(rows, self.images, output, **{"look": self.look, **sizes, **options})

    def to_html(self, path: str | Path, title: str = "Cutouts") -> Path:
        """Write the current page as one file that needs neither kernel nor network.

        Parameters
        ----------
        path
            Where; it is replaced as a whole.
        title
            Of the page.

        Returns
        -------
        Path
            The file.
        """
        from cutout_widgets.widget.export import write_html

        return write_html(self, Path(path), title)

    def light_curve(self) -> Any:
        """Return a bqplot figure of the inspected source's light curve, which follows the grid.

        Raises
        ------
        BadOption
            If the image store knows no histories.
        """
        from cutout_widgets.widget.curve import light_curve

        return light_curve(self)

    def close(self) -> None:
        """End the grid's threads, free what it keeps and remove it from the notebook."""
        if self._service is not None:
            self._service.close()
        self.release()
        super().close()

    # --- for the rooms beside this one ------------------------------------------------------------

    @property
    def target(self) -> protocol.Target:
        """The page that is shown."""
        with self._state_lock:
            return protocol.Target(
                page=self.page,
                page_size=self.page_size,
                sort=self.sort,
                where=self.where,
                look=Look.of(self.look).name,
            )

    @property
    def label_of(self) -> dict[int, str]:
        """Id -> label."""
        return self.labelling_.current

    def look_named(self, name: str) -> Look:
        """Return a preset, or the user's own look of that name."""
        return self._own_looks.get(name) or Look.of(name)

    def adopt(self, target: protocol.Target) -> None:
        """Make what a view asked for the state of the grid, in one message to all views."""
        with self._state_lock:
            self._adopting = threading.get_ident()
            try:
                with self.hold_sync():
                    self.where, self.sort = target["where"], target["sort"]
                    self.page_size, self.page = target["page_size"], target["page"]
                    self.n_rows = len(self.shown)
                    if target["look"] != Look.of(self.look).name:
                        self.look = self._own_looks.get(target["look"], target["look"])
            finally:
                self._adopting = None

    def keep_snapshot(self, page: protocol.PageAnswer | None, pixels: bytes) -> None:
        """Let a page ride in the notebook."""
        if page is not None:
            with self.hold_sync():
                self.snapshot, self.snapshot_pixels = dict(page), pixels

    def release(self) -> None:
        """Forget the cutouts that were read; they are read again when needed."""
        shared_memory().release(self.grid_id)

    # --- inside -----------------------------------------------------------------------------------

    def _receive(self, content: Any) -> None:
        if self._service is not None:
            self._service.desk.receive(content)

    def _tell_labels(self, changed: dict[int, str | None]) -> None:
        """Show labels in all views, whoever gave them."""
        answer = protocol.LabelAnswer(
            kind="done", of="label", labels={str(key): value for key, value in changed.items()}
        )
        self.send({**answer, "version": protocol.VERSION, "client": "", "request": 0})

    @t.validate("look")
    def _check_look(self, proposal: Any) -> Any:
        look = Look.of(proposal["value"]) if proposal["value"] not in self._own_looks else proposal["value"]
        if isinstance(look, str):
            return self._own_looks[look]
        if look.name in LOOKS and look == Look.of(look.name):
            return look.name
        if look.name in LOOKS:
            raise BadOption(f"a look of your own needs a name of its own; {look.name!r} is a preset")
        self._own_looks[look.name] = look
        return look

    @t.validate("where", "sort")
    def _check_rows(self, proposal: Any) -> str | None:
        value = proposal["value"]
        value = value.strip() or None if value is not None else None
        wanted = {"where": self.where, "sort": self.sort, proposal["trait"].name: value}
        self.pages.rows(wanted["where"], wanted["sort"])
        return value

    @t.validate("page_size")
    def _check_page_size(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= LARGEST_PAGE:
            raise BadOption(f"a page holds 1 to {LARGEST_PAGE} tiles; got {proposal['value']}")
        return int(proposal["value"])

    @t.validate("page")
    def _check_page(self, proposal: Any) -> int:
        last = max(0, (len(self.shown) - 1) // self.page_size)
        if self._adopting is None and not 0 <= proposal["value"] <= last:
            raise BadOption(f"pages go from 0 to {last} here; got {proposal['value']}")
        return int(proposal["value"])

    @t.validate("colormap")
    def _check_colormap(self, proposal: Any) -> str | None:
        if proposal["value"]:
            palettes_of([proposal["value"]])
        return proposal["value"] or None

    @t.observe("where", "sort", "page_size", "page", "look", "colormap")
    def _follow(self, change: Any) -> None:
        """Keep the rest in step when Python changes something; a view's wish comes complete."""
        if self._service is None or self._adopting == threading.get_ident():
            return
        with self._state_lock:
            if change["name"] in ("where", "sort"):
                self.n_rows = len(self.shown)
                self.page = 0
            elif change["name"] == "page_size" and change["old"]:
                self.page = self.page * change["old"] // change["new"]
            elif change["name"] in ("look", "colormap"):
                choices = choices_for(self.sources, Look.of(self.look), self._classes, self.colormap)
                if choices != self.choices:
                    with self.hold_sync():
                        self.palettes, self.choices = palettes_of(choices["colormaps"]), choices
        if self._wants_snapshot and not self._service.asked and change["name"] != "colormap":
            self._service.take_snapshot()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            with suppress(TypeError, KeyError):
                bundle[0]["text/plain"] = f"{self!r}\n{WITHOUT_FRONT_END}"
        return bundle

    def __repr__(self) -> str:
        where = f" where {self.where}" if self.where else ""
        return f"<CutoutGrid: {self.n_rows:,} of {self.n_total:,} sources{where}, page {self.page + 1}>"
