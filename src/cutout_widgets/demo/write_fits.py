"""Images of the demo as FITS files in the layout of the LSST pipelines' afw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.time import Time

from cutout_widgets.demo.exposure import Exposure
from cutout_widgets.demo.instrument import INSTRUMENT
from cutout_widgets.pixels.image import PANELS, Image, Panel

__all__ = ["MISSING_TEMPLATE", "image_path", "write_images"]

MISSING_TEMPLATE = (2026060200039, 93)
"""Visit and detector whose template is in the index but does not exist, as happens in reality."""

_RICE = {
    "compression_type": "RICE_1",
    "tile_shape": (128, 128),
    # A step of exactly one and no dither: whole numbers are restored exactly.
    "quantize_level": -1.0,
    "quantize_method": -1,
}


def image_path(visit: int, detector: int, panel: Panel) -> str:
    """Return the path of an image, relative to the demo's folder."""
    return f"images/{visit}_{detector:03d}_{panel}.fits"


def _afw_hdus(exposure: Exposure, image: Image) -> fits.HDUList:
    """Return one image in afw's layout: a primary header, IMAGE, MASK, VARIANCE."""
    visit, detector = exposure.visit, exposure.detector
    if image.mask is None or image.variance is None:
        raise ValueError("an exposure's images have mask and variance")
    primary = fits.PrimaryHDU()
    ra, dec = visit.boresight
    for key, value, comment in (
        ("INSTRUME", INSTRUMENT, "camera"),
        ("EXPID", visit.id, "visit"),
        ("DETECTOR", detector.id, "number of the detector"),
        ("DETNAME", detector.name, "name of the detector"),
        ("FILTER", visit.band, "band"),
        ("EXPTIME", visit.exposure_s, "[s]"),
        ("TIMESYS", "TAI", ""),
        ("MJD-AVG", visit.mjd, "[d] middle of the exposure"),
        ("DATE-AVG", Time(visit.mjd, format="mjd", scale="tai").isot, "middle of the exposure"),
        ("BORE-RA", ra, "[deg] boresight, ICRS"),
        ("BORE-DEC", dec, "[deg] boresight, ICRS"),
        ("BORE-ROTANG", visit.rotation_deg, "[deg] north through east to +y"),
    ):
        primary.header[f"HIERARCH {key}" if len(key) > 8 else key] = (value, comment)
    hdus = fits.HDUList([primary])
    planes = {"IMAGE": image.pixels, "MASK": image.mask.astype(np.int32), "VARIANCE": image.variance}
    for name, data in planes.items():
        hdu = fits.CompImageHDU(data, name=name, **_RICE)
        header = hdu.header
        header["EXTTYPE"] = name
        header["LTV1"], header["LTV2"] = float(-image.box.x0), float(-image.box.y0)
        header.extend(visit.wcs_cards(detector))
        for axis, start in ((1, image.box.x0), (2, image.box.y0)):
            header[f"CTYPE{axis}A"], header[f"CUNIT{axis}A"] = "LINEAR", "PIXEL"
            header[f"CRPIX{axis}A"], header[f"CRVAL{axis}A"] = 1.0, float(start)
        if name == "MASK":
            for plane, bit in image.planes.items():
                header[f"HIERARCH MP_{plane}"] = bit
        else:
            header["BUNIT"] = "nJy" if name == "IMAGE" else "nJy**2"
        hdus.append(hdu)
    return hdus


def write_images(exposure: Exposure, folder: Path) -> None:
    """Write the three images of one detector and visit to a folder; a missing one is skipped."""
    for panel in PANELS:
        key = exposure.visit.id, exposure.detector.id
        if panel == "template" and key == MISSING_TEMPLATE:
            continue
        path = folder / image_path(*key, panel)
        path.parent.mkdir(parents=True, exist_ok=True)
        _afw_hdus(exposure, getattr(exposure, panel)).writeto(path)
