"""Images and rows for tests, and comparison of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.quantities import numbers_in

if TYPE_CHECKING:
    from astropy.wcs import WCS

__all__ = ["assert_images_equal", "assert_triplets_equal", "make_image", "make_sources", "make_wcs"]


def make_wcs(
    ra: float = 53.0,
    dec: float = -28.0,
    *,
    at: tuple[float, float] = (0.0, 0.0),
    scale: float = 0.2,
    rotation: float = 0.0,
) -> WCS:
    """Return a tangent-plane WCS: `ra`, `dec` (degrees) at the pixel `at`, ICRS.

    Parameters
    ----------
    ra, dec
        Sky position of the reference pixel, degrees or angles.
    at
        The reference pixel (x, y), 0-based.
    scale
        Pixel scale, arcsec or an angle.
    rotation
        Angle from +y to north, counter-clockwise, degrees or an angle.

    Examples
    --------
    >>> make_wcs(53.0, -28.0).wcs.crval
    array([ 53., -28.])
    """
    from astropy.wcs import WCS

    ra, dec = numbers_in(ra, "ra", "deg"), numbers_in(dec, "dec", "deg")
    scale, rotation = numbers_in(scale, "scale", "arcsec"), numbers_in(rotation, "rotation", "deg")
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.cunit = ["deg", "deg"]
    wcs.wcs.radesys = "ICRS"
    wcs.wcs.crval = [ra, dec]
    wcs.wcs.crpix = [at[0] + 1, at[1] + 1]
    wcs.wcs.cdelt = [-scale / 3600, scale / 3600]
    angle = np.radians(rotation)
    wcs.wcs.pc = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    wcs.wcs.set()
    return wcs


def make_image(
    shape: tuple[int, int] = (40, 50),
    *,
    fill: float | None = None,
    seed: int = 0,
    yx0: tuple[int, int] = (0, 0),
    planes: Mapping[str, int] | None = None,
    wcs: Any = None,
    unit: str | None = "nJy",
) -> Image:
    """Return an image of seeded noise, or of a constant, with a mask and a variance.

    Parameters
    ----------
    shape
        Height and width.
    fill
        Value of all pixels; None for noise of mean 0 and standard deviation 10.
    seed
        Seed of the noise and of the mask.
    yx0
        Parent pixel (y, x) of the first pixel.
    planes
        Mask plane name -> bit; None = BAD 0, SAT 1 and DETECTED 5, each set in a tenth of the pixels.
    wcs
        World coordinates in parent pixels, for example from `make_wcs`.
    unit
        Unit of the pixels.

    Examples
    --------
    >>> float(make_image((4, 5), fill=2.0).pixels.sum())
    40.0
    """
    random = np.random.default_rng(seed)
    pixels = random.normal(0, 10, shape).astype(np.float32)
    if fill is not None:
        pixels = np.full(shape, fill, dtype=np.float32)
    names = {"BAD": 0, "SAT": 1, "DETECTED": 5} if planes is None else dict(planes)
    mask = np.zeros(shape, dtype=np.uint32)
    for bit in names.values():
        mask |= np.where(random.random(shape) < 0.1, np.uint32(1 << bit), np.uint32(0))
    variance = np.full(shape, 100, dtype=np.float32) + random.random(shape, dtype=np.float32)
    box = Box.from_shape(shape, yx0)
    return Image(pixels, box=box, mask=mask, planes=names, variance=variance, wcs=wcs, unit=unit)


def make_sources(
    n: int = 5,
    *,
    image: Image | None = None,
    seed: int = 0,
    visit: int | None = 1,
    detector: int | None = 0,
    first_id: int = 169298432598474793,
    columns: Mapping[str, Any] | None = None,
) -> list[DiaSource]:
    """Return rows at seeded positions on an image, with consecutive 18-digit ids.

    Parameters
    ----------
    n
        Number of rows.
    image
        The image: positions are on its pixels (including the very edge), with ra and dec if it has a WCS.
        None: positions on a 50 x 40 image without WCS.
    seed
        Seed of the positions.
    visit, detector
        As in the table.
    first_id
        The id of the first row.
    columns
        Additional columns, constant for all rows.

    Examples
    --------
    >>> [source.id for source in make_sources(2)]
    [169298432598474793, 169298432598474794]
    """
    box = Box(0, 40, 0, 50) if image is None else image.box
    random = np.random.default_rng(seed)
    x = random.uniform(box.x0 - 0.5, box.x1 - 0.5, n)
    y = random.uniform(box.y0 - 0.5, box.y1 - 0.5, n)
    ra, dec = np.full(n, np.nan), np.full(n, np.nan)
    if image is not None and image.wcs is not None:
        sky = image.wcs.pixel_to_world(x, y)
        ra, dec = np.atleast_1d(sky.icrs.ra.deg), np.atleast_1d(sky.icrs.dec.deg)
    return [
        DiaSource(
            id=first_id + place,
            ra=float(ra[place]),
            dec=float(dec[place]),
            visit=visit,
            detector=detector,
            band="r",
            row={"x": float(x[place]), "y": float(y[place]), **(columns or {})},
            index=place,
        )
        for place in range(n)
    ]


def assert_images_equal(one: Image | None, other: Image | None) -> None:
    """Assert that two images have equal box, pixels (bit for bit), planes by name, variance and WCS.

    Bit numbers may differ. A missing plane equals one that is not set anywhere.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> assert_images_equal(make_image(seed=1), make_image(seed=1))
    """
    if one is None or other is None:
        assert one is other, f"one image is missing: {one!r}, {other!r}"
        return
    assert one.box == other.box, f"boxes differ: {one.box} and {other.box}"
    assert one.unit == other.unit, f"units differ: {one.unit!r} and {other.unit!r}"
    np.testing.assert_array_equal(one.pixels, other.pixels)
    assert (one.variance is None) == (other.variance is None), "one has a variance, the other has none"
    if one.variance is not None and other.variance is not None:
        np.testing.assert_array_equal(one.variance, other.variance)
    assert (one.mask is None) == (other.mask is None), "one has a mask, the other has none"
    for name in {*one.planes, *other.planes}:
        np.testing.assert_array_equal(one.has_plane(name), other.has_plane(name), err_msg=name)
    assert (one.wcs is None) == (other.wcs is None), "one has a WCS, the other has none"
    if one.wcs is not None and other.wcs is not None:
        box = one.box
        x, y = np.array([box.x0, box.x1 - 1.0, box.x0]), np.array([box.y0, box.y0, box.y1 - 1.0])
        apart = one.wcs.pixel_to_world(x, y).separation(other.wcs.pixel_to_world(x, y))
        assert apart.arcsec.max() < 1e-4, f"the WCSs are {apart.arcsec.max():.3g} arcsec apart"


def assert_triplets_equal(one: Triplet, other: Triplet) -> None:
    """Assert that two triplets have equal images and problems.

    Examples
    --------
    >>> assert_triplets_equal(cw.Triplet(), cw.Triplet())
    """
    assert one.problems == other.problems, f"problems differ: {one.problems} and {other.problems}"
    for left, right in zip(one, other, strict=True):
        assert_images_equal(left, right)
