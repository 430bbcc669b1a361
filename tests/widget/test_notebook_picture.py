"""A notebook converted or viewed without widgets shows the page as a picture."""

from __future__ import annotations

import base64
import re

import pytest

nbconvert = pytest.importorskip("nbconvert", reason="it comes with JupyterLab, in the dev group")

from .other_end import FIRST_ID  # noqa: E402


def notebook_of(grid, *, with_state: bool):
    """Return a notebook with the grid's output, as Jupyter saves it."""
    import nbformat

    data, _ = grid._repr_mimebundle_()
    data = {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }
    cell = nbformat.v4.new_code_cell("grid", outputs=[nbformat.v4.new_output("display_data", data)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    if with_state:
        state = {
            "state": {grid.model_id: {"model_name": "AnyModel", "model_module": "anywidget", "state": {}}}
        }
        notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    return notebook


def test_a_converted_notebook_shows_the_page_as_a_picture(grid):
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook_of(grid, with_state=False))
    (picture,) = re.findall(r'<img[^>]*src="data:image/png;base64,([^"]+)"', html)
    assert base64.b64decode(picture) == grid._picture()
    assert str(FIRST_ID) not in re.sub(r"<img[^>]*>", "", html), "nothing but the picture tells of the page"


def test_with_saved_widget_state_a_converter_prefers_the_widget(grid):
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook_of(grid, with_state=True))
    assert not re.findall(
        r"<img[^>]*data:image/png", html
    )  # docs/front_ends.md says how to leave the state out
    assert grid.model_id in html
