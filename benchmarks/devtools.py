"""Chromium driven over its DevTools protocol alone: Playwright's network log slows a page."""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.browser.lab import CHROMIUM_FLAGS, JupyterServer, find_chromium, free_port

__all__ = ["Page", "chromium", "jupyter", "open_notebook"]


class Page:
    """A page of Chromium, driven over the DevTools protocol."""

    def __init__(self, address: str) -> None:
        import websocket

        self._socket = websocket.create_connection(address, suppress_origin=True, timeout=120)
        self._numbers = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def evaluate(self, expression: str) -> Any:
        """Evaluate JavaScript, also promises."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SystemExit(str(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def wait(self, expression: str, limit_s: float = 180.0) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + limit_s
        while not self.evaluate(f"!!({expression})"):
            if time.monotonic() > end:
                raise SystemExit(f"this did not come true in {limit_s:g} s: {expression}")
            time.sleep(0.2)

    def press(self, key: str) -> None:
        """Press and release Enter or a key that types a letter."""
        if key == "Enter":
            code, text = {"code": key, "windowsVirtualKeyCode": 13}, "\r"
        else:
            code, text = {"code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}, key
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, **code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    def type(self, text: str) -> None:
        """Type a text into the element that has the focus."""
        self.call("Input.insertText", text=text)

    def mouse(self, kind: str, x: float, y: float, **options: Any) -> None:
        """Dispatch a mouse event."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **options)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def chromium(folder: Path) -> Iterator[Page]:
    """Start Chromium with one page."""
    found, port = find_chromium(), free_port()
    if found is None:
        raise SystemExit("no Chromium was found")
    options = [f"--remote-debugging-port={port}", f"--user-data-dir={folder}", "--window-size=1600,1300"]
    process = subprocess.Popen(
        [found, *CHROMIUM_FLAGS, *options, "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 90
        targets: list[dict[str, Any]] = []
        while not targets and time.monotonic() < end:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                targets = [one for one in json.load(answer) if one["type"] == "page"]
            time.sleep(0.1)
        page = Page(targets[0]["webSocketDebuggerUrl"])
        yield page
        page.close()
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def jupyter() -> Iterator[tuple[JupyterServer, Path]]:
    """Run JupyterLab in a temporary folder; yield the server and the folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        (folder / "notebooks").mkdir()
        server = JupyterServer(folder / "notebooks")
        try:
            yield server, folder
        finally:
            server.close()


def open_notebook(page: Page, server: JupyterServer, cell: str, ready: str) -> None:
    """Run a cell in JupyterLab, and wait until a JavaScript expression is true."""
    name = server.put_notebook([cell])
    page.call("Emulation.setFocusEmulationEnabled", enabled=True)
    page.call("Page.navigate", url=f"{server.url}/lab/tree/{name}?reset")
    page.wait("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait(ready)
    time.sleep(2)  # JupyterLab's own work after opening a notebook
