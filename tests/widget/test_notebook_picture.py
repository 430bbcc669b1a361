"""A notebook converted or viewed without widgets shows the page as a picture."""

from __future__ import annotations

import base64
import re
import struct

import pytest

nbconvert = pytest.importorskip("nbconvert", reason="it comes with JupyterLab, in the dev group")

from .other_end import FIRST_ID  # noqa: E402

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def notebook_of(grid):
    """Return a notebook with the grid's output, as a front end without widgets saves it."""
    import nbformat

    data, _ = grid._repr_mimebundle_()
    data = {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }
    cell = nbformat.v4.new_code_cell("grid", outputs=[nbformat.v4.new_output("display_data", data)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    return notebook


def test_a_converted_notebook_shows_the_page_as_a_picture(grid):
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook_of(grid))
    (picture,) = re.findall(r'<img[^>]*src="data:image/png;base64,([^"]+)"', html)
    assert base64.b64decode(picture) == grid._picture()
    assert str(FIRST_ID) not in re.sub(r"<img[^>]*>", "", html), "nothing but the picture tells of the page"


RUN = """
import numpy as np
import cutout_widgets as cw
from cutout_widgets.testing import SlowImages
ids = [9007199254740993, 9007199254740994]
images = cw.ArrayImages.from_stamps(ids, *np.arange(3 * 2 * 8 * 8, dtype=float).reshape(3, 2, 8, 8))
rows = {"diaSourceId": ids, "ra": [53.0, 53.0], "dec": [-28.0, -28.0]}
"""


def run(*cells: str):
    """Run a notebook as ``jupyter nbconvert --execute`` does, with widget state, and return it."""
    import nbformat
    from nbconvert.preprocessors import ExecutePreprocessor

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in (RUN, *cells)])
    ExecutePreprocessor(timeout=120, kernel_name="python3").preprocess(notebook, {})
    return notebook


LATE = """
slow = SlowImages(images)
late = cw.CutoutGrid(rows, slow, 8)
assert not late.snapshot
slow.open()
late
"""


def test_a_notebook_run_by_nbconvert_shows_the_page_without_the_network():
    notebook = run("fast = cw.CutoutGrid(rows, images, 8); fast", LATE)
    assert len(notebook.metadata["widgets"][STATE]["state"]) >= 2
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    pictures = re.findall(r'<img[^>]*src="data:image/png;base64,([^"]+)"', html)
    sizes = [struct.unpack(">II", base64.b64decode(one)[16:24]) for one in pictures]
    assert sizes[0][0] > 500, "two tiles beside each other"
    assert sizes == [sizes[0], sizes[0]], "also of a store that is slow"


def test_a_grid_that_stores_no_page_is_one_output():
    notebook = run("cw.CutoutGrid(rows, images, 8, snapshot=False)")
    (output,) = notebook.cells[-1].outputs
    assert {"text/plain", VIEW} == set(output["data"])
