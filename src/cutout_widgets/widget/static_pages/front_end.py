"""Detect whether the browser displays a grid, and show a picture instead if not."""

from __future__ import annotations

import base64
import html
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from cutout_widgets.widget.static_pages import notebook
from cutout_widgets.widget.static_pages.notebook import Output, publish

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

_ADVICE = f'<p role="alert">{html.escape(MISSING)}</p>'

PATIENCE_S = 5.0
"""A kernel that is idle hears from the front end within this time after a grid is displayed."""

TICK_S = 0.5

FALLBACKS = ("text/plain", "image/png")
"""What an output holds of a grid beside the widget."""


class FrontEnd:
    """Tracks the outputs that show a grid, and repairs them if no view opens.

    A front end with ipywidgets but without anywidget shows an error instead of the grid, and reports nothing.

    Parameters
    ----------
    bundle
        Returns the MIME bundle of the grid.
    placeholder
        Returns a PNG that stands for the page while it is read; None otherwise.
    widget
        The grid, to be found in containers.
    """

    def __init__(
        self, bundle: Callable[[], dict[str, Any]], placeholder: Callable[[], bytes | None], widget: Any
    ) -> None:
        self._bundle = bundle
        self._placeholder = placeholder
        self._widget = weakref.ref(widget)
        self._heard = False
        self._closed = False
        self._is_mended = False
        self._clock: IdleClock | None = None
        self._outputs: list[Output] = []
        self._unfinished: list[str] = []
        self._boxes: list[weakref.ref[Any]] = []
        self._stand_ins: list[tuple[Any, Any]] = []
        self._lock = threading.RLock()
        _BOXES.watch()

    @property
    def sentence(self) -> str:
        """The state as a sentence, with advice."""
        if self._heard:
            return THERE
        if notebook.kernel() is None:
            return NO_NOTEBOOK
        return MISSING if self._is_mended or (self._clock is not None and self._clock.is_over) else NOT_YET

    def hear(self) -> None:
        """Note that a view has opened, and restore outputs that were replaced by a picture."""
        with self._lock:
            self._heard = True
            if not self._is_mended:
                return
            self._is_mended = False
            bundle = self._bundle()
            for output in self._outputs:
                publish(_widget_of(bundle, output), output.widget, update=True)
            for box, stand_in in self._stand_ins:
                box.children = [self._widget() if one is stand_in else one for one in box.children]
                stand_in.close()
            self._stand_ins.clear()

    def display(self) -> bool:
        """Display the grid in the running cell, in an updatable output; return False outside of Jupyter.

        Where the front end hides it (JupyterLab, Notebook 7) or nobody looks (nbconvert), the picture is an
        output of its own: of one output, a converter that has the widget's state shows the widget alone,
        which needs scripts from the network, and a reopened notebook without that state shows nothing.
        """
        if notebook.kernel() is None:
            return False
        with self._lock:
            bundle, waiting = self._bundle(), self._placeholder()
            is_apart = notebook.stacks_outputs() or notebook.runs_unattended()
            output = Output.new(is_apart=is_apart and ("image/png" in bundle or waiting is not None))
            self._outputs.append(output)
            publish(_widget_of(bundle, output), output.widget, update=False)
            if output.picture is not None:
                publish({"image/png": waiting, **_fallbacks_of(bundle)}, output.picture, update=False)
                self._unfinished += [] if "image/png" in bundle else [output.picture]
        self._wait()
        return True

    def complete(self) -> None:
        """Show the page in outputs that were displayed before it was read."""
        with self._lock:
            unfinished, self._unfinished = self._unfinished, []
            if unfinished:
                page = _fallbacks_of(self._bundle())
                for display_id in unfinished:
                    publish(page, display_id, update=True)

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
        kernel = notebook.kernel()
        with self._lock:
            if kernel is None or self._heard or self._is_mended or notebook.shows_later():
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
            for output in self._outputs:
                told = {"text/plain": MISSING, "text/html": page if output.picture is None else _ADVICE}
                publish(told, output.widget, update=True)
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
        picture = base64.b64encode(self._bundle().get("image/png", b"")).decode("ascii")
        image = (
            f'<img src="data:image/png;base64,{picture}" alt="The page of the grid" style="max-width:100%">'
        )
        return _ADVICE + (image if picture else "")


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
        shell = notebook.shell()
        if notebook.kernel() is None or shell is None:
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


def _widget_of(bundle: dict[str, Any], output: Output) -> dict[str, Any]:
    """Return what the output of the widget holds."""
    if output.picture is None:
        return bundle
    return {kind: value for kind, value in bundle.items() if kind not in FALLBACKS}


def _fallbacks_of(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return what the output of the picture holds."""
    return {kind: value for kind, value in bundle.items() if kind in FALLBACKS}
