"""Run the tutorials and store the pictures that their cells show, so that a viewer of notebooks has them.

    uv run python tools/store_pictures.py [notebooks/01_quickstart.ipynb ...]

Only cells whose output nbval does not compare get pictures; other outputs are kept, and stored for
new cells. A picture is at most 900 pixels wide, 700 high and 40 kB, so that a notebook stays small. The
notebook of the Butler needs the group `rubin-dev`.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

ROOT = Path(__file__).parents[1]
LARGEST_WIDTH = 900
LARGEST_HEIGHT = 700
LARGEST_BYTES = 40_000
N_COLOURS = 64
DPI = 80
LONGEST_TEXT = 80


def as_png(widget: Any) -> dict[str, Any]:
    """Return the page of a grid, or of the first grid in a box of widgets, as a picture."""
    if hasattr(widget, "to_png"):
        with tempfile.TemporaryDirectory() as folder:
            png = Path(widget.to_png(Path(folder) / "page.png", dpi=DPI)).read_bytes()
        return {"image/png": base64.b64encode(png).decode("ascii")}
    for child in getattr(widget, "children", ()):
        if found := as_png(child):
            return found
    return {}


def small(png: bytes) -> bytes:
    """Return a picture with few colours, no wider than the text of a page."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture)
    made = page.convert("RGB")
    if made.width > LARGEST_WIDTH:
        made = made.resize(
            (LARGEST_WIDTH, round(made.height * LARGEST_WIDTH / made.width)), Image.Resampling.LANCZOS
        )
    made = made.crop((0, 0, made.width, min(made.height, LARGEST_HEIGHT)))
    while True:
        stream = io.BytesIO()
        made.quantize(N_COLOURS, dither=Image.Dither.NONE).save(stream, "png", optimize=True)
        if stream.tell() <= LARGEST_BYTES:
            return stream.getvalue()
        made = made.resize((round(made.width * 0.9), round(made.height * 0.9)), Image.Resampling.LANCZOS)


def pictures(outputs: list[Any]) -> list[dict[str, Any]]:
    """Return the outputs that have a picture, as those of a stored cell."""
    kept = []
    for output in outputs:
        data = output.get("data", {})
        found = data.get("image/png") or data.get("image/gif")  # the first frame of a movie
        if found:
            text = str(data.get("text/plain", "")).partition("\n")[0][:LONGEST_TEXT]
            png = base64.b64encode(small(base64.b64decode(found))).decode("ascii")
            kept.append(
                {
                    "data": {"image/png": png, "text/plain": [text]},
                    "metadata": {},
                    "output_type": "display_data",
                }
            )
    return kept


def store(path: Path, folder: str) -> None:
    """Run one notebook in a folder, and write it with its pictures."""
    stored = json.loads(path.read_text("utf-8"))
    made = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as profile:
        startup = Path(profile) / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "pictures.py").write_text(
            f"import sys\nsys.path += {[str(ROOT / 'docs'), str(ROOT / 'tools')]}\n"
            "import site_grids, store_pictures\n"
            "site_grids.watch(get_ipython(), store_pictures.as_png)\ndel sys, site_grids, store_pictures\n",
            "utf-8",
        )
        os.environ["IPYTHONDIR"] = profile
        NotebookClient(made, timeout=600, resources={"metadata": {"path": folder}}).execute()
    for cell, run in zip(stored["cells"], made.cells, strict=True):
        if "nbval-ignore-output" in cell["metadata"].get("tags", []):
            cell["outputs"] = pictures(run.outputs) or cell["outputs"]
        elif cell["cell_type"] == "code" and not cell["outputs"]:  # a new one
            cell["outputs"] = [one for one in run.outputs if "image/png" not in one.get("data", {})]
        if cell.get("outputs"):
            cell["execution_count"] = run.execution_count  # nbval refuses outputs of cells that never ran
    path.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as shared:  # they share the demo's sky
        for name in sys.argv[1:] or sorted(map(str, ROOT.glob("notebooks/*.ipynb"))):
            store(Path(name), shared)
