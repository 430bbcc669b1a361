"""The waist of the hourglass: rows go in, triplets of cutouts come out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from cutout_widgets.errors import sentence
from cutout_widgets.pixels.image import PANELS, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.base import tell_cancelled

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Group", "plan", "read", "read_group"]

_log = logging.getLogger(__name__)

AHEAD = 8
"""Triplets that a thread may have read before they are taken."""


@dataclass(frozen=True)
class Group:
    """Rows that share open images."""

    key: Hashable
    """What the store calls them: (visit, detector), a file, a packet."""
    places: tuple[int, ...]
    """Where the rows stood in the sequence that was planned."""
    sources: tuple[DiaSource, ...]
    """The rows, in that order."""


def plan(sources: Iterable[DiaSource], images: ImageStore) -> list[Group]:
    """Sort rows into groups that share images.

    Parameters
    ----------
    sources
        Rows in any order.
    images
        The store they will be read from.

    Returns
    -------
    list of Group
        In the order in which each group's first row appears.
    """
    members: dict[Hashable, list[tuple[int, DiaSource]]] = {}
    for place, source in enumerate(sources):
        members.setdefault(images.group(source), []).append((place, source))
    return [
        Group(key, tuple(place for place, _ in rows), tuple(source for _, source in rows))
        for key, rows in members.items()
    ]


def _never() -> bool:
    """Answer for a reading that nobody cancels."""
    return False


def read_group(
    sources: Sequence[DiaSource],
    images: ImageStore,
    region: Region,
    cancelled: Callable[[], bool] = _never,
) -> Iterator[Triplet]:
    """Yield a triplet for each row of one group, whatever the store does.

    A store answers bad rows with problems. Should it break that promise - raise, or stop early -
    the rows it still owes get a triplet that says so: one bad image never loses a page or a run.
    While it reads, the store may ask `cancelled` (`cutout_widgets.stores.reading_cancelled`).
    """
    owed = len(sources)
    try:
        for triplet in _told(images.read(sources, region), cancelled):
            if owed == 0:
                break
            owed -= 1
            yield triplet if isinstance(triplet, Triplet) else _refused(triplet, images)
        reason = "the image store gave no answer for this source"
    except Exception as err:  # noqa: BLE001  a store is other people's code; its failure is data here
        _log.warning("reading %d sources failed", owed, exc_info=True)
        reason = sentence(err)
    for _ in range(owed):
        yield Triplet(problems=tuple(f"{panel}: {reason}" for panel in PANELS))


def _refused(answer: object, images: ImageStore) -> Triplet:
    """Return what a row shows whose store answered with something else."""
    reason = (
        f"{type(images).__name__}.read gave a {type(answer).__name__} where each source has a "
        "Triplet(template, science, difference)"
    )
    return Triplet(problems=tuple(f"{panel}: {reason}" for panel in PANELS))


def _told(triplets: Iterable[Triplet], cancelled: Callable[[], bool]) -> Iterator[Triplet]:
    """Yield what a store reads, which may ask meanwhile - and only then - whether it was cancelled."""
    reading = iter(triplets)
    while True:
        with tell_cancelled(cancelled):
            triplet = next(reading, None)
        if triplet is None:
            return
        yield triplet


def _until(
    stop: Callable[[], bool], places: Iterable[int], triplets: Iterable[Triplet]
) -> Iterator[tuple[int, Triplet]]:
    """Yield places and triplets until told to stop, but not the problem of a store that gave up then."""
    for place, triplet in zip(places, triplets, strict=True):
        if triplet.problems and stop():
            return
        yield place, triplet
        if stop():
            return


def read(
    sources: Sequence[DiaSource],
    images: ImageStore,
    region: Region | int | Sequence[int] | None = 30,
    *,
    cancelled: Callable[[], bool] | None = None,
    threads: int = 1,
) -> Iterator[tuple[int, Triplet]]:
    """Read the cutouts of rows in any order, group by group.

    Parameters
    ----------
    sources
        Rows, for example ``table.page(0, 24)``.
    images
        Where their pixels are.
    region
        How much to cut; anything `Region.of` understands.
    cancelled
        Asked before each row; when it answers True the reading stops. A store that waits may ask
        it too.
    threads
        Groups that are read side by side, as far as the store allows it (an attribute
        ``side_by_side``). More than one pays where a store waits: for a network, a registry, a disk far away.

    Yields
    ------
    place, triplet
        The position of the row in `sources` and its cutouts, group by group (of several threads:
        as they come): sort by place, or fill an array, to have them in table order.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_sources
    >>> whole = make_image((60, 60))
    >>> images = cw.ArrayImages.from_images({(1, 0): (whole, whole, whole)}, key=("visit", "detector"))
    >>> rows = make_sources(3)
    >>> [place for place, triplet in read(rows, images, 5)]
    [0, 1, 2]
    """
    wanted = Region.of(region)
    stop = cancelled or _never
    groups = plan(sources, images)
    threads = min(threads, len(groups), getattr(images, "side_by_side", threads))
    if threads > 1:
        yield from _read_side_by_side(groups, images, wanted, stop, threads)
        return
    for group in groups:
        if stop():
            return
        triplets = read_group(group.sources, images, wanted, stop)
        yield from _until(stop, group.places, triplets)


def _read_side_by_side(
    groups: Sequence[Group], images: ImageStore, region: Region, stop: Callable[[], bool], threads: int
) -> Iterator[tuple[int, Triplet]]:
    """Read groups in several threads, daemons: a store that hangs keeps nobody from ending."""
    waiting: SimpleQueue[Group] = SimpleQueue()
    for group in groups:
        waiting.put(group)
    answers: SimpleQueue[tuple[int, Triplet] | BaseException | None] = SimpleQueue()
    room = threading.Semaphore(AHEAD * threads)
    left = threading.Event()

    def ended() -> bool:
        return left.is_set() or stop()

    def work() -> None:
        try:
            while not ended():
                group = waiting.get_nowait()
                triplets = read_group(group.sources, images, region, ended)
                for answer in _until(ended, group.places, triplets):
                    room.acquire()
                    answers.put(answer)
        except Empty:
            pass
        except BaseException as err:  # noqa: BLE001  what ends a program is for the reader to meet, not for us
            answers.put(err)
        finally:
            answers.put(None)

    for _ in range(threads):
        threading.Thread(target=work, name="cutouts-read", daemon=True).start()
    working = threads
    try:
        while working:
            answer = answers.get()
            if answer is None:
                working -= 1
                continue
            if isinstance(answer, BaseException):
                raise answer
            room.release()
            yield answer
            if stop():
                return
    finally:
        left.set()
        room.release(threads)  # who waits for room sees that it was left
