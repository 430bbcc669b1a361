"""A store that is slow on command."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.base import cut_group
from cutout_widgets.testing.makers import make_image

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["SlowImages", "image_of"]


class SlowImages:
    """A store that reads only when allowed, for tests of waiting and of cancelling.

    Each row waits until it is allowed; nothing sleeps. A pickled copy allows the same rows.

    Parameters
    ----------
    images
        The store to read from; None = each row gets three images made from its id.
    is_open
        Whether all rows are allowed from the start.

    Examples
    --------
    >>> from cutout_widgets.testing import SlowImages
    >>> slow = SlowImages()
    >>> slow.allow(3)        # allow three rows
    >>> slow.open()          # allow all
    """

    def __init__(self, images: ImageStore | None = None, *, is_open: bool = False) -> None:
        self._images = images
        self._is_open = is_open
        self._start()

    def _start(self) -> None:
        """Initialise the counters."""
        self._changed = threading.Condition()
        self._allowed = 0
        self._asked: list[int] = []
        self._answered: list[int] = []

    @property
    def asked(self) -> tuple[int, ...]:
        """Ids of the rows whose reading has begun, in order."""
        with self._changed:
            return tuple(self._asked)

    @property
    def answered(self) -> tuple[int, ...]:
        """Ids of the rows that were read, in order."""
        with self._changed:
            return tuple(self._answered)

    def open(self) -> None:
        """Allow all rows from now on."""
        with self._changed:
            self._is_open = True
            self._changed.notify_all()

    def shut(self) -> None:
        """Allow no rows from now on."""
        with self._changed:
            self._is_open = False
            self._allowed = 0

    def allow(self, rows: int) -> None:
        """Allow this many more rows."""
        with self._changed:
            self._allowed += rows
            self._changed.notify_all()

    def wait_until_asked(self, rows: int = 1, *, timeout_s: float = 30.0) -> bool:
        """Block until reading of this many rows has begun; return False on timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._asked) >= rows, timeout_s)

    def group(self, source: DiaSource) -> Hashable:
        """Return the group in the wrapped store; without one, the exposure."""
        if self._images is not None:
            return self._images.group(source)
        return source.visit, source.detector

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, when it is allowed."""
        for source in sources:
            with self._changed:
                self._asked.append(source.id)
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._is_open or self._allowed > 0)
                if not self._is_open:
                    self._allowed -= 1
            if self._images is not None:
                yield from self._images.read([source], region)
            else:
                yield from cut_group(dict.fromkeys(PANELS, partial(image_of, source)), [source], region)
            with self._changed:
                self._answered.append(source.id)
                self._changed.notify_all()

    def __repr__(self) -> str:
        behind = "" if self._images is None else f" before {self._images!r}"
        return f"<SlowImages, gate {'open' if self._is_open else 'shut'}{behind}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _slow_images, (self._images, self._is_open)


def _slow_images(images: ImageStore | None, is_open: bool) -> SlowImages:
    """Create a slow store, for pickle."""
    return SlowImages(images, is_open=is_open)


def image_of(source: DiaSource) -> Image:
    """Return a stamp whose pixels identify it."""
    image = make_image((64, 64), seed=source.id & 0xFFFFFFFF)
    return replace(image, anchor=image.box.centre)
