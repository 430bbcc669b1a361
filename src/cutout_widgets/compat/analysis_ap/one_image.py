"""The figure of one source, from images in memory."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.compat.analysis_ap.errors import BadTaskOption
from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption, NoOverlap
from cutout_widgets.outputs.arrays import side_of, write_arrays
from cutout_widgets.outputs.figure.compose import Composer
from cutout_widgets.outputs.figure.figure import Canvas, Style, header
from cutout_widgets.outputs.figure.picture import Scales, pictures
from cutout_widgets.outputs.figure.png import encode
from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.pixels.cutting import cut_each
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.input import image_of

if TYPE_CHECKING:
    from cutout_widgets.compat.analysis_ap.config import PlotImageSubtractionCutoutsConfig

__all__ = ["draw_one"]


def draw_one(
    images: tuple[Any, Any, Any],
    center: Any,
    config: PlotImageSubtractionCutoutsConfig,
    output_path: str,
    *,
    scale: float | None,
    id: int | None,
    save_as_numpy: bool,
    row: Any,
    footprint: Any,
    flags: Any,
    style: Style,
) -> io.BytesIO:
    """Draw a figure; the arguments are those of `PlotImageSubtractionCutoutsTask.generate_image`."""
    if flags is not None and row is None:
        raise BadTaskOption("Must pass both `source` and `flags` together: got flags alone")
    template, science, difference = (image_of(one, panel) for one, panel in zip(images, PANELS, strict=True))
    whole = Triplet(template, science, difference)
    ra, dec = _degrees(center)
    source = replace(_source(row, id), ra=ra, dec=dec)
    box = None if footprint is None else _box(footprint)
    region = Region.of(config.sizes)
    there = cut_each(whole, (lambda _: box) if box else (lambda image: region.box_on(image, source)))
    if all(image is None for image in there):
        reasons = "; ".join(there.problems) or "there are none"
        raise NoOverlap(f"{ra:.6f}, {dec:+.6f} is not on any of the images ({reasons})")
    parts = (there,) if box else region.split(there, source)
    look = Look.of(style)
    canvas = Canvas(len(parts), row is not None, style)
    texts = [] if row is None else header(_source(row, id), style=style)
    (picture,) = pictures([parts], [texts], look, scales=_scales(scale))
    if save_as_numpy:
        _save_arrays(output_path, config, source.id, parts, box)
    return io.BytesIO(encode(Composer(canvas, look).compose(picture), {}))


def _save_arrays(
    output_path: str, config: Any, id: int, parts: tuple[Triplet, ...] | list[Triplet], box: Box | None
) -> None:
    """Save the pixels as ``.npy``."""
    if not id:
        raise BadTaskOption("to save arrays, give the id of the source: dia_source_id=")
    sides = tuple(side_of(part) for part in parts) if box else tuple(config.sizes)
    partial = Partial(Path(output_path))
    try:
        for _ in write_arrays(partial, Layout(config.chunk_size), id, parts, sides):
            pass  # a file is written at each step
    finally:
        partial.close()


def _source(row: Any, id: int | None) -> DiaSource:
    """Return a row as a `DiaSource`; without a row, one with at most an id."""
    if row is None:
        return DiaSource(0 if id is None else int(id), np.nan, np.nan)
    if isinstance(row, DiaSource):
        return row
    if isinstance(row, (np.record, np.void)):
        row = {name: row[name] for name in row.dtype.names or ()}
    cells = dict(row.items()) if hasattr(row, "items") else row
    if not isinstance(cells, Mapping):
        raise BadOption(f"source is a row: a record, a Series or a mapping; got {type(row).__name__}")
    return next(iter(SourceTable.read([cells])))


def _degrees(center: Any) -> tuple[float, float]:
    """Return right ascension and declination of a position, degrees."""
    try:
        if callable(getattr(center, "getRa", None)):
            return float(center.getRa().asDegrees()), float(center.getDec().asDegrees())
        if hasattr(center, "icrs"):
            return float(center.icrs.ra.deg), float(center.icrs.dec.deg)
        ra, dec = center
        return float(ra), float(dec)
    except (TypeError, ValueError) as err:
        raise BadOption(
            f"center is a SpherePoint, a SkyCoord, or ra and dec in degrees; got {center!r:.60}"
        ) from err


def _box(footprint: Any) -> Box:
    """Return the bounding box of a footprint."""
    if isinstance(footprint, Box):
        return footprint
    if isinstance(getattr(footprint, "box", None), Box):
        box: Box = footprint.box
        return box
    try:
        bbox = footprint.getBBox()
        x0, y0 = int(bbox.getMinX()), int(bbox.getMinY())
        return Box(y0, y0 + int(bbox.getHeight()), x0, x0 + int(bbox.getWidth()))
    except (AttributeError, TypeError) as err:
        raise BadOption(f"footprint is a Footprint, a Box or has getBBox(); got {footprint!r:.60}") from err


def _scales(scale: float | None) -> Scales:
    """Return an object with the length of an arcsecond."""
    return Scales() if scale is None else _OneScale(scale)


class _OneScale(Scales):
    """The same pixel scale for all panels."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self._arcsec_px = 1 / scale if scale > 0 else None

    def of(self, panel: Panel, image: Image) -> float | None:
        """Return the length of an arcsecond in pixels."""
        return self._arcsec_px
