"""Rows of a compressed image that several cutouts share, read once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from numpy.typing import NDArray

__all__ = ["RowBands"]


class RowBands:
    """Bands of rows that are kept from one cutout to the next.

    If a tile is a whole row, each cutout decompresses whole rows; cutouts on the same rows share them.

    Parameters
    ----------
    rows
        The first row of each cutout, and the row after its last.
    """

    def __init__(self, rows: Iterable[tuple[int, int]] = ()) -> None:
        self._bands: list[tuple[int, int]] = []
        self._kept: dict[tuple[int, int], NDArray[Any]] = {}
        start = stop = users = 0
        for y0, y1 in sorted(rows):
            if users and y0 < stop:
                stop, users = max(stop, y1), users + 1
                continue
            if users > 1:
                self._bands.append((start, stop))
            start, stop, users = y0, y1, 1
        if users > 1:
            self._bands.append((start, stop))

    def read(
        self,
        hdu: Any,
        where: tuple[slice, slice],
        section: Callable[[Any, tuple[slice, slice]], NDArray[Any]],
    ) -> NDArray[Any] | None:
        """Return part of an HDU from its band; None if no other cutout shares its rows, or they are damaged.

        Parameters
        ----------
        hdu
            The HDU; it must exist as long as the bands.
        where
            Rows and columns, from 0.
        section
            Reads part of an HDU.
        """
        band = next(
            (one for one in self._bands if one[0] <= where[0].start and where[0].stop <= one[1]), None
        )
        if band is None:
            return None
        key = (id(hdu), band[0])
        if key not in self._kept:
            try:
                self._kept[key] = section(hdu, (slice(*band), slice(None)))
            except Exception:  # noqa: BLE001  damaged tiles make decompressors raise various errors
                self._bands.remove(band)  # the rows of the other cutouts may be good
                return None
        part: NDArray[Any] = self._kept[key][where[0].start - band[0] : where[0].stop - band[0], where[1]]
        return part.copy()
