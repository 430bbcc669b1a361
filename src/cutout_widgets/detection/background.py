"""The sky background: a smooth model that can be subtracted and added back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.footprints.segmentation import footprints_above, labels_of
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.planes import where_any

__all__ = ["SKY_EXCLUDES", "Subtracted", "add_background", "subtract_background"]

SKY_EXCLUDES = ("NO_DATA", "BAD", "SAT", "CR", "INTRP", "EDGE", "SUSPECT", "DETECTED", "DETECTED_NEGATIVE")
"""Mask planes of pixels that are not empty sky."""

SOURCE_SIGMA = 3.0
"""A source is where the image, subtracted once and smoothed over 5x5 px, exceeds this many sigma."""

HALO_PX = 6
"""Sources are grown by this much to cover their faint wings."""

ROUNDING = 1e-6
"""Relative rounding error of float32, with a margin."""


class Subtracted(NamedTuple):
    """The result of `subtract_background`.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> cw.subtract_background(make_image((64, 64)), mesh_px=16).noise.shape
    (64, 64)
    """

    image: Image
    """The image without its background."""
    background: Image
    """The model, on the same pixels; adding it restores the original."""
    noise: NDArray[np.float32]
    """Standard deviation of empty pixels, shape (ny, nx)."""

    def __repr__(self) -> str:
        level, noise = np.median(self.background.pixels), np.median(self.noise)
        return f"<Subtracted {self.image!r}: median background {level:.4g}, median noise {noise:.4g}>"


def subtract_background(
    image: Image, *, mesh_px: int = 128, excluded_planes: Sequence[str] = SKY_EXCLUDES
) -> Subtracted:
    """Subtract a smooth background.

    Parameters
    ----------
    image
        Any image; it is not modified.
    mesh_px
        Side of the cells in which the level is estimated: much larger than a source, smaller than
        structure in the sky.
    excluded_planes
        Mask planes, in either vocabulary, of pixels to ignore.

    Returns
    -------
    Subtracted
        Image, model and noise. NaN pixels stay NaN in the image; the model covers them too.

    Raises
    ------
    MissingDependency
        If photutils is not installed.
    BadOption
        If `mesh_px` is less than 8 or too few pixels are left.

    Notes
    -----
    Two iterations of ``photutils.background.Background2D`` (SExtractor's mode estimate, 3 sigma
    clipping): the second one masks sources found in the residuals of the first. Cells are filtered
    and interpolated as in
    SExtractor and sep: a 3x3 median whose window shrinks symmetrically at the edges, then a natural cubic
    spline through the centres of the cells, extrapolated to the edges of the image, so that a gradient
    there is preserved.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> subtracted = subtract_background(make_image((64, 64)), mesh_px=16)
    >>> subtracted.background.shape, subtracted.image.unit
    ((64, 64), 'nJy')
    """
    if mesh_px < 8:
        raise BadOption(f"a background cell has at least 8 pixels a side; got {mesh_px}")
    pixels = np.asarray(image.pixels, dtype=np.float32)
    useless = ~np.isfinite(pixels) | where_any(image, excluded_planes)
    if useless.mean() > 0.95:
        raise BadOption(f"{useless.mean():.0%} of the pixels are masked, too many to estimate a background")
    level, noise = _fit(pixels, useless, mesh_px)
    # A flat image has only the rounding noise of float32, which must not count as sources.
    some = np.maximum(noise, np.abs(level) * ROUNDING + np.finfo(np.float32).tiny)
    # The residuals have no gradient: otherwise cells half covered by sources would be biased.
    left = pixels - level
    more, noise = _fit(left, useless | _sources(left, useless, some), mesh_px)
    level = level + more
    model = replace(
        image, pixels=level, mask=None, planes={}, variance=None, weight=None, psf=None, anchor=None
    )
    kind = image.pixels.dtype if image.pixels.dtype.kind == "f" else np.dtype(np.float32)
    return Subtracted(replace(image, pixels=(image.pixels - level).astype(kind)), model, noise)


def add_background(image: Image, background: Image) -> Image:
    """Return an image with its background added back.

    Raises
    ------
    BadOption
        If the two do not cover the same box.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> subtracted = cw.subtract_background(make_image((64, 64)), mesh_px=16)
    >>> add_background(subtracted.image, subtracted.background).shape
    (64, 64)
    """
    if image.box != background.box:
        raise BadOption(f"the background covers {background.box}, the image {image.box}")
    return replace(image, pixels=(image.pixels + background.pixels).astype(image.pixels.dtype))


def _fit(
    pixels: NDArray[np.float32], useless: NDArray[np.bool_], mesh_px: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return level and noise of the sky."""
    try:
        from photutils.background import Background2D, SExtractorBackground
    except ImportError as err:
        raise MissingDependency("photutils", "detect", "estimating a background") from err
    values = np.where(np.isfinite(pixels), pixels, 0.0)
    sides = tuple(cell_side(length, mesh_px) for length in pixels.shape)
    # Cells that are mostly masked are filled from their neighbours; in small images there may be no others.
    for most_masked in (80.0, 99.0):
        try:
            found = Background2D(
                values,
                sides,
                mask=useless,
                filter_size=1,
                exclude_percentile=most_masked,
                bkg_estimator=SExtractorBackground(),
            )
        except ValueError as err:
            reason = err
            continue
        meshes = (np.asarray(found.background_mesh), np.asarray(found.background_rms_mesh))
        level, noise = (smooth_surface(filtered(mesh), sides, pixels.shape) for mesh in meshes)
        return level, np.maximum(noise, np.float32(found.background_rms_mesh.min()))
    raise BadOption("too few pixels are free of masks and sources to measure the sky") from reason


def filtered(mesh: NDArray[Any]) -> NDArray[np.float64]:
    """Return the 3x3 median of cells; at an edge the window is one cell wide, which preserves a gradient."""
    from scipy import ndimage

    found = np.array(mesh, dtype=float)
    if min(found.shape) > 2:
        found[1:-1, 1:-1] = ndimage.median_filter(mesh, size=3)[1:-1, 1:-1]
    for axis in (0, 1):
        if found.shape[1 - axis] > 2:
            for edge in (0, -1):
                line = np.take(mesh, edge, axis=axis)
                inner = np.median([line[:-2], line[1:-1], line[2:]], axis=0)
                if axis == 0:
                    found[edge, 1:-1] = inner
                else:
                    found[1:-1, edge] = inner
    return found


def cell_side(length: int, wanted: int) -> int:
    """Return a side near the wanted one that leaves no narrow cell at the end, which would be noisy."""
    return math.ceil(length / max(1, round(length / wanted)))


def smooth_surface(mesh: NDArray[Any], sides: Sequence[int], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a smooth surface through the centres of cells, at every pixel.

    Parameters
    ----------
    mesh
        Values of the cells, shape (my, mx).
    sides
        Height and width of a cell in pixels; the last ones may be smaller.
    shape
        Height and width of the image.
    """
    from scipy.interpolate import CubicSpline

    surface = np.asarray(mesh, dtype=float)
    for axis in (0, 1):
        count, length = surface.shape[axis], shape[axis]
        if count == 1:
            surface = np.repeat(surface, length, axis=axis)
            continue
        begin = np.arange(count) * float(sides[axis])
        middles = (begin + np.minimum(begin + sides[axis], length) - 1) / 2
        surface = CubicSpline(middles, surface, axis=axis, bc_type="natural")(np.arange(length))
    return surface.astype(np.float32)


def _sources(
    pixels: NDArray[np.float32], useless: NDArray[np.bool_], noise: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Return the pixels of sources, including their wings."""
    from scipy import ndimage

    flat = np.where(useless, 0.0, pixels)
    smooth = ndimage.uniform_filter(flat, 5) / np.maximum(
        ndimage.uniform_filter((~useless).astype(float), 5), 0.2
    )
    parts = footprints_above(smooth / (noise / 5), SOURCE_SIGMA, least_area=5)
    box = Box.from_shape((pixels.shape[0], pixels.shape[1]))
    found = labels_of(parts, box) > 0
    grown: NDArray[np.bool_] = ndimage.binary_dilation(found, iterations=HALO_PX)
    return grown
