"""A Jupyter server and a headless Chromium, and a driver for JupyterLab in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]

LOCAL = ("http://127.0.0.1", "http://localhost", "data:", "blob:", "file:")

KERNELS = ["--KernelManager.transport=ipc"] if sys.platform == "linux" else []
"""Kernels with sockets in the file system.

A TCP port is chosen a second before the kernel opens it. If a browser or another server takes it in between,
the kernel ends, and JupyterLab waits a minute for its answer. Elsewhere paths may be too long for sockets.
"""

SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "kernelShutdown": True},
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
}


def find_chromium() -> str | None:
    """Return a Chromium that is installed, or None."""
    wanted = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in wanted if name and (found := shutil.which(name))), None)


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class JupyterServer:
    """A JupyterLab server of our own, with settings of its own.

    Parameters
    ----------
    root
        Folder of its notebooks.
    python
        Interpreter that has JupyterLab and the package.
    without
        Extensions of JupyterLab that are switched off, as if they were not installed where it runs.
    """

    def __init__(self, root: Path, python: str = sys.executable, without: Sequence[str] = ()) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="jupyter-"))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        for name, setting in SETTINGS.items():
            path = self.home / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(setting))
        if without:
            page = self.home / "config" / "labconfig" / "page_config.json"
            page.parent.mkdir(parents=True)
            page.write_text(json.dumps({"disabledExtensions": dict.fromkeys(without, True)}))
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "spaces",
        }
        environment = os.environ | {key: str(self.home / name) for key, name in folders.items()}
        self._log = (self.home / "server.log").open("wb")
        options = [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
            f"--ServerApp.root_dir={root}",
            "--ServerApp.terminals_enabled=False",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=",
            *KERNELS,
        ]
        self._process = subprocess.Popen(
            [python, "-m", "jupyterlab", *options],
            env=environment | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=root,
        )
        try:
            self._wait_until_up()
        except BaseException:
            self.close()
            raise

    def _wait_until_up(self) -> None:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the Jupyter server ended: {self.log()[-4000:]}")
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/api", timeout=2):
                return
            time.sleep(0.1)
        raise TimeoutError(self.log()[-4000:])

    def log(self) -> str:
        """Return the log of the server."""
        return (self.home / "server.log").read_text(errors="replace")

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the server's REST interface."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            data = answer.read()
        return json.loads(data) if data else None

    def put_notebook(self, cells: Sequence[str]) -> str:
        """Store a notebook of code cells and return its name."""
        import nbformat  # absent where no browser test runs, and pytest imports this file all the same

        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        name = f"test-{uuid.uuid4().hex[:8]}.ipynb"
        content = json.loads(nbformat.writes(notebook))
        self.api("PUT", f"/api/contents/{name}", {"type": "notebook", "format": "json", "content": content})
        return name

    def close(self) -> None:
        """End the server, its kernels, and remove its folders."""
        with contextlib.suppress(OSError, urllib.error.URLError):
            for kernel in self.api("GET", "/api/kernels"):
                self.api("DELETE", f"/api/kernels/{kernel['id']}")
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(5)
        self._log.close()
        shutil.rmtree(self.home, ignore_errors=True)


class Lab:
    """JupyterLab in one browser page that stays open: a test opens notebooks in it.

    Parameters
    ----------
    page
        A Playwright page.
    server
        The server to open.
    """

    def __init__(self, page: Any, server: JupyterServer) -> None:
        self.page = page
        self.server = server
        self.left_the_machine: list[str] = []
        """Addresses the browser asked for that are not on this machine; all were refused."""
        self.errors: list[str] = []
        """Uncaught errors of the page."""
        page.set_default_timeout(30_000)
        page.context.route("**/*", self._only_local)
        page.on("pageerror", lambda error: self.errors.append(f"{error.message} {error.stack}"))
        page.goto(f"{server.url}/lab?reset", wait_until="domcontentloaded")
        page.wait_for_function("window.jupyterapp?.restored")
        page.evaluate("() => window.jupyterapp.restored")

    def _only_local(self, route: Any) -> None:
        if route.request.url.startswith(LOCAL):
            route.continue_()
        else:
            self.left_the_machine.append(route.request.url)
            route.abort()

    def open(self, cells: Sequence[str], *, run: bool = True) -> str:
        """Open a new notebook, wait for its kernel, run it to the end."""
        name = self.server.put_notebook(cells)
        self.page.evaluate(
            """async (path) => {
                const app = window.jupyterapp;
                const panel = await app.commands.execute('docmanager:open', { path });
                await panel.context.ready; await panel.sessionContext.ready;
            }""",
            name,
        )
        self.wait_idle()
        if run:
            self.run_all()
        return name

    def run_all(self) -> None:
        """Run all cells and wait until the kernel has nothing left to do."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.wait_idle()

    def start_all(self) -> None:
        """Run all cells and do not wait."""
        self.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def wait_idle(self) -> None:
        """Wait until the kernel of the notebook in front is idle; an error says what is in front."""
        from playwright.sync_api import TimeoutError

        try:
            self.page.wait_for_function(
                "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
            )
        except TimeoutError as err:
            front = self.page.evaluate(
                """() => {
                    const widget = window.jupyterapp.shell.currentWidget;
                    const kernel = widget?.sessionContext?.session?.kernel;
                    return `${widget?.title.label}: kernel ${kernel?.status}, ${kernel?.connectionStatus}`;
                }"""
            )
            err.add_note(f"in front is {front}; the server's log ends with\n{self.server.log()[-2000:]}")
            raise

    def ask_kernel(self, code: str) -> str:
        """Run code in the kernel, outside of the notebook, and return what it printed."""
        answer: str = self.page.evaluate(
            """async (code) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                let text = '';
                const future = kernel.requestExecute({ code, store_history: false });
                future.onIOPub = (msg) => {
                    if (msg.header.msg_type === 'stream') text += msg.content.text;
                    if (msg.header.msg_type === 'error') text += msg.content.traceback.join('\\n');
                };
                await future.done;
                return text;
            }""",
            code,
        )
        return answer.strip()

    def restart_kernel(self) -> None:
        """Restart the kernel of the notebook in front."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_idle()

    def save_and_reopen(self) -> None:
        """Save the notebook in front, end its kernel, and open it again without running it."""
        self.page.evaluate(
            """async () => {
                const app = window.jupyterapp;
                const panel = app.shell.currentWidget;
                const path = panel.context.path;
                await app.commands.execute('docmanager:save');
                await panel.sessionContext.shutdown();
                panel.close();
                const again = await app.commands.execute('docmanager:open', { path });
                await again.context.ready; await again.sessionContext.ready;
            }"""
        )

    def set_theme(self, name: str) -> None:
        """Switch JupyterLab's theme."""
        self.page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name
        )
        light = "false" if "Dark" in name else "true"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def close_notebook(self) -> None:
        """Shut down the kernel of the notebook in front and close it."""
        self.page.evaluate(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                if (!panel?.sessionContext) return;
                await panel.sessionContext.shutdown();
                panel.context.model.dirty = false;
                panel.close();
            }"""
        )

    def cutouts(self, at: int = 0) -> Any:
        """Return one of the grids in the notebook in front."""
        return self.page.locator(
            ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output [data-testid=cutouts]"
        ).nth(at)


def wait_for_page(grid: Any, number: int, state: str = "ready") -> None:
    """Wait until a grid shows a page (0-based) and is in a state."""
    grid.and_(grid.page.locator(f'[data-state="{state}"][data-page="{number}"]')).wait_for(state="attached")


@contextlib.contextmanager
def open_lab(root: Path, chromium: str) -> Iterator[Lab]:
    """Start server and browser, yield JupyterLab, and stop both."""
    from playwright.sync_api import sync_playwright

    server = JupyterServer(root)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
            try:
                page = browser.new_page(viewport={"width": 1500, "height": 1100})
                yield Lab(page, server)
            finally:
                browser.close()
    finally:
        server.close()
