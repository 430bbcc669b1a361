"""Writing a grid as one HTML file that needs neither kernel nor network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption
from cutout_widgets.whole_file import whole_file
from cutout_widgets.widget.static_pages.saved_pages import checked_pages, packed, saved_pages_of

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["write_html", "write_png"]

STATIC = Path(__file__).parents[2] / "static"

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body {{ margin: 12px; background: Canvas; }}
{css}</style>
<body>
<main id="cutouts"></main>
<script type="application/json" id="cutouts-state">{state}</script>
<script type="text/plain" id="cutouts-data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data: blob:"
"""The page loads nothing, and runs only the one script written into it."""


def write_html(grid: Grid, path: Path, title: str, pages: int) -> Path:
    """Write some pages of a grid, together with the front end.

    Parameters
    ----------
    grid
        Its pages from the current one on are read again, from the cache where possible.
    path
        The file; it is written completely or not at all.
    title
        Title of the page.
    pages
        Number of pages.

    Raises
    ------
    BadOption
        If the package was installed without its front end, or `pages` is not a positive number.
    """
    script = STATIC / "saved.js"
    if not script.is_file():
        raise BadOption(
            "a page without a notebook needs the front end, which was not built at installation; "
            "install Node.js 20 or newer with npm, then cutout_widgets again"
        )
    content, arrays = saved_pages_of(grid, checked_pages(pages))
    state = _state_of(grid, content)
    binary = {key: value for key, value in state.items() if isinstance(value, (bytes, memoryview))}
    saved = {
        "state": {key: value for key, value in state.items() if key not in binary},
        "bytes": {key: base64.b64encode(value).decode("ascii") for key, value in binary.items()},
    }
    code = script.read_text("utf-8")
    text = PAGE.format(
        policy=POLICY.format(digest=base64.b64encode(hashlib.sha256(code.encode()).digest()).decode("ascii")),
        title=html.escape(title),
        css=(STATIC / "widget.css").read_text("utf-8"),
        # Inside a script element only "</" and "<!--" could end or change it.
        state=json.dumps(saved, allow_nan=False).replace("<", "\\u003c"),
        data=base64.b64encode(packed(content, arrays)).decode("ascii"),
        script=code,
    )
    write_whole(path, text.encode())
    return path


def write_png(grid: Grid, path: Path, dpi: int) -> Path:
    """Write the current page of a grid as a PNG for print."""
    from cutout_widgets.widget.snapshot import whole_page
    from cutout_widgets.widget.static_pages.picture import sheet_of
    from cutout_widgets.widget.static_pages.print_sheet import dots_of, print_sheet

    if not isinstance(dpi, int) or isinstance(dpi, bool) or not 50 <= dpi <= 1200:
        raise BadOption(f"dpi is a whole number from 50 to 1200; got {dpi!r:.60}")
    page, pixels = whole_page(grid, lambda: False)
    if page is None or not page["tiles"]:
        raise BadOption("there is no source to draw: no row passes the filter")
    look = grid._look_named(page["target"]["look"])
    sheet = sheet_of(page, pixels, look, grid.colormap, grid.panels, grid._journal, dots=dots_of(dpi))
    write_whole(path, print_sheet(sheet, len(grid.panels)))
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file completely, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as draft:
        draft.write_bytes(data)


def _state_of(grid: Grid, content: dict[str, Any]) -> dict[str, Any]:
    """Return the initial traits of the page; its rows are the whole table."""
    state = grid._wire_state
    choices, n = state["choices"], len(content["sources"])
    known = {*content["columns"], *choices["label_columns"].values()}
    return state | {
        "choices": choices
        | {
            "looks": [one for one in choices["looks"] if one["name"] == state["look"]],
            "columns": [one for one in choices["columns"] if one["name"] in known],
        },
        "snapshot": None,
        "snapshot_pixels": b"",
        "inspected": None,
        "selected": [],
        "below": [],
        "page": 0,
        "where": None,
        "n_rows": n,
        "n_total": n,
        "who": "",
        "labelling_problem": "",
    }
