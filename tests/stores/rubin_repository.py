"""A small Butler repository of lsst.images files, made from nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
from astropy.time import Time
from astropy.wcs import WCS

from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import PANELS, Image
from cutout_widgets.testing import make_image, make_wcs

INSTRUMENT = "SimCam"
VISITS = (2025010100001, 2025010100002)
DETECTORS = (0, 3)
NAMES = {
    "template": "template_detector",
    "science": "preliminary_visit_image",
    "difference": "difference_image",
}
MISSING = (VISITS[1], DETECTORS[1], "template")
"""The one image that was not made."""
IN_ADU = (VISITS[0], DETECTORS[1], "science")
"""An image in adu, of which one is 2 nJy (a power of two, so that nothing is rounded)."""
DISTORTED = (VISITS[1], DETECTORS[0])
"""A detector whose sky is a TPV, which lsst.images cannot write as FITS."""
BOX = Box(40, 200, 1000, 1180)
PLANES = {"BAD": 0, "SATURATED": 1, "DETECTED": 5, "DETECTED_NEGATIVE": 15}


def tpv_wcs() -> WCS:
    """A tangent plane with a cubic term that no SIP of AST's reproduces."""
    header = make_wcs(at=(1090.0, 120.0)).to_header()
    header["CTYPE1"], header["CTYPE2"] = "RA---TPV", "DEC--TPV"
    for name in ("PC1_1", "PC1_2", "PC2_1", "PC2_2"):
        header.remove(name, ignore_missing=True)
    header["CD1_1"], header["CD2_2"] = header.pop("CDELT1"), header.pop("CDELT2")
    header["CD1_2"] = header["CD2_1"] = 0.0
    for axis in (1, 2):
        header[f"PV{axis}_0"], header[f"PV{axis}_1"], header[f"PV{axis}_2"] = 0.0, 1.0, 0.0
        header[f"PV{axis}_4"], header[f"PV{axis}_7"] = 0.02, 3.0
    return WCS(header)


@cache
def truth(visit: int, detector: int, panel: str) -> Image:
    """What a panel of the repository holds, in nJy."""
    n = PANELS.index(panel)
    distorted = (visit, detector) == DISTORTED
    return make_image(
        BOX.shape,
        seed=visit % 10 * 100 + detector * 10 + n,
        yx0=(BOX.y0, BOX.x0),
        planes=PLANES,
        wcs=tpv_wcs() if distorted else make_wcs(at=(1090.0, 120.0), rotation=20.0 * detector + visit % 10),
    )


def build(root: Path) -> Path:
    """Write the repository; only lsst-daf-butler and lsst-images are needed."""
    from lsst.daf.butler import Butler, Config, DatasetType

    generic = "lsst.images.formatters.GenericFormatter"
    tiles = {"algorithm": "GZIP_2", "tile_shape": [64, 64]}
    formatters: dict[str, Any] = {
        "write_recipes": {generic: {"tiles": {"image": tiles, "mask": tiles, "variance": tiles}}}
    }
    for storage_class in ("VisitImage", "DifferenceImage"):
        formatters[storage_class] = {"formatter": generic, "parameters": {"recipe": "tiles"}}
    Butler.makeRepo(str(root), config=Config({"datastore": {"formatters": formatters}}))
    butler = Butler.from_config(str(root), writeable=True, run="u/test/run")
    insert = butler.registry.insertDimensionData
    insert("instrument", {"name": INSTRUMENT, "visit_max": 10**14, "exposure_max": 10**14, "detector_max": 9,
                          "class_name": "none.Sim"})  # fmt: skip
    insert("physical_filter", {"instrument": INSTRUMENT, "name": "r_sim", "band": "r"})
    insert("day_obs", {"instrument": INSTRUMENT, "id": 20250101})
    for detector in DETECTORS:
        insert("detector", {"instrument": INSTRUMENT, "id": detector, "full_name": f"S{detector}",
                            "purpose": "SCIENCE"})  # fmt: skip
    for visit in VISITS:
        insert("visit", {"instrument": INSTRUMENT, "id": visit, "day_obs": 20250101, "name": str(visit),
                         "physical_filter": "r_sim"})  # fmt: skip
    for visit in VISITS:  # the region of the other detector is unknown
        region = region_of(truth(visit, DETECTORS[0], "science"))
        insert("visit_detector_region", {"instrument": INSTRUMENT, "visit": visit, "detector": DETECTORS[0],
                                         "region": region})  # fmt: skip
    dimensions = butler.dimensions.conform(["instrument", "visit", "detector"])
    for panel, name in NAMES.items():
        kind = "DifferenceImage" if panel == "difference" else "VisitImage"
        butler.registry.registerDatasetType(DatasetType(name, dimensions, kind))
    butler.registry.registerDatasetType(DatasetType("dia_source_apdb", dimensions, "ArrowAstropy"))
    flat = butler.dimensions.conform(["instrument", "detector"])  # which is an image, of no visit
    butler.registry.registerDatasetType(DatasetType("flat", flat, "VisitImage"))
    butler.put(
        lsst_image(VISITS[0], 0, "science"), "flat", {"instrument": INSTRUMENT, "detector": DETECTORS[0]}
    )
    for visit in VISITS:
        for detector in DETECTORS:
            data_id = {"instrument": INSTRUMENT, "visit": visit, "detector": detector}
            for panel, name in NAMES.items():
                if (visit, detector, panel) != MISSING:
                    butler.put(lsst_image(visit, detector, panel), name, data_id)
            butler.put(dia_sources(visit, detector), "dia_source_apdb", data_id)
    return root


def region_of(image: Image) -> Any:
    """The sky of an image as a polygon of its corners."""
    from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

    box = image.box
    corners = image.wcs.pixel_to_world([box.x0, box.x1, box.x1, box.x0], [box.y0, box.y0, box.y1, box.y1])
    return ConvexPolygon.convexHull(
        [UnitVector3d(LonLat.fromDegrees(one.ra.deg, one.dec.deg)) for one in corners]
    )


def dia_sources(visit: int, detector: int) -> Any:
    """Three rows with 18-digit ids, without visit and detector: those are in the data id."""
    from astropy.table import Table

    first = visit * 10_000 + detector * 100
    return Table(
        {
            "diaSourceId": np.array([first, first + 1, first + 2], dtype=np.int64),
            "ra": [53.0, 53.001, 53.002],
            "dec": [-28.0, -28.001, -28.002],
            "pixelFlags_edge": [False, True, False],
        }
    )


def lsst_image(visit: int, detector: int, panel: str) -> Any:
    """The truth as an lsst.images object."""
    from astro_metadata_translator import ObservationInfo
    from lsst.images import Box as LsstBox
    from lsst.images import (
        DetectorFrame,
        DifferenceImage,
        Mask,
        MaskPlane,
        MaskSchema,
        SkyProjection,
        VisitImage,
    )
    from lsst.images import Image as LsstImage
    from lsst.images.fields import ChebyshevField
    from lsst.images.psfs import GaussianPointSpreadFunction

    image = truth(visit, detector, panel)
    bbox = LsstBox.factory[BOX.y0 : BOX.y1, BOX.x0 : BOX.x1]
    frame = DetectorFrame(instrument=INSTRUMENT, visit=visit, detector=detector, bbox=bbox)
    sky = SkyProjection.from_fits_wcs(image.wcs, frame, pixel_bounds=bbox, x0=0, y0=0)
    planes: list[Any] = [None] * (max(PLANES.values()) + 1)
    for name, bit in PLANES.items():
        planes[bit] = MaskPlane(name, f"the plane {name}")
    mask = Mask(0, schema=MaskSchema(planes), bbox=bbox)
    for name in PLANES:
        mask.set(name, image.has_plane(name))
    in_adu = (visit, detector, panel) == IN_ADU
    unit, scale = (u.adu, np.float32(2)) if in_adu else (u.nJy, np.float32(1))
    info = ObservationInfo(
        instrument=INSTRUMENT, visit_id=visit, exposure_id=visit, detector_num=detector,
        physical_filter="r_sim", exposure_time=30 * u.s,
        datetime_begin=Time(60676.1, format="mjd", scale="tai"),
        datetime_end=Time(60676.2, format="mjd", scale="tai"),
    )  # fmt: skip
    return (DifferenceImage if panel == "difference" else VisitImage)(
        LsstImage(image.pixels / scale, bbox=bbox, unit=unit, sky_projection=sky),
        mask=mask,
        variance=LsstImage(image.variance / scale**2, bbox=bbox, unit=unit**2),
        obs_info=info,
        psf=GaussianPointSpreadFunction(2.0, stamp_size=15, bounds=bbox),
        photometric_scaling=ChebyshevField(bbox, np.array([[2.0]]), unit=u.nJy / u.adu),
        detector=lsst_detector(detector, bbox, visit),
        band="r",
    )


def lsst_detector(number: int, bbox: Any, visit: int) -> Any:
    """The least that lsst.images accepts as a detector."""
    from lsst.images._transforms import _ast  # a camera has no public constructor
    from lsst.images.cameras import CameraFrameSet, Detector, DetectorAttributes, DetectorType, Orientation
    from starlink import Ast

    plane = Ast.Frame(2, "Ident=FOCAL_PLANE,Unit(1)=mm,Unit(2)=mm")
    frames = Ast.FrameSet(plane)
    frames.addframe(1, Ast.ZoomMap(2, 1e-4), Ast.Frame(2, "Ident=FIELD_ANGLE,Unit(1)=rad,Unit(2)=rad"))
    pixels = Ast.Frame(
        2,
        f"Ident=DETECTOR_{number:03d},Unit(1)=pix,Unit(2)=pix,Bottom(1)={bbox.x.min},Bottom(2)={bbox.y.min},"
        f"Top(1)={bbox.x.max},Top(2)={bbox.y.max}",
    )
    frames.addframe(1, Ast.ZoomMap(2, 100.0), pixels)
    attributes = DetectorAttributes(
        name=f"S{number}", id=number, type=DetectorType.SCIENCE, serial="SIM", bbox=bbox, pixel_size=0.01,
        physical_type="SIM",
        orientation=Orientation(focal_plane_x=0, focal_plane_y=0, focal_plane_z=0,
                                pixel_reference_x=bbox.x.center, pixel_reference_y=bbox.y.center),
    )  # fmt: skip
    camera = CameraFrameSet(INSTRUMENT, _ast.FrameSet.fromString(str(frames)))
    return Detector(attributes, [], camera, visit=visit)
