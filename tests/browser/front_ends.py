"""Front ends other than JupyterLab: how each shows a notebook with one grid."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .conftest import PREPARED
from .lab import LOCAL, JupyterServer, free_port

GRID = "grid = make(labels='labels.jsonl', label_after_ms=0)"


@contextlib.contextmanager
def served(command: list[str], folder: Path, url: str) -> Iterator[None]:
    """Run a server until its address answers, and end it."""
    log = folder / "server.log"
    home = {
        key: str(folder / key.lower()) for key in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | home, stdout=said, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            end = time.monotonic() + 90
            while time.monotonic() < end:
                assert process.poll() is None, log.read_text(errors="replace")[-3000:]
                with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=30):
                    break
                time.sleep(0.2)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


@contextlib.contextmanager
def visited(browser: Any, url: str) -> Iterator[Any]:
    """Open an address in a fresh browser that reaches this machine alone."""
    context = browser.new_context(viewport={"width": 1500, "height": 1100})
    page = context.new_page()
    page.set_default_timeout(60_000)
    context.route(
        "**/*",
        lambda route: route.continue_() if route.request.url.startswith(LOCAL) else route.abort(),
    )
    page.goto(url, wait_until="domcontentloaded")
    try:
        yield page
    finally:
        context.close()


def write_notebook(folder: Path, made: str) -> Path:
    """Write a notebook of two cells, not run."""
    import nbformat

    cells = [nbformat.v4.new_code_cell(one) for one in (PREPARED, made)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "one.ipynb"
    nbformat.write(notebook, path)
    return path


@contextlib.contextmanager
def notebook_7(browser: Any, folder: Path, made: str = f"{GRID}; grid") -> Iterator[Any]:
    """Jupyter Notebook 7: its own application on the server of JupyterLab."""
    write_notebook(folder, made)
    server = JupyterServer(folder)
    try:
        with visited(browser, f"{server.url}/notebooks/one.ipynb") as page:
            page.wait_for_function("window.jupyterapp?.restored")
            page.wait_for_function(
                "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
            )
            page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
            yield page
    finally:
        server.close()


@contextlib.contextmanager
def voila(browser: Any, folder: Path, made: str = f"{GRID}; grid") -> Iterator[Any]:
    """Voila: the notebook as a web page."""
    path, port = write_notebook(folder, made), free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [
        sys.executable,
        "-m",
        "voila",
        path.name,
        "--no-browser",
        f"--port={port}",
        "--Voila.ip=127.0.0.1",
    ]
    with served([*command, "--token="], folder, f"{url}voila/static/main.js"), visited(browser, url) as page:
        yield page


def write_marimo(folder: Path, shown: str) -> Path:
    """Write a marimo notebook of two cells."""
    body = textwrap.indent(f"import marimo as mo\n{PREPARED}\n{GRID}", "    ")
    path = folder / "one.py"
    path.write_text(
        "import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():\n"
        f"{body}\n    return grid, mo\n\n\n@app.cell\ndef _(grid, mo):\n    {shown}\n    return\n\n\n"
        "if __name__ == '__main__':\n    app.run()\n"
    )
    return path


def marimo(mode: str, shown: str) -> Callable[[Any, Path], Any]:
    """Marimo: ``run`` shows an application, ``edit`` the notebook."""

    @contextlib.contextmanager
    def opened(browser: Any, folder: Path) -> Iterator[Any]:
        path, port = write_marimo(folder, shown), free_port()
        url = f"http://127.0.0.1:{port}"
        options = ["--headless", "--no-token", "--host", "127.0.0.1", "--port", str(port), "--no-sandbox"]
        options += ["--skip-update-check"] if mode == "edit" else []
        command = [sys.executable, "-m", "marimo", "-y", mode, path.name, *options]
        with served(command, folder, f"{url}/health"), visited(browser, url) as page:
            if mode == "edit":
                page.locator(".cm-content").first.wait_for()
                page.keyboard.press("Control+Shift+R")
            yield page

    return opened


@contextlib.contextmanager
def exported_by_marimo(browser: Any, folder: Path) -> Iterator[Any]:
    """The HTML of ``marimo export``; what it loads from the network comes from marimo's own folder here."""
    import marimo as package

    path, static = write_marimo(folder, "grid"), Path(package.__file__).parent / "_static"
    command = [sys.executable, "-m", "marimo", "-y", "export", "html", path.name, "-o", "one.html"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    page = browser.new_page()
    page.set_default_timeout(60_000)

    def answer(route: Any) -> None:
        _, is_theirs, name = route.request.url.partition("/dist/")
        if is_theirs and (static / name).is_file():
            route.fulfill(path=static / name)
        elif route.request.url.startswith(LOCAL):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto((folder / "one.html").as_uri())
    try:
        yield page
    finally:
        page.close()


FRONT_ENDS: dict[str, tuple[str, Callable[[Any, Path], Any]]] = {
    "Notebook 7": ("notebook", notebook_7),
    "voila": ("voila", voila),
    "marimo run": ("marimo", marimo("run", "grid")),
    "marimo edit": ("marimo", marimo("edit", "grid")),
    "marimo, mo.ui.anywidget": ("marimo", marimo("run", "mo.ui.anywidget(grid)")),
}
"""Name -> the package it needs, and how it is opened."""
