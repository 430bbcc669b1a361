"""The data of a page outside of the notebook: rows and pixel values, and how they are packed."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, sentence
from cutout_widgets.stores.base import HasFootprints
from cutout_widgets.widget.inspection.inspector import inspect
from cutout_widgets.widget.objects.light_curves import light_curve_answer
from cutout_widgets.widget.service.filters import FilterRequests

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.widget.interface import Grid
    from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["packed", "quantised", "saved_pages_of"]

STEPS_A_SIGMA = 16
"""Pixels are rounded to this fraction of their noise, the usual choice of fpack for measured images."""

_LARGEST_EXACT = 2**53
"""JavaScript numbers are not exact beyond this."""


class _Store:
    """A buffer that stores identical bytes once."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self._size = 0
        self._known: dict[bytes, int] = {}

    def add(self, data: bytes) -> int:
        """Return the offset of some bytes."""
        if data not in self._known:
            self._known[data] = self._size
            self.chunks.append(data)
            self._size += len(data)
        return self._known[data]


class _Arrays:
    """The arrays of one source, converted to the form of the page."""

    def __init__(self, buffer: bytes, store: _Store) -> None:
        self._buffer = buffer
        self._store = store
        self.size = 0
        self.kept: list[dict[str, Any]] = []

    def raw(self, offset: int, n: int, dtype: str) -> int:
        """Store an array unchanged, grouped by byte significance; return its new offset."""
        width = np.dtype(dtype).itemsize
        data = np.frombuffer(self._buffer, np.uint8, n * width, offset).reshape(n, width)
        return self._keep(np.ascontiguousarray(data.T).tobytes(), n, width)

    def pixels(self, offset: int, n: tuple[int, int]) -> int:
        """Store pixels rounded to a fraction of their noise; return their new offset."""
        values = np.frombuffer(self._buffer, "<f4", n[0] * n[1], offset).reshape(n)
        codes, zero, step = quantised(values)
        planes = np.ascontiguousarray(codes.astype("<u4").view(np.uint8).reshape(-1, 4).T).tobytes()
        return self._keep(planes, values.size, 4, zero=zero, step=step)

    def _keep(self, data: bytes, n: int, width: int, **how: float) -> int:
        at = self.size
        self.kept.append({"at": at, "start": self._store.add(data), "n": n, "width": width, **how})
        self.size += n * width + (-n * width) % 8
        return at


def quantised(values: NDArray[np.float32]) -> tuple[NDArray[np.uint32], float, float]:
    """Round pixels to a sixteenth of their noise.

    Parameters
    ----------
    values
        Shape (ny, nx); values that are not finite become NaN.

    Returns
    -------
    codes, zero, step
        0 for NaN, else 1 + the zigzag number of the steps from zero: 1, 2, 3 ... for 0, -1, 1 ...

    Notes
    -----
    The noise is that of DER_SNR (Stoehr et al. 2008): from differences along rows, so that stars do not
    raise it. Whole numbers in a small range stay exact; an image without noise gets 65536 steps.
    """
    good = np.isfinite(values)
    if not good.any():
        return np.zeros(values.shape, dtype=np.uint32), 0.0, 1.0
    found = values[good].astype(np.float64)
    low, high = float(found.min()), float(found.max())
    if high - low < 2**16 and (found == np.rint(found)).all():
        zero, step = round(float(np.median(found))) * 1.0, 1.0
    else:
        wide = values.astype(np.float64)
        second = 2 * wide[:, 2:-2] - wide[:, :-4] - wide[:, 4:]
        second = second[np.isfinite(second)]
        noise = 0.6052697 * float(np.median(np.abs(second))) if second.size else 0.0
        step = max(noise / STEPS_A_SIGMA or (high - low) / 2**16, (high - low) / 2**29) or 1.0
        zero = float(np.median(found))
    steps = np.rint((np.where(good, values, zero) - zero) / step).astype(np.int64)
    codes = np.where(steps >= 0, 2 * steps, -2 * steps - 1) + 1
    return np.where(good, codes, 0).astype(np.uint32), zero, step


def saved_pages_of(grid: Grid, pages: int) -> tuple[dict[str, Any], bytes]:
    """Return all data of a page outside of the notebook, and the bytes of its arrays.

    Parameters
    ----------
    grid
        Provides rows from the current page on, in its sort order and look.
    pages
        Number of pages.
    """
    first = grid._target
    size = first["page_size"]
    shown = grid.shown
    places = range(first["page"] * size, min((first["page"] + pages) * size, len(shown)))
    rows = shown.take(np.arange(places.start, places.stop))
    look = grid._look_named(first["look"])
    tiles: list[protocol.Tile] = []
    for page in range(first["page"], first["page"] + max(1, math.ceil(len(rows) / size))):
        answer = grid._pages.answer({**first, "page": page}, look, grid._journal, cancelled=lambda: False)
        tiles += sorted(answer[0]["tiles"], key=lambda one: one["place"]) if answer else []
    store = _Store()
    sources = [_stored(grid, rows[place], tile, store) for place, tile in enumerate(tiles)]
    facets = FilterRequests(grid).answers["facets"]({"where": first["where"]})
    return {
        "sources": sources,
        "columns": _columns(sources, [rows[place] for place in range(len(rows))]),
        "facets": facets,
        "first": places.start,
        "n_passing": len(shown),
        "where": first["where"],
    }, b"".join(store.chunks)


def packed(content: Mapping[str, Any], arrays: bytes) -> bytes:
    """Return what the page unpacks: length of a JSON text (4 bytes), the text, the arrays; all deflated."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    return zlib.compress(len(text).to_bytes(4, "little") + text + arrays, 9)


def _stored(grid: Grid, source: DiaSource, tile: protocol.Tile, store: _Store) -> dict[str, Any]:
    images = grid._pages.images
    answer, buffer = inspect(
        source,
        grid._pages.triplet_of(source, None),
        grid._look_named(grid._target["look"]),
        grid.sources,
        grid._journal,
        images.footprint(source) if isinstance(images, HasFootprints) else None,
        links=grid._links.of(source),
    )
    arrays = _Arrays(buffer, store)
    panels = {name: _panel(panel, arrays) for name, panel in answer["panels"].items()}
    curves = [{**one, "offset": arrays.raw(one["offset"], 254, "<f8")} for one in answer["curves"]]
    try:
        curve: Any = light_curve_answer(grid, source.id)
    except (OSError, ValueError, LookupError, RuntimeError) as err:
        curve = sentence(err)
    return {
        "tile": tile,
        "answer": {**answer, "panels": panels, "curves": curves},
        "curve": curve,
        "size": arrays.size,
        "arrays": arrays.kept,
    }


def _panel(panel: Any, arrays: _Arrays) -> dict[str, Any]:
    """Return a panel with its arrays stored: pixels, thresholds, mask and sky, but no variance or PSF."""
    if "thresholds" not in panel:
        return dict(panel)
    ny, nx = panel["shape"]
    lattice, mask = panel["lattice"], panel["mask"]
    if lattice is not None:
        nodes = lattice["shape"][0] * lattice["shape"][1] * 3
        lattice = {**lattice, "offset": arrays.raw(lattice["offset"], nodes, "<f8")}
    return {
        **panel,
        "offset": arrays.pixels(panel["offset"], (ny, nx)),
        "thresholds": arrays.raw(panel["thresholds"], 254, "<f4"),
        "mask": None if mask is None else arrays.raw(mask, ny * nx, "<u4"),
        "lattice": lattice,
        "variance": None,
        "psf": None,
    }


def _columns(stored: list[dict[str, Any]], rows: list[DiaSource]) -> dict[str, list[Any]]:
    """Return the columns that the page can filter and sort by."""
    columns: dict[str, list[Any]] = {}
    for row in rows[: len(stored)]:
        for name, value in row.row.items():
            columns.setdefault(name, []).append(_plain(value))
    return {name: values for name, values in columns.items() if not any(one is ... for one in values)}


def _plain(value: Any) -> Any:
    """Return a value for JSON: large integers in an object, ``...`` for what filters cannot compare."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_EXACT else {"int": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return ...


def checked_pages(pages: Any) -> int:
    """Return the number of pages, checked."""
    if not isinstance(pages, int) or isinstance(pages, bool) or pages < 1:
        raise BadOption(f"pages is how many pages to write, from 1; got {pages!r:.60}")
    return pages
