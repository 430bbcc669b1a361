"""A FITS WCS that approximates a WCS of another kind, on one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.pixels.wcs import moved

if TYPE_CHECKING:
    from astropy.wcs import WCS

    from cutout_widgets.pixels.image import Image

__all__ = ["array_wcs"]

_FIT_DEGREE = 4
"""Degree of the SIP polynomial that approximates a WCS; cutouts are small."""


def array_wcs(image: Image) -> WCS:
    """Return a FITS WCS for the pixels of an image's array, whose first pixel is (0, 0).

    Parameters
    ----------
    image
        It must have a WCS; one that is not a FITS WCS is approximated by a SIP polynomial of degree 4.

    Raises
    ------
    MissingDependency
        If the approximation is needed and scipy is not installed.
    """
    assert image.wcs is not None
    try:
        return moved(image.wcs, -image.box.x0, -image.box.y0)
    except BadOption:
        return _fitted(image)


def _fitted(image: Image) -> WCS:
    """Fit a WCS to positions distributed over an image."""
    try:
        import scipy.optimize  # noqa: F401  astropy needs it for the fit, but its error does not say how to install it
    except ImportError as err:
        raise MissingDependency(
            "scipy", "detect", "writing a WCS that is not a FITS WCS to a FITS file"
        ) from err
    from astropy.wcs.utils import fit_wcs_from_points

    assert image.wcs is not None
    ny, nx = image.shape
    grid = np.meshgrid(np.linspace(-1, nx, 9), np.linspace(-1, ny, 9))
    x, y = grid[0].ravel(), grid[1].ravel()
    sky = image.wcs.pixel_to_world(x + image.box.x0, y + image.box.y0).icrs
    middle = image.wcs.pixel_to_world(*image.box.centre).icrs
    return fit_wcs_from_points((x, y), sky, proj_point=middle, sip_degree=_FIT_DEGREE)
