"""One run of `save_cutouts`: the state of every row, the tasks in flight, the end."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import warnings
from array import array
from collections.abc import Callable, Collection, Generator, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutWarning, NotWritable, sentence
from cutout_widgets.outputs import files
from cutout_widgets.outputs.arrays import ALL_SOURCES, EXPORTED_SOURCES, write_table
from cutout_widgets.outputs.blind_key import known_ids, write_key
from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.manifest import MANIFEST, RunningManifest, ids_saved_before, write_manifest
from cutout_widgets.outputs.provenance import write_provenance
from cutout_widgets.outputs.saved_files import SavedFiles
from cutout_widgets.outputs.saving import Outcome, Recipe, save_chunk
from cutout_widgets.stores.base import HoldsPixels

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Run"]

SOURCES_A_TASK = 256
"""Rows of a group that are one task: seconds of work, so that progress and Ctrl-C are prompt."""

State = Literal["todo", "present", "written", "failed"]
_STATES: tuple[State, ...] = ("todo", "present", "written", "failed")
_TODO, _PRESENT, _WRITTEN, _FAILED = range(4)

Places = NDArray[np.uint32]
"""Positions among the ids of a run."""

_Task = Future[list[Outcome]]


class Run:
    """Saves a table; what became of its rows can be read off afterwards.

    Parameters
    ----------
    table, images
        Rows and where their pixels are.
    recipe
        How to save them.
    executor
        Where tasks run; None = here.
    progress
        Whether to show a progress bar.
    repair
        Whether files that are there must also be whole to count.
    """

    def __init__(
        self,
        table: SourceTable,
        images: ImageStore,
        recipe: Recipe,
        executor: Executor | None,
        *,
        progress: bool,
        repair: bool,
    ) -> None:
        self.table, self.images, self.recipe = table, images, recipe
        self.executor, self.progress = executor, progress
        self.partial = Partial(recipe.root)
        self.saved_files = SavedFiles(recipe, look_inside=repair)
        self.ids, self.rows = _each_once(table)
        self.state = np.full(len(self.ids), _TODO, dtype=np.uint8)
        self.manifest: Path | None = None
        self._failed: dict[int, str] = {}
        self._incomplete: dict[int, str] = {}

    @property
    def failed(self) -> dict[int, str]:
        """Ids that could not be saved -> why, in table order."""
        return {int(self.ids[place]): self._failed[place] for place in sorted(self._failed)}

    @property
    def incomplete(self) -> dict[int, str]:
        """Ids that were saved although something is missing -> what, in table order."""
        return {int(self.ids[place]): self._incomplete[place] for place in sorted(self._incomplete)}

    def ids_in(self, *states: State) -> tuple[int, ...]:
        """Return the ids in some states, in table order."""
        return tuple(self.ids[np.isin(self.state, [_STATES.index(one) for one in states])].tolist())

    def go(self) -> None:
        """Save everything; an interrupt leaves whole files and a manifest of them.

        Raises
        ------
        NotWritable
            If the provenance or the manifest cannot be written.
        """
        files.clear_away(self.recipe.root)
        try:
            write_provenance(self.partial, self.recipe)
            try:
                self._save()
            except KeyboardInterrupt:
                self._look_again()
                raise
            finally:
                self._finish()
        except OSError as err:
            where = err.filename2 or err.filename or self.recipe.root
            raise NotWritable(f"cannot write to {where}: {err.strerror or err}") from err
        finally:
            self.partial.close()
            files.close(self.recipe.root)

    def _save(self) -> None:
        """Plan, run, note."""
        from tqdm.auto import tqdm

        running = None
        if self.recipe.layout.has_manifest:
            running = RunningManifest(self.partial.folder / f"manifest-{id(self)}.csv", self.recipe.layout)
        with tqdm(total=len(self.ids), unit="source", disable=not self.progress) as bar:
            try:
                tasks = self._tasks(self._plan(bar.update))
                with closing(self._outcomes(tasks)) as outcomes_of_tasks:
                    for places, outcomes in outcomes_of_tasks:
                        self._note(places, outcomes)
                        if running is not None:
                            running.add(self.ids[places[self.state[places] == _WRITTEN]].tolist())
                        bar.update(len(places))
            finally:
                if running is not None:
                    running.close()

    def _plan(self, skipped: Callable[[int], Any]) -> dict[Hashable, array[int]]:
        """Find out what is there already, and sort the rest into groups, by row numbers alone."""
        for place, id_ in enumerate(self.ids):
            if self.saved_files.of(int(id_)):
                self.state[place] = _PRESENT
        todo = np.flatnonzero(self.state == _TODO)
        skipped(len(self.ids) - len(todo))
        members: dict[Hashable, array[int]] = {}
        for place, source in zip(todo.tolist(), self.table.take(self.rows[todo]), strict=True):
            members.setdefault(self.images.group(source), array("I")).append(place)
        return members

    def _tasks(self, groups: dict[Hashable, array[int]]) -> Iterator[Places]:
        """Cut the groups into tasks."""
        for members in groups.values():
            places = np.asarray(members, dtype=np.uint32)
            for start in range(0, len(places), SOURCES_A_TASK):
                yield places[start : start + SOURCES_A_TASK]

    def _outcomes(self, tasks: Iterator[Places]) -> Generator[tuple[Places, Sequence[Outcome]]]:
        """Run the tasks, at most two for each worker at a time, and yield what becomes of them."""
        if self.executor is None:
            for places in tasks:
                yield places, save_chunk(list(self.table.take(self.rows[places])), self.images, self.recipe)
            return
        limit = 2 * _workers(self.executor)
        flying: dict[_Task, Places] = {}
        try:
            while True:
                for places in itertools.islice(tasks, limit - len(flying)):
                    with _ctrl_c_held_back():  # till it is known what was handed out
                        flying[self._submit(self.executor, places)] = places
                if not flying:
                    return
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    places = flying.pop(future)
                    yield places, _answer(future, self.executor, len(places))
        finally:
            _settle(flying, self.executor)

    def _submit(self, executor: Executor, places: Places) -> _Task:
        """Hand out a task; one that is not accepted has failed already, in words."""
        rows = list(self.table.take(self.rows[places]))
        images = self.images
        if isinstance(images, HoldsPixels):
            images = images.narrowed(rows)
        try:
            return executor.submit(_Anew(uuid4().hex), rows, images, self.recipe)
        except Exception as err:  # noqa: BLE001  broken, closed, cannot pickle: as its executor likes
            reason = f"the executor did not take it: {sentence(err)}; save again with another executor"
            refused: _Task = Future()
            refused.set_result([Outcome("failed", reason)] * len(rows))
            return refused

    def _note(self, places: Places, outcomes: Sequence[Outcome]) -> None:
        """Remember what became of rows."""
        for place, outcome in zip(places.tolist(), outcomes, strict=True):
            self.state[place] = _WRITTEN if outcome.state == "written" else _FAILED
            if outcome.state == "failed":
                self._failed[place] = outcome.reason
            elif outcome.reason:
                self._incomplete[place] = outcome.reason

    def _look_again(self) -> None:
        """Count what landed while an interrupt was on its way."""
        for place in np.flatnonzero(self.state == _TODO):
            if self.saved_files.now(int(self.ids[place])):
                self.state[place] = _WRITTEN

    def _finish(self) -> None:
        """Write the manifest in table order, the tables and the key."""
        recipe, layout, root = self.recipe, self.recipe.layout, self.recipe.root
        saved = self._with_figure()
        here = set(self.ids.tolist())
        if layout.blind_key is not None:
            everything = (*(id_ for id_ in known_ids(root) if id_ not in here), *saved)
            write_key(root, layout, everything)
            # In the order of the opaque names: that of the table may tell the answer.
            saved = tuple(sorted((id_ for id_ in everything if self.saved_files.now(id_)), key=layout.name))
        elif layout.has_manifest:
            before = (id_ for id_ in ids_saved_before(root / MANIFEST) if id_ not in here)
            saved = (*(id_ for id_ in before if self.saved_files.now(id_)), *saved)
        if layout.has_manifest:
            self.manifest = root / MANIFEST
            write_manifest(self.partial, self.manifest, layout, saved)
        if recipe.arrays and layout.blind_key is None:
            there = np.isin(self.state, (_PRESENT, _WRITTEN))
            write_table(self.partial, root / ALL_SOURCES, self.table, self.rows)
            write_table(self.partial, root / EXPORTED_SOURCES, self.table, self.rows[there])

    def _with_figure(self) -> tuple[int, ...]:
        """Return the ids whose figure is there, in table order: also that of an earlier run."""
        there = np.isin(self.state, (_PRESENT, _WRITTEN))
        for place in np.flatnonzero(~there):
            there[place] = self.saved_files.now(int(self.ids[place]))
        return tuple(self.ids[there].tolist())


def _each_once(table: SourceTable) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the ids of a table and their row numbers, repeated ids left out."""
    ids = table.ids
    _, first = np.unique(ids, return_index=True)
    if len(first) < len(ids):
        warnings.warn(
            f"{len(ids) - len(first)} rows repeat the id of an earlier row; the first row of each is saved",
            CutoutWarning,
            stacklevel=4,
        )
    rows = np.sort(first)
    return ids[rows], rows


@dataclass(frozen=True)
class _Anew:
    """`save_chunk`, unlike that of any other task: dask answers an equal one from memory, writing nothing."""

    name: str

    def __call__(self, rows: Sequence[DiaSource], images: ImageStore, recipe: Recipe) -> list[Outcome]:
        return save_chunk(rows, images, recipe)


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let a first Ctrl-C wait till a block has ended; a second one is let through."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield  # Ctrl-C comes elsewhere, or does nothing here
        return
    pressed: list[tuple[int, FrameType | None]] = []

    def pressed_now(number: int, frame: FrameType | None) -> None:
        pressed.append((number, frame))
        if len(pressed) > 1:
            usual(number, frame)

    signal.signal(signal.SIGINT, pressed_now)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if len(pressed) == 1:
            usual(*pressed[0])


def _answer(task: _Task, executor: Executor, n: int) -> Sequence[Outcome]:
    """Return what a task came to; one that died with its worker failed, in words."""
    try:
        return task.result()
    except Exception as err:  # noqa: BLE001  a lost worker raises whatever its executor likes
        if isinstance(err, BrokenExecutor):
            executor.shutdown()  # it is of no more use, and ends when its other workers write no more
        return [Outcome("failed", f"the worker gave no answer: {sentence(err)}")] * n


def _settle(flying: Collection[_Task], executor: Executor) -> None:
    """Cancel the tasks that have not begun, and wait for the others; a second interrupt ends that."""
    try:
        if _tells_what_runs(flying, executor):
            _cancel(flying)
        wait([task for task in flying if not task.cancelled()])
    except KeyboardInterrupt:
        _cancel(flying)
        raise


def _cancel(tasks: Collection[_Task]) -> None:
    """Cancel what can be cancelled."""
    for task in tasks:
        task.cancel()


def _tells_what_runs(flying: Collection[_Task], executor: Executor) -> bool:
    """Tell whether a task that has begun refuses to be cancelled.

    The standard library's do. Those of dask.distributed are pending till they are done: its cancelled
    tasks run on and write. Others are believed when one of their tasks says that it runs.
    """
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    if isinstance(executor, (ProcessPoolExecutor, ThreadPoolExecutor)):
        return True
    return any(task.running() for task in flying)


def _workers(executor: Executor) -> int:
    """Return how many tasks an executor runs at a time."""
    client = getattr(executor, "_client", None)
    if client is not None:  # dask.distributed's ClientExecutor
        with suppress(Exception):
            return max(1, int(sum(client.nthreads().values())))
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)
