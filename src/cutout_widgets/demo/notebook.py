"""A notebook that opens a demo."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cutout_widgets.paths import path_to
from cutout_widgets.whole_file import whole_file

__all__ = ["write_notebook"]

_CELLS = (
    (
        "markdown",
        "# A demo sky\n\n"
        "Simulated images of known truth; the DiaSources were measured on them as a pipeline would. "
        "Run the cells (Shift+Enter), then click a tile, or press 1 for real and 2 for bogus.",
    ),
    (
        "code",
        "from pathlib import Path\n\n"
        "import cutout_widgets as cw\n"
        "from cutout_widgets import demo\n\n"
        "sky = demo.open_demo(Path.cwd())\n"
        "sources, images = sky.sources(), sky.images()\n"
        'cw.CutoutGrid(sources, images, size=30, labels="labels.jsonl")',
    ),
    (
        "markdown",
        "The truth is in a table of its own: what kind of thing each DiaSource is. `where` takes a "
        "pandas query over the columns of the catalogue; here are the likely real ones, best first.",
    ),
    (
        "code",
        'sky.truth_table()["kind"].value_counts()',
    ),
    (
        "code",
        'cw.CutoutGrid(sources.where("reliability > 0.9").sort("-snr"), images, size=30)',
    ),
)


def write_notebook(folder: str | os.PathLike[str]) -> Path:
    """Write a notebook that shows a demo into its folder, unless it exists; return its path.

    Parameters
    ----------
    folder
        Folder of a demo; the notebook opens the demo in its own folder.
    """
    path = path_to(folder, "the folder of a demo") / "demo.ipynb"
    if path.exists():
        return path
    cells: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(_CELLS):
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": f"demo-{number}",
            "metadata": {},
            "source": text.splitlines(keepends=True),
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell)
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    with whole_file(path) as draft:
        draft.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
    return path
