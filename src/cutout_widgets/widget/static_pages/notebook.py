"""The notebook that runs this Python: its kernel, its outputs, and who runs its cells."""

from __future__ import annotations

import os
import sys
import uuid
from typing import Any, NamedTuple

__all__ = ["Output", "kernel", "publish", "runs_unattended", "shell", "shows_later", "stacks_outputs"]


class Output(NamedTuple):
    """Ids of what a cell displays of one grid."""

    widget: str
    picture: str | None
    """None: the picture is in the same output as the widget."""

    @classmethod
    def new(cls, *, is_apart: bool) -> Output:
        """Return new ids."""
        return cls(uuid.uuid4().hex, uuid.uuid4().hex if is_apart else None)


def shell() -> Any:
    """Return the running IPython, or None."""
    ipython: Any = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def kernel() -> Any:
    """Return the kernel that runs this Python if it has an event loop, else None."""
    found = getattr(shell(), "kernel", None)
    return found if hasattr(found, "io_loop") else None


def publish(data: dict[str, Any], display_id: str, *, update: bool) -> None:
    """Display a MIME bundle in the running cell, or replace one that was displayed before."""
    shell().display_pub.publish(data, transient={"display_id": display_id}, update=update)


def shows_later() -> bool:
    """Return whether the browser connects long after the kernel has run all cells, as with voila."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def runs_unattended() -> bool:
    """Return whether a program runs the cell, such as nbconvert or papermill: it cannot answer a question."""
    return _request()["content"].get("allow_stdin") is False and not shows_later()


def stacks_outputs() -> bool:
    """Return whether JupyterLab or Notebook 7 runs the cell: alone they list the cells that were deleted."""
    return "deletedCells" in _request()["metadata"]


def _request() -> dict[str, dict[str, Any]]:
    """Return the message that runs the cell."""
    parent: dict[str, Any] = getattr(shell(), "get_parent", dict)() or {}
    return {key: parent.get(key) or {} for key in ("content", "metadata")}
