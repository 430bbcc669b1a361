"""Everything about one source: its numbers, not only its levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.palette import mask_plane_colours
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.widget import protocol
from cutout_widgets.widget.compass import compasses_of, directions
from cutout_widgets.widget.protocol_labels import NOTHING_SAID
from cutout_widgets.widget.tiles import (
    LARGEST_SIDE_PX,
    badges_in_words,
    facts_of,
    minus,
    outlined,
    reason_of,
)

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.display.look import Look
    from cutout_widgets.footprints.footprint import Footprint

__all__ = ["inspect"]

NODE_EVERY_PX = 16
"""Spacing of the sky lattice: between nodes a tangent plane is straight to a millionth of an arcsec."""

MOST_NODES = 33
"""A side, however large the image is."""


class _Cargo:
    """Arrays laid out in one buffer, each on a multiple of eight bytes."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, array: NDArray[Any], dtype: str) -> int:
        """Append an array as little-endian `dtype` and return its first byte."""
        offset = self._size
        data = np.ascontiguousarray(array, dtype=dtype).tobytes()
        padding = -len(data) % 8
        self._chunks += [data, b"\0" * padding]
        self._size += len(data) + padding
        return offset

    def bytes(self) -> bytes:
        """Return the whole buffer."""
        return b"".join(self._chunks)


def inspect(
    source: DiaSource,
    triplet: Triplet,
    look: Look,
    sources: SourceTable,
    labels: Mapping[int, protocol.Said],
    footprint: Footprint | None = None,
) -> tuple[protocol.InspectAnswer, bytes]:
    """Describe one source completely.

    Parameters
    ----------
    source
        The row.
    triplet
        Its cutouts.
    look
        Gives the thresholds of the levels.
    sources
        The table, for units and descriptions.
    labels
        Id -> what the journal says.
    footprint
        The source's pixels, drawn on the panels that share the grid of the best one.

    Returns
    -------
    answer, buffer
        What the view shows, and the arrays its offsets point into.
    """
    cargo = _Cargo()
    (compasses,) = compasses_of([triplet])
    panels = {
        panel: _deep(
            getattr(triplet, panel),
            look,
            panel,
            cargo,
            compasses.get(panel),
            outlined(triplet, panel, footprint),
        )
        or protocol.Missing(reason=reason_of(triplet, panel))
        for panel in PANELS
    }
    said = labels.get(source.id, NOTHING_SAID)
    answer = protocol.InspectAnswer(
        kind="done",
        of="inspect",
        id=str(source.id),
        look=look.name,
        panels=panels,  # type: ignore[typeddict-item]  # built with the three names as keys
        badges=badges_in_words(source),
        facts=facts_of(source, None),
        band=source.band,
        cells=cells_of(source, sources),
        problems=list(triplet.problems),
        label=said["label"],
        said=said,
    )
    return answer, cargo.bytes()


def _deep(
    image: Image | None,
    look: Look,
    panel: Any,
    cargo: _Cargo,
    compass: protocol.Compass | None,
    borders: Sequence[NDArray[np.float64]],
) -> protocol.DeepPixels | None:
    """Put one panel's numbers into the buffer."""
    if image is None or max(image.shape) > LARGEST_SIDE_PX or image.box.area == 0:
        return None
    return protocol.DeepPixels(
        shape=image.shape,
        offset=cargo.add(image.pixels, "<f4"),
        thresholds=cargo.add(look.stretch(panel).thresholds(image.pixels, variance=image.variance), "<f4"),
        mask=None if image.mask is None else cargo.add(image.mask, "<u4"),
        planes=planes_of(image),
        x0=image.box.x0,
        y0=image.box.y0,
        unit=image.unit,
        compass=compass,
        lattice=lattice_of(image, cargo),
        outlines=[line.ravel().tolist() for line in borders],
        origin=image.origin,
    )


def planes_of(image: Image) -> list[protocol.Plane]:
    """Return the mask planes that are set on some pixel, in the order of their bits."""
    colours = mask_plane_colours(image.planes)
    counts = {name: int(image.has_plane(name).sum()) for name in image.planes}
    return [
        protocol.Plane(name=name, bit=bit, colour=colours[name], count=counts[name])
        for name, bit in sorted(image.planes.items(), key=lambda item: item[1])
        if counts[name]
    ]


def lattice_of(image: Image, cargo: _Cargo) -> protocol.Lattice | None:
    """Sample the sky over an image, so that the view can say where any point of it lies."""
    if image.wcs is None:
        return None
    ny, nx = (min(MOST_NODES, math.ceil(side / NODE_EVERY_PX) + 1) for side in image.shape)
    box = image.box
    x, y = np.linspace(box.x0 - 0.5, box.x1 - 0.5, nx), np.linspace(box.y0 - 0.5, box.y1 - 0.5, ny)
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    sky = directions(image.wcs, grid_x.ravel(), grid_y.ravel())
    if sky is None or not np.isfinite(sky).all():
        return None
    return protocol.Lattice(
        offset=cargo.add(sky, "<f8"),
        shape=(ny, nx),
        x=(float(x[0]), float(x[-1])),
        y=(float(y[0]), float(y[-1])),
    )


def cells_of(source: DiaSource, sources: SourceTable) -> list[protocol.Cell]:
    """Return all columns of a row in words, in the order of the table."""
    units, descriptions = sources.units, sources.descriptions
    return [
        protocol.Cell(
            name=name,
            value=exact_words(value),
            unit=units.get(name, ""),
            description=descriptions.get(name, ""),
        )
        for name, value in source.row.items()
    ]


def exact_words(value: Any) -> str:
    """Return a value with every digit it has and none that it has not.

    A number that single precision holds exactly is written as short as single precision is.
    """
    if value is None:
        return "n/a"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return "n/a"
        number = float(value)
        if abs(number) < 3e38 and float(np.float32(number)) == number:
            return minus(str(np.float32(number)))
        return minus(repr(number))
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {exact_words(one)}" for key, one in value.items())
    return str(value)
