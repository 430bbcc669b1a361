"""Saving many sources: planned by group, restartable, on any executor."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import CutoutWarning, NotWritable, sentence
from cutout_widgets.outputs import files
from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.manifest import MANIFEST, saved_before, write_manifest
from cutout_widgets.outputs.saving import Outcome, Recipe, save_chunk
from cutout_widgets.pixels.look import Look
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.registry import open_images

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Report", "save_cutouts"]

SOURCES_A_TASK = 256
"""Rows of a group that are one task: seconds of work, so that progress and Ctrl-C are prompt."""

_TODO, _PRESENT, _WRITTEN, _FAILED = range(4)


@dataclass(frozen=True)
class Report:
    """What became of every source that was to be saved; ids are in table order everywhere."""

    ids: tuple[int, ...]
    """All sources, each once."""
    written: tuple[int, ...]
    """Those whose files this run wrote."""
    present: tuple[int, ...]
    """Those whose files were there already."""
    failed: dict[int, str]
    """Those that could not be saved -> why, in words."""
    manifest: Path | None
    """The manifest, if one was asked for."""
    incomplete: dict[int, str] = field(default_factory=dict)
    """Those written with a panel missing -> what is missing and why."""

    def __str__(self) -> str:
        return (
            f"{len(self.written)} written, {len(self.present)} already there, {len(self.failed)} failed"
            + (f", {len(self.incomplete)} with a panel missing" if self.incomplete else "")
        )


def save_cutouts(
    sources: Any,
    images: Any,
    out: str | os.PathLike[str],
    *,
    sizes: Any = (30,),
    add_metadata: bool = True,
    url_root: str | None = None,
    chunk_size: int | None = 10_000,
    look: Look | str = "documented",
    instrument: str | None = None,
    executor: Executor | None = None,
    progress: bool = True,
) -> Report:
    """Save the cutouts of sources as annotated figures, with a manifest.

    What is there already is left alone, so a run that was interrupted is completed by running it
    again. A source that fails is reported; the run goes on.

    Parameters
    ----------
    sources
        Rows: anything `SourceTable.read` takes.
    images
        Where their pixels are: a store, or anything `open_images` takes.
    out
        Directory to save to; it is made if it is not there.
    sizes
        Widths of the cutouts in pixels, one row of panels for each; or anything `Region.of` takes.
    add_metadata
        Whether rows of metadata stand above the panels.
    url_root
        URL at which `out` will be served; with it a manifest is written, whose URLs are this root
        and the files' own paths. None = no manifest.
    chunk_size
        At most this many files a folder, a power of ten; None = one folder.
    look
        Stretches and colormaps: a name of `LOOKS`, or a `Look`.
    instrument
        Name for the header; None = the rows' own column ``instrument``.
    executor
        Where tasks run: None = here; any ``concurrent.futures.Executor``; dask's
        ``Client.get_executor()``.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Report
        Written, present and failed ids, and the manifest's path.

    Raises
    ------
    BadOption
        If an option has no meaning.
    NotWritable
        If the directory cannot be made.
    """
    region = Region.of(sizes)
    layout = Layout(chunk_size=chunk_size, url_root=url_root)
    root = Path(out)
    recipe = Recipe(root, layout, region, Look.of(look), add_metadata, instrument)
    store = open_images(images)
    table = SourceTable.read(sources)
    _make(root)
    return _Run(table, store, recipe, executor, progress).go()


class _Run:
    """One call of `save_cutouts`: the state of every row, and the tasks in flight."""

    def __init__(
        self,
        table: SourceTable,
        images: ImageStore,
        recipe: Recipe,
        executor: Executor | None,
        progress: bool,
    ) -> None:
        self.table, self.images, self.recipe = table, images, recipe
        self.executor, self.progress = executor, progress
        self.partial = Partial(recipe.root)
        self.ids, self.rows = _each_once(table)
        self.state = np.full(len(self.ids), _TODO, dtype=np.uint8)
        self.failed: dict[int, str] = {}
        self.incomplete: dict[int, str] = {}

    def go(self) -> Report:
        """Save everything and report."""
        files.clear_away(self.recipe.root)
        try:
            self._save()
        except KeyboardInterrupt:
            # What landed while the interrupt was on its way counts; the manifest says so.
            for place in np.flatnonzero(self.state == _TODO):
                if self._is_there(int(self.ids[place])):
                    self.state[place] = _WRITTEN
            self._finish()
            raise
        manifest = self._finish()
        return Report(
            tuple(self.ids.tolist()),
            self._ids_in(_WRITTEN),
            self._ids_in(_PRESENT),
            {int(self.ids[place]): self.failed[place] for place in sorted(self.failed)},
            manifest,
            {int(self.ids[place]): self.incomplete[place] for place in sorted(self.incomplete)},
        )

    def _save(self) -> None:
        """Plan, run, note."""
        from tqdm.auto import tqdm

        with tqdm(total=len(self.ids), unit="source", disable=not self.progress) as bar:
            groups = self._plan(bar.update)
            tasks = self._tasks(groups)
            for places, outcomes in self._run(tasks):
                self._note(places, outcomes)
                bar.update(len(places))

    def _plan(self, skipped: Callable[[int], Any]) -> dict[Hashable, NDArray[np.uint32]]:
        """Find out what is there already, and sort the rest into groups, by row numbers alone."""
        members: dict[Hashable, list[int]] = {}
        for place, source in enumerate(self.table.take(self.rows)):
            if self._is_there(source.id):
                self.state[place] = _PRESENT
                skipped(1)
            else:
                members.setdefault(self.images.group(source), []).append(place)
        return {key: np.array(places, dtype=np.uint32) for key, places in members.items()}

    def _tasks(self, groups: dict[Hashable, NDArray[np.uint32]]) -> Iterator[NDArray[np.uint32]]:
        """Cut the groups into tasks."""
        for places in groups.values():
            for start in range(0, len(places), SOURCES_A_TASK):
                yield places[start : start + SOURCES_A_TASK]

    def _run(
        self, tasks: Iterator[NDArray[np.uint32]]
    ) -> Iterator[tuple[NDArray[np.uint32], Sequence[Outcome]]]:
        """Run the tasks, at most two for each worker at a time, and yield what becomes of them."""
        if self.executor is None:
            for places in tasks:
                yield places, save_chunk(list(self.table.take(self.rows[places])), self.images, self.recipe)
            return
        limit = 2 * _workers(self.executor)
        flying: dict[Future[list[Outcome]], NDArray[np.uint32]] = {}
        try:
            while True:
                for places in itertools.islice(tasks, limit - len(flying)):
                    rows = list(self.table.take(self.rows[places]))
                    flying[self.executor.submit(save_chunk, rows, self.images, self.recipe)] = places
                if not flying:
                    return
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    places = flying.pop(future)
                    yield places, _outcomes(future, len(places))
        finally:
            for future in flying:
                future.cancel()
            wait([future for future in flying if not future.cancelled()])

    def _note(self, places: NDArray[np.uint32], outcomes: Sequence[Outcome]) -> None:
        """Remember what became of rows."""
        for place, outcome in zip(places.tolist(), outcomes, strict=True):
            self.state[place] = _WRITTEN if outcome.state == "written" else _FAILED
            if outcome.state == "failed":
                self.failed[place] = outcome.reason
            elif outcome.reason:
                self.incomplete[place] = outcome.reason

    def _finish(self) -> Path | None:
        """Write the manifest in table order and clear up."""
        layout, root = self.recipe.layout, self.recipe.root
        manifest = root / MANIFEST if layout.has_manifest else None
        if manifest is not None:
            here = set(self.ids.tolist())
            before = [id_ for id_ in saved_before(manifest) if id_ not in here and self._is_there(id_)]
            now = self._ids_in(_PRESENT, _WRITTEN)
            write_manifest(self.partial, manifest, layout, (*before, *now))
        files.close(root)
        return manifest

    def _is_there(self, id_: int) -> bool:
        """Tell whether all files of a source are there."""
        layout, root = self.recipe.layout, self.recipe.root
        return layout.inside(root, layout.figure(id_)).exists()

    def _ids_in(self, *states: int) -> tuple[int, ...]:
        """Return the ids in some states, in table order."""
        return tuple(self.ids[np.isin(self.state, states)].tolist())


def _each_once(table: SourceTable) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the ids of a table and their row numbers, repeated ids left out."""
    ids = table.ids
    _, first = np.unique(ids, return_index=True)
    if len(first) < len(ids):
        warnings.warn(
            f"{len(ids) - len(first)} rows repeat the id of an earlier row; the first row of each is saved",
            CutoutWarning,
            stacklevel=5,
        )
    rows = np.sort(first)
    return ids[rows], rows


def _outcomes(future: Future[list[Outcome]], n: int) -> Sequence[Outcome]:
    """Return what a task came to; one that died with its worker failed, in words."""
    try:
        return future.result()
    except Exception as err:  # noqa: BLE001  a lost worker raises whatever its executor likes
        return [Outcome("failed", f"the worker gave no answer: {sentence(err)}")] * n


def _workers(executor: Executor) -> int:
    """Return how many tasks an executor runs at a time."""
    client = getattr(executor, "_client", None)
    if client is not None:  # dask.distributed's ClientExecutor
        with suppress(Exception):
            return max(1, int(sum(client.nthreads().values())))
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)


def _make(root: Path) -> None:
    """Make the directory."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise NotWritable(
            f"cannot save to {root}: {err.strerror or err}; choose a directory that you may write to"
        ) from err
