"""JupyterLab in an environment with ipywidgets and without anywidget, as on the Rubin Science Platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import PREPARED
from .lab import JupyterServer, Lab

OUTPUTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output"
MENDED = "JupyterLab has ipywidgets but not anywidget"


@pytest.fixture(scope="module")
def bare(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab of its own, in which the front end of anywidget is switched off."""
    server = JupyterServer(tmp_path_factory.mktemp("bare"), without=["anywidget"])
    try:
        page = lab.page.context.browser.new_page(viewport={"width": 1500, "height": 1100})
        yield Lab(page, server)
        page.context.close()
    finally:
        server.close()


def test_an_undrawn_output_becomes_a_picture_and_says_what_to_install(bare):
    bare.open([PREPARED, "grid = make(); grid", "print('other output stays')"])
    output = bare.page.locator(OUTPUTS)
    output.get_by_text(MENDED).wait_for()
    picture = output.locator("img")
    assert picture.evaluate("(one) => one.complete && one.naturalWidth > 300")
    assert output.get_by_text("pip install --user anywidget").count() == 1
    assert bare.page.get_by_text("javascript error").count() == 0
    assert output.get_by_text("other output stays").count() == 1
    assert MENDED in bare.ask_kernel("print(grid.check_front_end())")
    bare.close_notebook()


def test_a_grid_inside_a_box_is_replaced_in_place(bare):
    bare.open(
        [
            PREPARED,
            "import ipywidgets as w; grid = make(); box = w.HBox([w.VBox([w.Label('above'), grid])]); box",
        ]
    )
    output = bare.page.locator(OUTPUTS)
    output.get_by_text(MENDED).wait_for()
    assert output.get_by_text("above").is_visible()
    assert output.locator("img").evaluate("(one) => one.complete && one.naturalWidth > 300")
    assert bare.page.get_by_text("javascript error").count() == 0
    bare.close_notebook()


def test_a_saved_notebook_keeps_the_replaced_output(bare):
    bare.open([PREPARED, "grid = make(); grid"])
    bare.page.locator(OUTPUTS).get_by_text(MENDED).wait_for()
    bare.save_and_reopen()
    output = bare.page.locator(OUTPUTS)
    output.get_by_text(MENDED).wait_for()
    assert output.locator("img").evaluate("(one) => one.decode().then(() => one.naturalWidth > 300)")
    bare.close_notebook()


def test_the_kernel_knows_when_a_front_end_draws_the_grid(show, notebook):
    show("grid = make(); grid").wait_for()
    assert notebook.ask_kernel("print(grid.check_front_end())") == "A front end shows this grid."
