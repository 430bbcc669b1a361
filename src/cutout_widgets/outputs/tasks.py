"""Submit tasks to an executor, collect their results, cancel them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import sentence
from cutout_widgets.outputs.saving import Outcome, Recipe
from cutout_widgets.outputs.signals import STOPS

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Task", "UniqueTask", "answer", "settle", "split", "workers_of"]

Task = Future[list[Outcome]]


@dataclass(frozen=True)
class UniqueTask:
    """A task that differs from every other: dask would return the cached result of an equal one."""

    name: str
    work: Callable[[Any, ImageStore, Recipe], list[Outcome]]

    def __call__(self, rows: Any, images: ImageStore, recipe: Recipe) -> list[Outcome]:
        """Save some rows."""
        return self.work(rows, images, recipe)


def split(groups: Iterable[Sequence[int]], rows: int, most: int) -> Iterator[NDArray[np.uint32]]:
    """Split the rows of groups into tasks.

    Parameters
    ----------
    groups
        Numbers of the rows of each group.
    rows
        Maximum rows per task.
    most
        Maximum groups per task; a group with more rows than a task takes is split.

    Yields
    ------
    ndarray of uint32
        Numbers of the rows of a task; those of a group are together.
    """
    together: list[NDArray[np.uint32]] = []
    for group in groups:
        places = np.asarray(group, dtype=np.uint32)
        for start in range(0, len(places), rows):
            part = places[start : start + rows]
            if together and (len(together) == most or sum(map(len, together)) + len(part) > rows):
                yield np.concatenate(together)
                together = []
            together.append(part)
    if together:
        yield np.concatenate(together)


def answer(task: Task, executor: Executor, n: int) -> Sequence[Outcome]:
    """Return the result of a task; if its worker died, failures with the reason."""
    try:
        return task.result()
    except Exception as err:  # noqa: BLE001  each executor raises its own error for a lost worker
        if isinstance(err, BrokenExecutor):
            executor.shutdown()  # it cannot be used any more; wait until its other workers stop writing
        return [Outcome("failed", f"the worker returned no result: {sentence(err)}")] * n


def settle(flying: Collection[Task], executor: Executor) -> None:
    """Cancel the tasks that have not begun, and wait for the others; a second interrupt stops the wait."""
    try:
        if _reports_running(flying, executor):
            _cancel(flying)
        wait([task for task in flying if not task.cancelled()])
    except STOPS:
        _cancel(flying)
        raise


def _cancel(tasks: Collection[Task]) -> None:
    """Cancel tasks where possible."""
    for task in tasks:
        task.cancel()


def _reports_running(flying: Collection[Task], executor: Executor) -> bool:
    """Return whether a running task refuses to be cancelled.

    Those of the standard library do. dask.distributed reports tasks as pending until they are done, and
    cancelled ones continue to run and write. Other executors are trusted once a task says that it is running.
    """
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    if isinstance(executor, (ProcessPoolExecutor, ThreadPoolExecutor)):
        return True
    return any(task.running() for task in flying)


def workers_of(executor: Executor) -> int:
    """Return how many tasks an executor runs at once."""
    client = getattr(executor, "_client", None)
    if client is not None:  # dask.distributed's ClientExecutor
        with suppress(Exception):
            return max(1, int(sum(client.nthreads().values())))
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)
