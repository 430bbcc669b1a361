"""The narrow middle of the package: rows go in, triplets of cutouts come out."""

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
from cutout_widgets.stores.base import cancellable

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Group", "plan", "read", "read_group"]

_log = logging.getLogger(__name__)

AHEAD = 8
"""Maximum triplets that a thread may read ahead."""


@dataclass(frozen=True)
class Group:
    """Rows that share open images."""

    key: Hashable
    """The store's name for them: (visit, detector), a file, a packet."""
    places: tuple[int, ...]
    """Positions of the rows in the planned sequence."""
    sources: tuple[DiaSource, ...]
    """The rows, in that order."""


def plan(sources: Iterable[DiaSource], images: ImageStore) -> list[Group]:
    """Group rows that share images.

    Parameters
    ----------
    sources
        Rows in any order.
    images
        The store to read from.

    Returns
    -------
    list of Group
        In the order of each group's first row.
    """
    members: dict[Hashable, list[tuple[int, DiaSource]]] = {}
    for place, source in enumerate(sources):
        members.setdefault(images.group(source), []).append((place, source))
    return [
        Group(key, tuple(place for place, _ in rows), tuple(source for _, source in rows))
        for key, rows in members.items()
    ]


def _never() -> bool:
    """Return False, for reading that cannot be cancelled."""
    return False


def read_group(
    sources: Sequence[DiaSource],
    images: ImageStore,
    region: Region,
    cancelled: Callable[[], bool] = _never,
) -> Iterator[Triplet]:
    """Yield a triplet for each row of one group, even if the store fails.

    A store should report bad rows as problems. If it raises or stops early instead, the remaining
    rows get triplets with that problem, so that one bad image never loses a page or a run.
    While reading, the store may call `cancelled` (`cutout_widgets.stores.reading_cancelled`).
    """
    owed = len(sources)
    try:
        for triplet in cancellable(images.read(sources, region), cancelled):
            if owed == 0:
                break
            owed -= 1
            yield triplet if isinstance(triplet, Triplet) else _refused(triplet, images)
        reason = "the image store returned nothing for this source"
    except Exception as err:  # noqa: BLE001  stores may be third-party code; errors are reported as problems
        _log.warning("reading %d sources failed", owed, exc_info=True)
        reason = sentence(err)
    for _ in range(owed):
        yield Triplet(problems=tuple(f"{panel}: {reason}" for panel in PANELS))


def _refused(answer: object, images: ImageStore) -> Triplet:
    """Return the triplet of a row for which the store returned something else."""
    reason = (
        f"{type(images).__name__}.read gave a {type(answer).__name__} where each source has a "
        "Triplet(template, science, difference)"
    )
    return Triplet(problems=tuple(f"{panel}: {reason}" for panel in PANELS))


def _until(
    stop: Callable[[], bool], places: Iterable[int], triplets: Iterable[Triplet]
) -> Iterator[tuple[int, Triplet]]:
    """Yield positions and triplets until cancelled, without the problems of a store that stopped then."""
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
        Their image store.
    region
        Size of the cutouts; anything that `Region.of` accepts.
    cancelled
        Called before each row; reading stops when it returns True. A store that waits may call
        it too.
    threads
        Groups to read in parallel, if the store allows it (an attribute
        ``side_by_side``). This helps if a store waits for a network, a database or a remote disk.

    Yields
    ------
    place, triplet
        The position of the row in `sources` and its cutouts, group by group (with several threads:
        as they arrive): sort by position, or fill an array, to have them in table order.

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
    """Read groups in several daemon threads, so that a store that hangs cannot block the exit."""
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
        except BaseException as err:  # noqa: BLE001  KeyboardInterrupt and the like are raised by the reader
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
        room.release(threads)  # wake threads that wait, so that they end
