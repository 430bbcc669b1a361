"""Rows as Arrow tables: exact types, units in the fields' metadata, NULL for missing values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cutout_widgets.demo.instrument import DETECTORS, INSTRUMENT, PIXEL_ARCSEC
from cutout_widgets.demo.models import Row
from cutout_widgets.demo.schema import Column
from cutout_widgets.demo.sky import Sky

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["INJECTED", "TRUTH", "VISIT_COLUMNS", "arrow_table", "visit_rows"]

TRUTH = (
    Column("diaSourceId", "long", True, None),
    Column("visit", "long", True, None),
    Column("detector", "short", True, None),
    Column("kind", "string", True, None),
    Column("objectId", "long", False, None),
    Column("x", "double", False, "pixel"),
    Column("y", "double", False, "pixel"),
    Column("ra", "double", False, "deg"),
    Column("dec", "double", False, "deg"),
    Column("flux", "double", False, "nJy"),
    Column("scienceFlux", "double", False, "nJy"),
    Column("templateFlux", "double", False, "nJy"),
    Column("separationPx", "double", False, "pixel"),
)
"""Columns of ``truth.parquet``: the truth about each DiaSource; x and y are parent pixels."""

INJECTED = (
    *(column for column in TRUTH if column.name not in ("diaSourceId", "separationPx")),
    Column("trailLengthPx", "double", True, "pixel"),
)
"""Columns of ``injected.parquet``: each true source on each image, detected or not."""

VISIT_COLUMNS = (
    Column("visit", "long", True, None),
    Column("detector", "short", True, None),
    Column("instrument", "string", True, None),
    Column("band", "string", True, None),
    Column("midpointMjdTai", "double", True, "d"),
    Column("exposureTime", "double", True, "s"),
    Column("rotationDeg", "double", True, "deg"),
    Column("psfSigma", "double", True, "pixel"),
    Column("templatePsfSigma", "double", True, "pixel"),
    Column("seeing", "double", True, "arcsec"),
    Column("zeroPoint", "double", True, "mag"),
    Column("skyNoise", "double", True, "nJy"),
    Column("registrationX", "double", True, "pixel"),
    Column("registrationY", "double", True, "pixel"),
    Column("pixelScale", "double", True, "arcsec"),
)
"""Columns of ``visits.parquet``: properties of each image.

`zeroPoint` is the AB magnitude of 1 nJy; `psfSigma` that of the PSF's core, `registrationX` and
`registrationY` the offset of the science image from its WCS.
"""


def arrow_table(columns: Sequence[Column], rows: Sequence[Row]) -> pa.Table:
    """Return rows as an Arrow table with the types of the data model."""
    import pyarrow as pa

    types = {
        "long": pa.int64(),
        "int": pa.int32(),
        "short": pa.int16(),
        "float": pa.float32(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "char": pa.string(),
        "string": pa.string(),
    }
    fields = [
        pa.field(
            column.name,
            types[column.type],
            nullable=not column.required,
            metadata={"unit": column.unit} if column.unit else None,
        )
        for column in columns
    ]
    arrays = [
        pa.array([row[field.name] for row in rows], type=field.type, from_pandas=True) for field in fields
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def visit_rows(sky: Sky) -> list[Row]:
    """Return the properties of each image."""
    return [
        {
            "visit": visit.id,
            "detector": detector.id,
            "instrument": INSTRUMENT,
            "band": visit.band,
            "midpointMjdTai": visit.mjd,
            "exposureTime": visit.exposure_s,
            "rotationDeg": visit.rotation_deg,
            "psfSigma": visit.psf.sigma,
            "templatePsfSigma": visit.template_psf.sigma,
            "seeing": visit.psf.fwhm * PIXEL_ARCSEC,
            "zeroPoint": 31.4,
            "skyNoise": visit.sky_sigma,
            "registrationX": visit.astrometry_px[0],
            "registrationY": visit.astrometry_px[1],
            "pixelScale": PIXEL_ARCSEC,
        }
        for visit in sky.visits
        for detector in DETECTORS
    ]
