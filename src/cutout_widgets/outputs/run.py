"""One run of `save_cutouts`: the state of every row, the running tasks, the end."""

from __future__ import annotations

import itertools
import warnings
from array import array
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import closing, contextmanager
from functools import partial as bound
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutWarning, NotWritable, require, sentence
from cutout_widgets.outputs import files
from cutout_widgets.outputs.arrays import ALL_SOURCES, EXPORTED_SOURCES, table_bytes
from cutout_widgets.outputs.blind_key import add_to_key
from cutout_widgets.outputs.files import Partial, facts_of, read_plain
from cutout_widgets.outputs.provenance import write_provenance
from cutout_widgets.outputs.record import GONE, Part, joined, parts_of
from cutout_widgets.outputs.run_end import Pieces, RunEnd, known_files, purpose_of
from cutout_widgets.outputs.saved_files import SavedFiles, is_there
from cutout_widgets.outputs.saving import Outcome, Recipe, save_chunk
from cutout_widgets.outputs.signals import STOPS, held_back, sigterm_stops
from cutout_widgets.outputs.tasks import Task, UniqueTask, answer, settle, split, workers_of
from cutout_widgets.stores.base import HasIndex, HoldsPixels

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.outputs.stamps.saved_index import SavedStamps
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Run"]

SOURCES_A_TASK = 256
"""Maximum rows per task: seconds of work, so that progress and Ctrl-C are prompt."""

WATCHED_SOURCES_A_TASK = 16
"""Maximum rows per task in an interactive run, which the user may stop."""

GROUPS_A_TASK = 16
"""Maximum groups per task of an executor: sending a task takes as long as drawing a few figures."""

State = Literal["todo", "present", "written", "failed"]
_STATES: tuple[State, ...] = ("todo", "present", "written", "failed")
_TODO, _PRESENT, _WRITTEN, _FAILED = range(4)

Places = NDArray[np.uint32]
"""Indices into the ids of a run."""


class Run:
    """Saves a table, and keeps the outcome of its rows.

    Parameters
    ----------
    table, images
        Rows and their image store.
    recipe
        How to save them.
    executor
        Executor of the tasks; None = this process.
    progress
        Whether to show a progress bar; or a function called with the number of sources done and in total.
    repair
        Whether existing files count only if they are intact.
    manifest_rows
        Maximum rows per manifest; None = all in one.
    """

    work: Callable[[Any, ImageStore, Recipe], list[Outcome]] = staticmethod(save_chunk)
    """The function of a task, at module level so that it can be sent to workers."""

    def __init__(
        self,
        table: SourceTable,
        images: ImageStore,
        recipe: Recipe,
        executor: Executor | None,
        *,
        progress: bool | Callable[[int, int], object],
        repair: bool,
        manifest_rows: int | None = None,
    ) -> None:
        self.table, self.images, self.recipe = table, images, recipe
        self.executor, self.progress = executor, progress
        self.partial = Partial(recipe.root)
        self.repair, self.manifest_rows = repair, manifest_rows
        self.ids, self.rows = _each_once(table)
        self.state = np.full(len(self.ids), _TODO, dtype=np.uint8)
        self.manifests: list[Path] = []
        self._written: dict[str, str] = {}
        self._failed: dict[int, str] = {}
        self._incomplete: dict[int, str] = {}

    @property
    def failed(self) -> dict[int, str]:
        """Ids that could not be saved -> the reason, in table order."""
        return {int(self.ids[place]): self._failed[place] for place in sorted(self._failed)}

    @property
    def incomplete(self) -> dict[int, str]:
        """Ids that were saved although something is missing -> what, in table order."""
        return {int(self.ids[place]): self._incomplete[place] for place in sorted(self._incomplete)}

    def ids_in(self, *states: State) -> tuple[int, ...]:
        """Return the ids with one of these states, in table order."""
        return tuple(self.ids[np.isin(self.state, [_STATES.index(one) for one in states])].tolist())

    def go(self) -> None:
        """Save everything; after Ctrl-C or SIGTERM, complete files and their manifest remain.

        Raises
        ------
        NotWritable
            If the provenance or the manifest cannot be written.
        BadTable
            If the record of files is damaged.
        """
        root = self.recipe.root
        files.clear_away(root)
        self.before = known_files(root)
        for part in parts_of(root):
            self.before = joined(self.before, part.entries)
        self.saved_files = self._look_for_files()
        self.part = Part(self.partial, purpose_of(self.recipe.layout, self.manifest_rows))
        with sigterm_stops():
            try:
                write_provenance(self.partial, self.recipe)
                self._save_and_finish()
            except OSError as err:
                where = err.filename2 or err.filename or root
                raise NotWritable(f"cannot write to {where}: {err.strerror or err}") from err
            finally:
                self.partial.close()
                files.close(root)

    def _look_for_files(self) -> SavedFiles | SavedStamps:
        """Return an index of the existing files."""
        return SavedFiles(self.recipe, self.before, look_inside=self.repair)

    def _rows(self, places: Places) -> Sequence[DiaSource] | SourceTable:
        """Return the rows of a task, to be sent to a worker."""
        return list(self.table.take(self.rows[places]))

    def _save_and_finish(self) -> None:
        """Save, and always write a manifest of the existing files at the end."""
        try:
            self._save()
        except STOPS:
            self._look_again()
            raise
        finally:
            self._finish()

    def _save(self) -> None:
        """Plan the tasks, run them, and note their outcomes."""
        with self._advancing() as advance:
            tasks = self._tasks(self._plan(advance))
            with closing(self._outcomes(tasks)) as outcomes_of_tasks:
                for places, outcomes in outcomes_of_tasks:
                    self._note(places, outcomes)
                    advance(len(places))

    @contextmanager
    def _advancing(self) -> Iterator[Callable[[int], Any]]:
        """Yield a function that advances the progress bar by a number of sources."""
        if callable(self.progress):
            report_progress, done = self.progress, 0

            def advance(n: int) -> None:
                nonlocal done
                done += n
                report_progress(done, len(self.ids))

            yield advance
            return
        require("tqdm", "the progress of saving")
        from tqdm.auto import tqdm

        with tqdm(total=len(self.ids), unit="source", disable=not self.progress) as bar:
            yield bar.update

    def _plan(self, skipped: Callable[[int], Any]) -> dict[Hashable, array[int]]:
        """Find existing files, and group the other rows by image, as row numbers."""
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
        """Split the groups into tasks; for an executor, small groups go together."""
        size = WATCHED_SOURCES_A_TASK if callable(self.progress) else SOURCES_A_TASK
        # Stores that hold pixels send those of a whole task with it.
        alone = self.executor is None or isinstance(self.images, HoldsPixels)
        return split(groups.values(), size, 1 if alone else GROUPS_A_TASK)

    def _outcomes(self, tasks: Iterator[Places]) -> Generator[tuple[Places, Sequence[Outcome]]]:
        """Run the tasks, at most two per worker at a time, and yield their outcomes."""
        if self.executor is None:
            for places in tasks:
                yield places, self.work(self._rows(places), self.images, self.recipe)
            return
        limit = 2 * workers_of(self.executor)
        flying: dict[Task, Places] = {}
        try:
            while True:
                for places in itertools.islice(tasks, limit - len(flying)):
                    with held_back():  # until the submitted tasks are known
                        flying[self._submit(self.executor, places)] = places
                if not flying:
                    return
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    places = flying.pop(future)
                    yield places, answer(future, self.executor, len(places))
        finally:
            settle(flying, self.executor)

    def _submit(self, executor: Executor, places: Places) -> Task:
        """Submit a task; if it is refused, return a failed one with the reason."""
        rows = self._rows(places)
        images = self.images
        if isinstance(images, HoldsPixels):
            images = images.narrowed(list(rows))
        elif isinstance(images, HasIndex):
            images = images.for_rows(list(rows))
        try:
            return executor.submit(UniqueTask(uuid4().hex, self.work), rows, images, self.recipe)
        except Exception as err:  # noqa: BLE001  broken, closed, cannot pickle: each executor has its own
            reason = f"the executor refused the task: {sentence(err)}; save again with another executor"
            refused: Task = Future()
            refused.set_result([Outcome("failed", reason)] * len(rows))
            return refused

    def _note(self, places: Places, outcomes: Sequence[Outcome]) -> None:
        """Store the outcomes of rows."""
        for place, outcome in zip(places.tolist(), outcomes, strict=True):
            self.state[place] = _WRITTEN if outcome.state == "written" else _FAILED
            if outcome.state == "failed":
                self._failed[place] = outcome.reason
            elif outcome.reason:
                self._incomplete[place] = outcome.reason
        landed = {name: facts for outcome in outcomes for name, facts in outcome.files}
        self.part.add(landed)
        self._written.update(landed)

    def _look_again(self) -> None:
        """Count files that were written while an interrupt arrived."""
        for place in np.flatnonzero(self.state == _TODO):
            if self.saved_files.now(int(self.ids[place])):
                self.state[place] = _WRITTEN

    def _finish(self) -> None:
        """Write the record, the manifest in table order, the tables and the key."""
        layout, saved = self.recipe.layout, self._with_figure()
        tables: dict[str, Pieces] = {}
        if self.recipe.arrays and layout.blind_key is None:
            there = np.isin(self.state, (_PRESENT, _WRITTEN))
            tables[f"{ALL_SOURCES}"] = bound(table_bytes, self.table, self.rows)
            tables[f"{EXPORTED_SOURCES}"] = bound(table_bytes, self.table, self.rows[there])
        key = None if layout.blind_key is None else bound(add_to_key, self.recipe.root, layout, saved)
        ending = RunEnd(self.partial, layout, self.manifest_rows, tables, key)
        names = ending.leave(self.part, {**self._gone(saved), **self._own(saved)}, self.before)
        self.manifests = [self.recipe.root / name for name in names if layout.has_manifest]

    def _own(self, saved: Sequence[int]) -> dict[str, str]:
        """Return the files of the sources that have a figure, in table order, with length and checksum."""
        own: dict[str, str] = {}
        for id_ in saved:
            for name in self.saved_files.names(id_):
                facts = self._written.get(name) or self.before.get(name)
                if facts is None and is_there(
                    self.recipe.root, name
                ):  # from a run that was killed, or older than records
                    facts = facts_of(read_plain(self.recipe.root / name))
                if facts is not None:
                    own[name] = facts
        return {**own, **self._written}

    def _gone(self, saved: Sequence[int]) -> dict[str, str]:
        """Return the files of sources whose figure was removed since it was written, and warn about them."""
        root, layout = self.recipe.root, self.recipe.layout
        own = set(map(layout.figure_name, self.ids.tolist()))
        figures = [name for name in self.before if name.startswith("images/")]
        gone = set(figures) & own - set(map(layout.figure_name, saved))
        others = [name for name in figures if name not in own and not is_there(root, name)]
        if others:
            warnings.warn(
                f"{len(others)} figures of earlier runs are no longer in {root}, the first is {others[0]}: "
                "their rows are removed from the manifest",
                CutoutWarning,
                stacklevel=5,
            )
        gone.update(others)
        if not gone:
            return {}
        stems = {_stem(name) for name in gone}
        return {
            name: GONE
            for name in self.before
            if name in gone or (_stem(name) in stems and not is_there(root, name))
        }

    def _with_figure(self) -> tuple[int, ...]:
        """Return the ids whose figure exists, in table order, including those of earlier runs."""
        there = np.isin(self.state, (_PRESENT, _WRITTEN))
        for place in np.flatnonzero(~there):
            there[place] = self.saved_files.now(int(self.ids[place]))
        return tuple(self.ids[there].tolist())


def _each_once(table: SourceTable) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the ids of a table and their row numbers, without repeated ids."""
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


def _stem(name: str) -> str:
    """Return the folder and name shared by all files of a source."""
    _, _, rest = name.partition("/")
    return rest.rpartition(".")[0].partition("_")[0]
