"""The demo's images as ``lsst.images`` objects, as in Rubin Butlers since DP2."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from cutout_widgets.demo.exposure import Exposure
from cutout_widgets.demo.instrument import INSTRUMENT, PIXEL_ARCSEC, Detector, Visit
from cutout_widgets.pixels.image import Image

__all__ = ["as_lsst_image"]

_NAMES = {"SAT": "SATURATED", "INTRP": "INTERPOLATED", "CR": "COSMIC_RAY", "EDGE": "DETECTION_EDGE"}
"""Mask plane -> its new name in ``lsst.images``."""

_PIXEL_MM = 0.01


def as_lsst_image(exposure: Exposure, image: Image, kind: Literal["VisitImage", "DifferenceImage"]) -> Any:
    """Create a ``VisitImage`` or ``DifferenceImage``.

    Parameters
    ----------
    exposure
        The exposure of the image.
    image
        One of its three.
    kind
        The class; a template is a ``VisitImage``, too.
    """
    import astropy.units as u
    from astro_metadata_translator import ObservationInfo
    from astropy.time import Time
    from astropy.wcs import WCS
    from lsst import images as lsst
    from lsst.images.fields import ChebyshevField
    from lsst.images.psfs import GaussianPointSpreadFunction

    if image.mask is None or image.variance is None:
        raise ValueError("an exposure's images have mask and variance")
    visit, detector = exposure.visit, exposure.detector
    box = image.box
    bbox = lsst.Box.factory[box.y0 : box.y1, box.x0 : box.x1]
    frame = lsst.DetectorFrame(instrument=INSTRUMENT, visit=visit.id, detector=detector.id, bbox=bbox)
    projection = lsst.SkyProjection.from_fits_wcs(
        WCS(visit.wcs_cards(detector)), frame, pixel_bounds=bbox, x0=box.x0, y0=box.y0
    )
    schema = lsst.MaskSchema(
        [lsst.MaskPlane(_NAMES.get(name, name), _MEANINGS[name]) for name in image.planes]
    )
    mask = lsst.Mask(0, schema=schema, bbox=bbox)
    for name in image.planes:
        mask.set(_NAMES.get(name, name), image.has_plane(name))
    sigma = visit.template_psf.sigma if image is exposure.template else visit.psf.sigma
    start = visit.mjd - visit.exposure_s / 2 / 86400
    summary: Any = lsst.ObservationSummaryStats  # all its fields have defaults, which mypy does not see
    return getattr(lsst, kind)(
        lsst.Image(np.array(image.pixels), bbox=bbox, unit=u.nJy, sky_projection=projection),
        mask=mask,
        variance=lsst.Image(np.array(image.variance), bbox=bbox, unit=u.nJy**2),
        obs_info=ObservationInfo(
            instrument=INSTRUMENT,
            visit_id=visit.id,
            exposure_id=visit.id,
            detector_num=detector.id,
            physical_filter=f"{visit.band}_demo",
            datetime_begin=Time(start, format="mjd", scale="tai"),
            datetime_end=Time(start + visit.exposure_s / 86400, format="mjd", scale="tai"),
            exposure_time=visit.exposure_s * u.s,
        ),
        psf=GaussianPointSpreadFunction(sigma, stamp_size=41, bounds=bbox),
        summary_stats=summary(
            psfSigma=sigma,
            zeroPoint=31.4,
            skyNoise=visit.sky_sigma,
            ra=visit.boresight[0],
            dec=visit.boresight[1],
        ),
        photometric_scaling=ChebyshevField(bbox, np.array([[1.0]]), unit=u.nJy / u.adu),
        detector=_detector(visit, detector, bbox),
        band=visit.band,
    )


_MEANINGS = {
    "BAD": "Bad column of the detector.",
    "SAT": "The pixel was full, or charge bled into it.",
    "INTRP": "The value is interpolated.",
    "CR": "A particle crossed the pixel.",
    "EDGE": "Too near the edge to detect sources.",
    "DETECTED": "Part of a detected source.",
    "DETECTED_NEGATIVE": "Part of a detected source with a negative peak.",
    "SUSPECT": "Nearly full.",
    "NO_DATA": "No data.",
    "STREAK": "A satellite's trail.",
    "INJECTED": "A false source was added to the science image.",
    "INJECTED_TEMPLATE": "A false source was added to the template.",
    "SAT_TEMPLATE": "The template's pixel was full.",
}


def _detector(visit: Visit, detector: Detector, bbox: Any) -> Any:
    """Return the detector of a camera with flat, square pixels."""
    from lsst.images import cameras

    # There is no public constructor of a camera's frames, so they are read from a serialised form.
    from lsst.images._transforms import _ast
    from starlink import Ast

    number = f"DETECTOR_{detector.id:03d}"
    plane = Ast.Frame(2, "Ident=FOCAL_PLANE,Title=Focal Plane Coordinates,Unit(1)=mm,Unit(2)=mm")
    field = Ast.Frame(2, "Ident=FIELD_ANGLE,Title=Field Angle Coordinates,Unit(1)=rad,Unit(2)=rad")
    pixels = Ast.Frame(
        2,
        f"Ident={number},Title=Pixel Coordinates,Unit(1)=pix,Unit(2)=pix,"
        f"Bottom(1)={bbox.x.min},Bottom(2)={bbox.y.min},Top(1)={bbox.x.max},Top(2)={bbox.y.max}",
    )
    frames = Ast.FrameSet(plane)
    frames.addframe(1, Ast.ZoomMap(2, np.radians(PIXEL_ARCSEC / 3600) / _PIXEL_MM), field)
    shift = Ast.ShiftMap([bbox.x.center - detector.offset_px, bbox.y.center])
    frames.addframe(1, Ast.CmpMap(Ast.ZoomMap(2, 1 / _PIXEL_MM), shift, True), pixels)
    attributes = cameras.DetectorAttributes(
        name=detector.name,
        id=detector.id,
        type=cameras.DetectorType.SCIENCE,
        serial=f"DEMO-{detector.id}",
        bbox=bbox,
        pixel_size=_PIXEL_MM,
        physical_type="DEMO",
        orientation=cameras.Orientation(
            focal_plane_x=detector.offset_px * _PIXEL_MM,
            focal_plane_y=0,
            focal_plane_z=0,
            pixel_reference_x=bbox.x.center,
            pixel_reference_y=bbox.y.center,
        ),
    )
    camera = cameras.CameraFrameSet(INSTRUMENT, _ast.FrameSet.fromString(str(frames)))
    return cameras.Detector(attributes, [], camera, visit=visit.id)
