"""The display of a grid: in a cell, in a saved notebook, as a picture."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_type_hints

import traitlets as t

from cutout_widgets.display.look import Look
from cutout_widgets.paths import path_to
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.static_pages import notebook
from cutout_widgets.widget.static_pages.front_end import MISSING, FrontEnd

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid
    from cutout_widgets.widget.service.service import Service

__all__ = ["Displayed"]

WITHOUT_FRONT_END = f"If you see this text instead of pictures: {MISSING}"

UNATTENDED_WAIT_S = 120.0
"""Maximum wait for the page when a program runs the notebook."""

MOST_IN_A_PICTURE = 36
"""Maximum tiles of the picture, which is stored in the notebook beside the page."""


class Displayed(t.HasTraits):
    """The synced state that is stored in the notebook, and how Jupyter displays a grid."""

    snapshot = t.Dict(default_value=None, allow_none=True).tag(sync=True)
    snapshot_pixels = t.Bytes().tag(sync=True)

    _front_end: FrontEnd
    _service: Service | None
    _wants_snapshot: bool
    get_state: Any
    hold_sync: Any

    def check_front_end(self) -> str:
        """Return whether the browser displays this grid, and if not, what to do.

        Returns
        -------
        str
            One or two sentences. Call it in a separate cell, some seconds after the cell that shows the grid.
        """
        return self._front_end.sentence

    def to_html(self, path: str | Path, title: str = "Cutouts", *, pages: int = 1) -> Path:
        """Write pages as one HTML file that needs neither kernel nor network.

        In the file, pages can be turned, sorted, filtered and inspected; if the grid has labels, sources can
        be labelled there too, and the labels downloaded as a journal.

        Parameters
        ----------
        path
            The file; an existing one is replaced.
        title
            Title of the page.
        pages
            Number of pages of the grid, starting at the current one.

        Returns
        -------
        Path
            The file.

        Notes
        -----
        Pixels are rounded to a sixteenth of their noise; variances and PSFs are not written.
        """
        from cutout_widgets.widget.static_pages.export import write_html

        return write_html(cast("Grid", self), path_to(path, "the page to write"), title, pages)

    def to_png(self, path: str | Path, *, dpi: int = 300) -> Path:
        """Write the current page as a PNG for print.

        Parameters
        ----------
        path
            The file; an existing one is replaced.
        dpi
            Dots per inch; rounded to hundreds, so that each pixel is a whole number of dots.

        Returns
        -------
        Path
            The file.
        """
        from cutout_widgets.widget.static_pages.export import write_png

        return write_png(cast("Grid", self), path_to(path, "the picture to write"), dpi)

    def _greeted(self) -> None:
        """Note that a view has opened."""
        self._front_end.hear()

    @property
    def _wire_state(self) -> dict[str, Any]:
        """The traits that the front end reads, in wire form."""
        return {
            key: value for key, value in self.get_state().items() if key in get_type_hints(protocol.State)
        }

    def _keep_snapshot(self, page: protocol.PageAnswer | None, pixels: bytes) -> None:
        """Store a page in the notebook."""
        if page is not None:
            with self.hold_sync():
                self.snapshot, self.snapshot_pixels = dict(page), pixels
            self._front_end.complete()

    def _renew_snapshot(self) -> None:
        """Store the current page in the notebook: at once, or later if a view has requested pages."""
        if self._wants_snapshot and self._service is not None:
            self._service.renew_snapshot()

    def _picture(self) -> bytes:
        """Return the page stored in the notebook as PNG bytes; empty without one."""
        from cutout_widgets.widget.static_pages.picture import draw_sheet, sheet_of

        page, grid = self.snapshot, cast("Grid", self)
        if not page or not page["tiles"]:
            return b""
        look: Look = grid._look_named(page["target"]["look"])
        about = (look, grid.colormap, grid.panels, grid._journal)
        return draw_sheet(sheet_of(page, self.snapshot_pixels, *about, MOST_IN_A_PICTURE), self._mark)

    def _placeholder(self) -> bytes | None:
        """Return a white PNG that the front end knows as this grid's, while the page is read; else None."""
        from cutout_widgets.widget.static_pages.picture import BLANK, draw_sheet

        return draw_sheet(BLANK, self._mark) if self._is_read_later else None

    @property
    def _is_read_later(self) -> bool:
        """Whether the page that is stored in the notebook is still to come."""
        return self._wants_snapshot and not self.snapshot

    @property
    def _mark(self) -> dict[str, str]:
        """A text in the picture, by which the front end finds the picture of the grid that it shows."""
        return {"Comment": f"cutouts {cast('Grid', self).grid_id}"}

    def _bundle(self) -> dict[str, Any]:
        """Return the MIME bundle: the widget, and a picture or text for viewers without widgets."""
        bundle: dict[str, Any] = self._repr_mimebundle_()[0]
        return bundle

    def _ipython_display_(self) -> None:
        """Display the grid in an output that can be updated later, if possible."""
        if self._is_read_later and self._service is not None and notebook.runs_unattended():
            self._service.take_snapshot(UNATTENDED_WAIT_S)  # the program does not wait for it
        if not self._front_end.display():
            raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]  # anywidget's
        if bundle is not None:
            with suppress(TypeError, KeyError):
                bundle[0]["text/plain"] = f"{self!r}\n{WITHOUT_FRONT_END}"
                if picture := self._picture():
                    bundle[0]["image/png"] = picture
        return bundle
