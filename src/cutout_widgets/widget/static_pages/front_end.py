"""Detect whether the browser displays a grid, and show a picture instead if not."""

from __future__ import annotations

import base64
import html
import os
import sys
import threading
import uuid
import weakref
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["MISSING", "FrontEnd"]

MISSING = (
    "No front end shows this grid: JupyterLab has ipywidgets but not anywidget. Install it where the "
    "server runs (pip install --user anywidget), restart the server, reload the page, run the cell again."
)
THERE = "A front end shows this grid."
NOT_YET = (
    "No front end has responded yet: show the grid, wait a few seconds, then check again in another cell."
)
NO_NOTEBOOK = "This Python process has no notebook, so nothing can show a grid."

PATIENCE_S = 5.0
"""A kernel that is idle hears from the front end within this time after a grid is displayed."""

TICK_S = 0.5

_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class FrontEnd:
    """Tracks the outputs that show a grid, and repairs them if no view opens.

    A front end with ipywidgets but without anywidget shows an error instead of the grid, and reports nothing.

    Parameters
    ----------
    bundle
        Returns the MIME bundle of the grid.
    picture
        Returns the page as PNG bytes; empty without one.
    widget
        The grid, to be found in containers.
    """

    def __init__(
        self, bundle: Callable[[], dict[str, Any]], picture: Callable[[], bytes], widget: Any
    ) -> None:
        self._bundle = bundle
        self._picture = picture
        self._widget = weakref.ref(widget)
        self._heard = False
        self._closed = False
        self._is_mended = False
        self._clock: IdleClock | None = None
        self._displays: list[str] = []
        self._boxes: list[weakref.ref[Any]] = []
        self._stand_ins: list[tuple[Any, Any]] = []
        self._lock = threading.RLock()
        _BOXES.watch()

    @property
    def sentence(self) -> str:
        """The state as a sentence, with advice."""
        if self._heard:
            return THERE
        if _kernel() is None:
            return NO_NOTEBOOK
        return MISSING if self._is_mended or (self._clock is not None and self._clock.is_over) else NOT_YET

    def hear(self) -> None:
        """Note that a view has opened, and restore outputs that were replaced by a picture."""
        with self._lock:
            self._heard = True
            if not self._is_mended:
                return
            self._is_mended = False
            for display_id in self._displays:
                _publish(self._bundle(), display_id, update=True)
            for box, stand_in in self._stand_ins:
                box.children = [self._widget() if one is stand_in else one for one in box.children]
                stand_in.close()
            self._stand_ins.clear()

    def display(self) -> bool:
        """Display the grid in the running cell, in an updatable output; return False outside of Jupyter."""
        if _kernel() is None:
            return False
        display_id = uuid.uuid4().hex
        _publish(self._bundle(), display_id, update=False)
        with self._lock:
            self._displays.append(display_id)
        self._wait()
        return True

    def display_in(self, box: Any) -> None:
        """Note that a container with the grid in it is displayed."""
        with self._lock:
            if all(one() is not box for one in self._boxes):
                self._boxes.append(weakref.ref(box))
        self._wait()

    def close(self) -> None:
        """Stop waiting."""
        self._closed = True

    def _wait(self) -> None:
        """Start waiting for a view, unless that has already happened."""
        kernel = _kernel()
        with self._lock:
            if kernel is None or self._heard or self._is_mended or _shows_later():
                return
            if self._clock is not None and not self._clock.is_over:
                return
            self._clock = IdleClock(kernel.io_loop, self._mend, lambda: self._heard or self._closed)

    def _mend(self) -> None:
        """Replace the outputs by a picture of the page and an explanation."""
        with self._lock:
            grid = self._widget()
            if self._heard or self._closed or grid is None:
                return
            self._is_mended = True
            page = self._page()
            for display_id in self._displays:
                _publish({"text/plain": MISSING, "text/html": page}, display_id, update=True)
            for box in filter(None, (one() for one in self._boxes)):
                self._stand_in(box, page)

    def _stand_in(self, box: Any, page: str) -> None:
        from ipywidgets import HTML

        grid = self._widget()
        for one in containers_of(box):
            if any(child is grid for child in one.children):
                stand_in = HTML(value=page)
                one.children = [stand_in if child is grid else child for child in one.children]
                self._stand_ins.append((one, stand_in))

    def _page(self) -> str:
        picture = base64.b64encode(self._picture()).decode("ascii")
        image = (
            f'<img src="data:image/png;base64,{picture}" alt="The page of the grid" style="max-width:100%">'
        )
        return f'<p role="alert">{html.escape(MISSING)}</p>' + (image if picture else "")


class IdleClock:
    """Calls a function after the kernel has been idle for `PATIENCE_S`.

    A busy kernel receives no messages from views either, so only ticks on time count.

    Parameters
    ----------
    loop
        The kernel's event loop.
    ring
        The function to call, in that loop.
    is_left
        Returns True if the call is no longer wanted.
    """

    def __init__(self, loop: Any, ring: Callable[[], None], is_left: Callable[[], bool]) -> None:
        self.is_over = False
        self._loop = loop
        self._ring = ring
        self._is_left = is_left
        self._idle_s = 0.0
        self._due = 0.0
        loop.add_callback(self._arm)  # safe from other threads

    def _arm(self) -> None:
        self._due = self._loop.time() + TICK_S
        self._loop.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        in_time = self._loop.time() - self._due < TICK_S
        self._idle_s = self._idle_s + TICK_S if in_time else 0.0
        if self._is_left():
            self.is_over = True
        elif self._idle_s < PATIENCE_S:
            self._arm()
        else:
            self.is_over = True
            self._ring()


class _Boxes:
    """Tracks every displayed container of widgets, because widgets inside are not displayed separately."""

    def __init__(self) -> None:
        self._formatters: weakref.WeakSet[Any] = weakref.WeakSet()

    def watch(self) -> None:
        """Hook into the display of containers in the running IPython, once; all else is unchanged."""
        shell = _shell()
        if _kernel() is None or shell is None:
            return
        formatter = shell.display_formatter.mimebundle_formatter
        if formatter in self._formatters:
            return
        from ipywidgets import Box

        self._formatters.add(formatter)
        formatter.for_type(Box, self._bundle_of)

    def _bundle_of(self, box: Any, **kwargs: Any) -> Any:
        for one in containers_of(box):
            for child in one.children:
                front_end = getattr(child, "_front_end", None)
                if isinstance(front_end, FrontEnd):
                    front_end.display_in(box)
        return box._repr_mimebundle_(**kwargs)


_BOXES = _Boxes()


def containers_of(box: Any) -> Iterator[Any]:
    """Return a container and all containers in it."""
    seen: set[int] = set()
    waiting = [box]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and hasattr(one, "children"):
            seen.add(id(one))
            yield one
            waiting += one.children


def _shell() -> Any:
    ipython: Any = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _kernel() -> Any:
    """Return the kernel that runs this Python if it has an event loop, else None."""
    kernel = getattr(_shell(), "kernel", None)
    return kernel if hasattr(kernel, "io_loop") else None


def _shows_later() -> bool:
    """Return whether the browser connects long after the kernel has run all cells, as with voila."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def _publish(data: dict[str, Any], display_id: str, *, update: bool) -> None:
    _shell().display_pub.publish(data, transient={"display_id": display_id}, update=update)
