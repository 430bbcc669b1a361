"""A grid as one file that needs neither kernel nor network."""

from __future__ import annotations

import base64
import html
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.snapshot import whole_page

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["write_html"]

STATIC = Path(__file__).parents[1] / "static"

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body {{ margin: 12px; background: Canvas; }}
{css}</style>
<body>
<main id="cutouts"></main>
<script type="application/json" id="cutouts-state">{state}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def write_html(grid: Grid, path: Path, title: str) -> Path:
    """Write the page a grid shows, with the front end that draws it.

    Parameters
    ----------
    grid
        Its current page is read again, from memory if it is still there.
    path
        The file; it is whole or not there.
    title
        Of the page.

    Raises
    ------
    BadOption
        If the package was installed without its front end.
    """
    script = STATIC / "saved.js"
    if not script.is_file():
        raise BadOption(
            "a page without a notebook needs the front end, which was not bundled at installation; "
            "install Node.js 20 or newer with npm, then cutout_widgets again"
        )
    page, pixels = whole_page(grid, lambda: False)
    state = grid._wire_state | {
        "snapshot": page,
        "snapshot_pixels": pixels,
        "inspected": None,
        "labelling": False,
    }
    binary = {key: value for key, value in state.items() if isinstance(value, (bytes, memoryview))}
    saved = {
        "state": {key: value for key, value in state.items() if key not in binary},
        "bytes": {key: base64.b64encode(value).decode("ascii") for key, value in binary.items()},
    }
    text = PAGE.format(
        title=html.escape(title),
        css=(STATIC / "widget.css").read_text("utf-8"),
        # Inside a script element only "</" and "<!--" could end or change it.
        state=json.dumps(saved, allow_nan=False).replace("<", "\\u003c"),
        script=script.read_text("utf-8"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path
