"""Which images cover a position on the sky, and the times in their headers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.position import locate

__all__ = ["Frames", "covers", "exposure_words"]

TIME_CARDS = ("MJD-AVG", "MJD-MID", "MJD-OBS", "MJD_OBS", "MJD")
"""Cards with the MJD of an exposure: mid-times first, then start times."""

BAND_CARDS = ("BAND", "FILTBAND", "FILTER")
"""Cards with the band of an exposure."""


def covers(frame: Image, ra: float, dec: float) -> bool:
    """Return whether a position is on the pixels of an image; False without a WCS."""
    if frame.projection is None or not (math.isfinite(ra) and math.isfinite(dec) and abs(dec) <= 90):
        return False
    ((x, y),) = locate(frame, [DiaSource(0, ra, dec)]).tolist()
    box = frame.box
    return bool(box.x0 - 0.5 <= x < box.x1 - 0.5 and box.y0 - 0.5 <= y < box.y1 - 0.5)


def exposure_words(cards: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``time`` (MJD) and ``band``, if a header has them."""
    found: dict[str, Any] = {}
    times = (cards.get(name) for name in TIME_CARDS)
    time = next((one for one in times if isinstance(one, (int, float)) and 0 < one < 1e6), None)
    if time is not None:
        found["time"] = float(time)
    bands = (cards.get(name) for name in BAND_CARDS)
    band = next((one.strip() for one in bands if isinstance(one, str) and one.strip()), None)
    if band is not None:
        found["band"] = band.split()[0]
    return found


@dataclass(frozen=True)
class _Kept:
    """Cached data of a file."""

    frame: Image | None
    """Frame without pixels; None if the file cannot be read."""
    words: Mapping[str, Any]
    """The result of `exposure_words`."""


class Frames:
    """A cache of the sky area of files, because a store of many exposures is queried for every source.

    There is no lock, which a forked child could inherit locked; two threads may open the same file,
    which is harmless.
    """

    def __init__(self) -> None:
        self._kept: dict[Any, _Kept] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def keep(self, key: Any, frame: Image | None, cards: Mapping[str, Any]) -> None:
        """Cache the data of a file; the key changes when it is rewritten."""
        self._kept[key] = _Kept(frame, exposure_words(cards))

    def words_at(self, key: Any, ra: float, dec: float) -> dict[str, Any] | None:
        """Return time and band of a file that covers a position; None if it does not."""
        kept = self._kept[key]
        return dict(kept.words) if kept.frame is not None and covers(kept.frame, ra, dec) else None

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()
