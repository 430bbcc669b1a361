"""The picture of a page below its grid: out of sight while the grid is there, and in its place without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .conftest import PREPARED
from .lab import LOCAL, wait_for_page

PICTURE = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output img"
WIDE = "(one) => one.decode().then(() => one.naturalWidth > 300)"


def test_in_jupyterlab_the_picture_is_out_of_sight_and_takes_no_room(show, notebook):
    grid = show(
        "slow = SlowImages(images); grid = make(slow); print(grid.snapshot)", "grid", "print('below')"
    )
    notebook.ask_kernel("slow.open()")
    wait_for_page(grid, 0)
    picture = notebook.page.locator(PICTURE)
    notebook.page.wait_for_function(
        f"document.querySelector({PICTURE!r})?.naturalWidth > 300", timeout=30_000
    )  # once the page was read
    assert not picture.is_visible()
    row = picture.evaluate("(one) => one.closest('.jp-OutputArea-child').getBoundingClientRect().height")
    assert row < 8


def test_a_reopened_notebook_without_widget_state_shows_the_picture(show, notebook):
    show("grid = make(); grid").wait_for()
    path = notebook.page.evaluate(
        """async () => {
            const app = window.jupyterapp, panel = app.shell.currentWidget;
            await app.commands.execute('docmanager:save');
            await panel.sessionContext.shutdown();
            panel.close();
            return panel.context.path;
        }"""
    )
    saved = notebook.server.api("GET", f"/api/contents/{path}")
    del saved["content"]["metadata"]["widgets"]  # JupyterLab stores it only if its setting says so
    notebook.server.api("PUT", f"/api/contents/{path}", saved)
    notebook.page.evaluate(
        """async (path) => {
            const again = await window.jupyterapp.commands.execute('docmanager:open', { path });
            await again.context.ready; await again.sessionContext.ready;
        }""",
        path,
    )
    picture = notebook.page.locator(PICTURE)
    picture.wait_for()
    assert picture.evaluate(WIDE)


def test_a_converted_notebook_with_widget_state_shows_the_picture_offline(lab: Any, tmp_path: Path):
    import nbconvert
    import nbformat
    from nbconvert.preprocessors import ExecutePreprocessor

    cells = [nbformat.v4.new_code_cell(one) for one in (PREPARED, "make()")]
    executed = nbformat.v4.new_notebook(cells=cells)
    ExecutePreprocessor(kernel_name="python3").preprocess(executed, {})
    html, _ = nbconvert.HTMLExporter().from_notebook_node(executed)
    assert "widget-state+json" in html
    (tmp_path / "page.html").write_text(html, "utf-8")
    page = lab.page.context.browser.new_page()
    try:
        page.route("**/*", lambda one: one.continue_() if one.request.url.startswith(LOCAL) else one.abort())
        page.goto((tmp_path / "page.html").as_uri())
        picture = page.locator(".jp-OutputArea-output img")
        assert picture.is_visible()
        assert picture.evaluate(WIDE)
    finally:
        page.close()
