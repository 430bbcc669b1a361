"""Resampling an image to another image's pixel grid; needs reproject (extra ``resample``)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, MissingDependency, NoOverlap
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import NO_DATA, Image
from cutout_widgets.pixels.projection import moved

if TYPE_CHECKING:
    from astropy.wcs import WCS

__all__ = ["Resample", "resampled"]

Resample = Literal["nearest", "interp", "exact"]
"""Nearest pixel; bilinear interpolation; or exact overlap of pixels on the sky."""


def resampled(image: Image, grid: WCS, box: Box, how: Resample = "interp") -> Image:
    """Return an image resampled to another pixel grid.

    Parameters
    ----------
    image
        An image with a FITS WCS; it is not modified.
    grid
        WCS of the new grid, in its parent pixels.
    box
        Part of that grid to cover.
    how
        ``"nearest"`` preserves values, ``"interp"`` is smooth, ``"exact"`` averages by overlap. All
        preserve surface brightness: values are not scaled by the ratio of pixel areas.

    Returns
    -------
    Image
        On `box`, with WCS `grid`; NaN, plane ``NO_DATA`` and infinite variance where the image has
        no pixels. Mask bits are those of the nearest pixel. The variance is resampled like the
        pixels: it is that of one pixel, not reduced by averaging, because neighbours become correlated.

    Raises
    ------
    MissingDependency
        If reproject is not installed.
    BadOption
        If a WCS is missing, or `how` is invalid.
    NoOverlap
        If the image has no pixel on the grid.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> resampled(make_image((40, 40), wcs=make_wcs()), make_wcs(rotation=30.0), cw.Box(0, 9, 0, 9)).shape
    (9, 9)
    """
    if how not in ("nearest", "interp", "exact"):
        raise BadOption(f"resample is 'nearest', 'interp' or 'exact'; got {how!r}")
    if image.wcs is None or grid is None:
        raise BadOption("resampling needs a WCS on both sides")
    own = moved(image.wcs, -image.box.x0, -image.box.y0)
    wanted = moved(grid, -box.x0, -box.y0)
    pixels, seen = _reprojected(image.pixels, own, wanted, box.shape, how)
    if not seen.any():
        raise NoOverlap(f"{image!r} has no pixel on {box} of the target grid")
    mask, planes = None, dict(image.planes)
    if image.mask is not None:
        bits = [bit for name, bit in planes.items() if name != NO_DATA]
        mask = np.zeros(box.shape, dtype=np.uint32)
        for bit in bits:
            plane = (image.mask >> np.uint32(bit) & np.uint32(1)).astype(float)
            mask |= (_reprojected(plane, own, wanted, box.shape, "nearest")[0] > 0.5).astype(np.uint32) << bit
        planes.setdefault(NO_DATA, next(bit for bit in range(32) if bit not in bits))
        mask[~seen] |= np.uint32(1 << planes[NO_DATA])
    variance = None
    if image.variance is not None:
        variance = _reprojected(image.variance, own, wanted, box.shape, how)[0]
        variance[~np.isfinite(variance)] = np.inf
    weight = None
    if image.weight is not None:
        weight = np.nan_to_num(_reprojected(image.weight, own, wanted, box.shape, how)[0])
    return replace(
        image,
        pixels=pixels,
        box=box,
        mask=mask,
        planes=planes,
        variance=variance,
        weight=weight,
        wcs=grid,
        anchor=None,
    )


def _reprojected(
    pixels: NDArray[Any], own: Any, wanted: Any, shape: tuple[int, int], how: Resample
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return pixels on the new grid, NaN where there are none, and where there are some."""
    try:
        import reproject
    except ImportError as err:
        raise MissingDependency("reproject", "resample", "showing an image on another pixel grid") from err
    given = (np.asarray(pixels, dtype=float), own)
    if how == "exact":
        values, seen = reproject.reproject_exact(given, wanted, shape_out=shape)
    else:
        order: Any = "nearest-neighbor" if how == "nearest" else "bilinear"
        values, seen = reproject.reproject_interp(given, wanted, shape_out=shape, order=order)
    covered = np.asarray(seen) > 0
    values = np.where(covered, values, np.nan).astype(np.float32)
    return values, covered
