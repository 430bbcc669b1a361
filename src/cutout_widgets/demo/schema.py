"""Names, types and units of the APDB's tables, schema version 10.0.0.

The names are from Rubin's published data model (``lsst.sdm.schemas``, ``apdb.yaml``); only the
tables used in the demo are included.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["DIA_FORCED_SOURCE", "DIA_OBJECT", "DIA_SOURCE", "FLAGS", "VERSION", "Column"]

VERSION = "10.0.0"
"""Version of the schema."""

Type = Literal["long", "int", "short", "float", "double", "boolean", "char", "string"]


class Column(NamedTuple):
    """One column."""

    name: str
    """Its name."""
    type: Type
    """Its type in the data model: long, int, short are 64, 32, 16 bits; float and double 32 and 64."""
    required: bool
    """Whether NULL is forbidden."""
    unit: str | None
    """Its unit, if it has one."""


def _columns(text: str) -> tuple[Column, ...]:
    """Parse lines of ``name type[!] [unit]``; an exclamation mark forbids NULL."""
    out = []
    for line in text.strip().splitlines():
        name, kind, *unit = line.split()
        out.append(Column(name, kind.rstrip("!"), kind.endswith("!"), unit[0] if unit else None))  # type: ignore[arg-type]  # the text below holds no other types; a test counts them
    return tuple(out)


DIA_SOURCE = _columns("""
diaSourceId long!
visit long!
detector short!
diaObjectId long
ssObjectId long
parentDiaSourceId long
ssObjectReassocTimeMjdTai double
midpointMjdTai double! d
exposureTime float s
ra double! deg
raErr float deg
dec double! deg
decErr float deg
ra_dec_Cov float deg**2
x float! pixel
xErr float pixel
y float! pixel
yErr float pixel
centroid_flag boolean
apFlux float nJy
apFluxErr float nJy
apFlux_flag boolean
apFlux_flag_apertureTruncated boolean
isNegative boolean
snr float
psfFlux float nJy
psfFluxErr float nJy
psfLnL float
psfChi2 float
psfNdata int!
psfFlux_flag boolean
psfFlux_flag_edge boolean
psfFlux_flag_noGoodPixels boolean
trailFlux float nJy
trailFluxErr float nJy
trailRa double deg
trailRaErr float deg
trailDec double deg
trailDecErr float deg
trailLength float arcsec
trailLengthErr float arcsec
trailAngle float deg
trailAngleErr float deg
trailChi2 float
trailNdata int!
trailAlgorithm int
trail_flag_edge boolean
trail_flag boolean
dipoleMeanFlux float nJy
dipoleMeanFluxErr float nJy
dipoleFluxDiff float nJy
dipoleFluxDiffErr float nJy
dipoleLength float arcsec
dipoleAngle float deg
dipoleChi2 float
dipoleNdata int!
scienceFlux float nJy
scienceFluxErr float nJy
forced_PsfFlux_flag boolean
forced_PsfFlux_flag_edge boolean
forced_PsfFlux_flag_noGoodPixels boolean
templateFlux float nJy
templateFluxErr float nJy
ixx float arcsec**2
iyy float arcsec**2
ixy float arcsec**2
ixxPSF float arcsec**2
iyyPSF float arcsec**2
ixyPSF float arcsec**2
shape_flag boolean
shape_flag_no_pixels boolean
shape_flag_not_contained boolean
shape_flag_parent_source boolean
extendedness float
reliability float
reliabilityVersion string
band char
isDipole boolean
dipoleFitAttempted boolean
timeProcessedMjdTai double!
timeWithdrawnMjdTai double
bboxSize int! pixel
pixelFlags boolean
pixelFlags_bad boolean
pixelFlags_cr boolean
pixelFlags_crCenter boolean
pixelFlags_edge boolean
pixelFlags_nodata boolean
pixelFlags_nodataCenter boolean
pixelFlags_interpolated boolean
pixelFlags_interpolatedCenter boolean
pixelFlags_offimage boolean
pixelFlags_saturated boolean
pixelFlags_saturatedCenter boolean
pixelFlags_suspect boolean
pixelFlags_suspectCenter boolean
pixelFlags_streak boolean
pixelFlags_streakCenter boolean
pixelFlags_injected boolean
pixelFlags_injectedCenter boolean
pixelFlags_injected_template boolean
pixelFlags_injected_templateCenter boolean
glint_trail boolean
""")
"""The 103 columns of table DiaSource."""

FLAGS = tuple(column.name for column in DIA_SOURCE if column.type == "boolean")
"""Its boolean columns."""


def _object_columns() -> tuple[Column, ...]:
    """Return the columns of DiaObject, most of which repeat for each band."""
    bands = "ugrizy"
    lines = [
        "diaObjectId long!",
        "validityStartMjdTai double!",
        "validityEndMjdTai double",
        "ra double! deg",
        "raErr float deg",
        "dec double! deg",
        "decErr float deg",
        "ra_dec_Cov float deg**2",
    ]
    for b in bands:
        lines += [f"{b}_{name} float nJy" for name in ("psfFluxMean", "psfFluxMeanErr", "psfFluxSigma")]
        lines += [f"{b}_psfFluxNdata int!", f"{b}_fpFluxMean float nJy", f"{b}_fpFluxMeanErr float nJy"]
    for b in bands:
        lines += [f"{b}_scienceFluxMean float nJy", f"{b}_scienceFluxMeanErr float nJy"]
    for b in bands:
        lines += [f"{b}_psfFluxMin float nJy", f"{b}_psfFluxMax float nJy"]
        lines += [f"{b}_psfFluxMaxSlope float nJy/d", f"{b}_psfFluxErrMean float nJy"]
    lines += ["firstDiaSourceMjdTai double", "lastDiaSourceMjdTai double", "nDiaSources int!"]
    return _columns("\n".join(lines))


DIA_OBJECT = _object_columns()
"""The 83 columns of table DiaObject."""

DIA_FORCED_SOURCE = _columns("""
diaForcedSourceId long!
diaObjectId long!
ra double! deg
dec double! deg
visit long!
detector short!
psfFlux float nJy
psfFluxErr float nJy
midpointMjdTai double! d
scienceFlux float nJy
scienceFluxErr float nJy
band char
timeProcessedMjdTai double! d
timeWithdrawnMjdTai double d
""")
"""The 14 columns of table DiaForcedSource."""
