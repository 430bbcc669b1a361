"""From an exposure to a table of sources and a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.detection.detection import Detection
from cutout_widgets.detection.measurement import measure_columns
from cutout_widgets.errors import BadOption, counted
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.footprints.heavy import HeavyFootprint
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.stores.footprints import FootprintImages

if TYPE_CHECKING:
    from astropy.table import Table
    from numpy.typing import NDArray

    from cutout_widgets.pixels.image import Image
    from cutout_widgets.pixels.psf import PsfModel

__all__ = ["Measured", "measure"]

LARGEST_ID = 2**63
"""Maximum id, a signed 64-bit integer."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Sources of one exposure, ready for a grid: ``CutoutGrid(found.sources, found.images)``.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.random.default_rng(1).normal(size=(40, 40)).astype("f4")
    >>> pixels[20:23, 10:13] += 50
    >>> image = cw.Image(pixels, variance=np.ones_like(pixels))
    >>> found = cw.measure(image, cw.detect(image, psf=3.0), psf=3.0)
    >>> len(found), round(found.sources[0].row["x"]), round(found.sources[0].row["y"])
    (1, 11, 21)
    >>> bool(found.heavy(1).image.sum() > 400)
    True
    """

    sources: SourceTable
    """One row for each source, under the names of `detection.measurement.measure_columns`."""
    footprints: dict[int, Footprint]
    """The pixels of each source, by its id."""
    image: Image
    """The exposure they were measured on."""
    images: FootprintImages
    """The exposure as an image store that knows the footprints."""

    def heavy(self, source_id: int) -> HeavyFootprint:
        """Return the pixels, mask and variance under one source.

        Raises
        ------
        BadOption
            If there is no source of this id.
        """
        if source_id not in self.footprints:
            raise BadOption(f"no source {source_id} was measured; there are {len(self.footprints)}")
        return HeavyFootprint.from_image(self.footprints[source_id], self.image)

    def heavies(self) -> dict[int, HeavyFootprint]:
        """Return the pixels, mask and variance under each source, by its id."""
        return {one: HeavyFootprint.from_image(spans, self.image) for one, spans in self.footprints.items()}

    def __len__(self) -> int:
        """Number of sources."""
        return len(self.footprints)

    def __repr__(self) -> str:
        return f"<Measured: {counted(len(self), 'source')} on {self.image!r}>"


def measure(
    image: Image,
    detections: Sequence[Detection],
    *,
    psf: PsfModel | NDArray[Any] | float | None = None,
    aperture_px: float = 12.0,
    first_id: int = 1,
    visit: int = 0,
    detector: int = 0,
    band: str | None = None,
) -> Measured:
    """Measure detected sources; return a table and an image store.

    Parameters
    ----------
    image
        Background subtracted, with a variance plane.
    detections
        The result of `detect` or `deblend`.
    psf
        Kernel image, or FWHM in pixels or as an angle; None = the image's own.
    aperture_px
        Radius of the aperture: pixels, or an angle.
    first_id
        Id of the first source; the others are consecutive.
    visit, detector, band
        Written to the table for every source.

    Returns
    -------
    Measured
        Table, footprints and images, in the order of `detections`.

    Raises
    ------
    MissingDependency
        If photutils or scipy is not installed.
    BadOption
        If the image has no variance plane, or the ids do not fit into 64 bits.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.random.default_rng(1).normal(size=(40, 40)).astype("f4")
    >>> pixels[20:23, 10:13] += 50
    >>> image = cw.Image(pixels, variance=np.ones_like(pixels))
    >>> len(measure(image, cw.detect(image, psf=3.0), psf=3.0).sources)
    1
    """
    count = len(detections)
    if not 0 <= first_id < LARGEST_ID - count:
        raise BadOption(f"ids from {first_id} on do not fit into signed 64 bits")
    ids = np.arange(first_id, first_id + count, dtype=np.int64)
    columns = measure_columns(image, detections, psf=psf, aperture_px=aperture_px)
    nowhere = np.full(count, np.nan)
    blend = columns.pop("parent")
    table: dict[str, Any] = {
        "diaSourceId": ids,
        "ra": columns.pop("ra", nowhere),
        "dec": columns.pop("dec", nowhere),
        "visit": np.full(count, visit, dtype=np.int64),
        "detector": np.full(count, detector, dtype=np.int64),
        **({} if band is None else {"band": np.full(count, band)}),
        **columns,
        "blend": blend,
    }
    footprints = dict(zip(ids.tolist(), (one.footprint for one in detections), strict=True))
    images = ArrayImages.from_images({(visit, detector): (None, image, None)})
    sources = SourceTable.read(_with_units(table, image.unit))
    return Measured(sources, footprints, image, FootprintImages(images, footprints))


def _with_units(columns: Mapping[str, Any], flux_unit: str | None) -> Table:
    """Return columns as a table with units; without them nJy and arcsec would be assumed."""
    from astropy.table import Table

    table = Table(dict(columns))
    units = {
        **dict.fromkeys(("ra", "dec"), "deg"),
        **dict.fromkeys(("x", "y", "xErr", "yErr"), "pixel"),
        **dict.fromkeys(("ixx", "iyy", "ixy", "area"), "pixel2"),
        **dict.fromkeys(("psfMag", "psfMagErr", "apMag", "apMagErr"), "mag"),
        **dict.fromkeys(("psfFlux", "psfFluxErr", "apFlux", "apFluxErr"), flux_unit or "unknown"),
    }
    for name, unit in units.items():
        if name in table.colnames:
            table[name].unit = unit
    return table
