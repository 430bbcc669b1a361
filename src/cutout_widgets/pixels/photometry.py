"""Photometry of pixel values: units, counts and rates, AB magnitudes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Image

if TYPE_CHECKING:
    from astropy.units import Quantity, UnitBase

__all__ = ["AB_ZERO_NJY", "ABMagnitudes", "calibrated", "flux_to_abmag", "in_unit"]

AB_ZERO_NJY = 31.4
"""AB magnitude of 1 nJy as Rubin rounds it (3631 Jy is magnitude 0, which gives 31.40006)."""

MAG_PER_E_FOLD = 2.5 / np.log(10.0)
"""1.0857: change in magnitude for a relative change in flux."""


class ABMagnitudes(NamedTuple):
    """AB magnitudes, and which of them are valid.

    Examples
    --------
    >>> cw.flux_to_abmag([1.0, -1.0]).valid
    array([ True, False])
    """

    magnitude: NDArray[np.float64]
    """NaN where undefined."""
    error: NDArray[np.float64] | None
    """None without errors of the fluxes; NaN where the magnitude is undefined."""
    valid: NDArray[np.bool_]
    """True where the flux is finite, positive and not masked."""


def flux_to_abmag(
    flux: ArrayLike | Quantity,
    error: ArrayLike | Quantity | None = None,
    *,
    mask: ArrayLike | None = None,
    zero: float = AB_ZERO_NJY,
) -> ABMagnitudes:
    """Convert fluxes to AB magnitudes.

    Parameters
    ----------
    flux
        Plain numbers in nJy (or in the unit of `zero`), or a Quantity of flux density; a
        masked array's own mask is used.
    error
        1 sigma, in the same form and unit.
    mask
        True for fluxes to ignore.
    zero
        Magnitude of a flux of 1; only for plain numbers.

    Returns
    -------
    ABMagnitudes
        ``-2.5 log10(flux) + zero`` and ``1.0857 error / flux``, with the shape of `flux`. A flux that
        is zero, negative (as differences can be), not finite or masked has no magnitude: NaN, no warning.

    Examples
    --------
    >>> flux_to_abmag([3630.78, -1.0], [36.3, 1.0]).magnitude.round(2)
    array([22.5,  nan])
    """
    hidden = np.zeros(np.shape(flux), dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    hidden = hidden | np.ma.getmaskarray(np.ma.asarray(flux)) if np.ma.isMaskedArray(flux) else hidden
    values, sigma = _njy(flux), None if error is None else _njy(error)
    hidden, values = np.broadcast_arrays(hidden, values)
    valid = np.isfinite(values) & (values > 0) & ~hidden
    magnitude = np.full(values.shape, np.nan)
    magnitude[valid] = -2.5 * np.log10(values[valid]) + zero
    if sigma is None:
        return ABMagnitudes(magnitude, None, valid)
    errors = np.full(values.shape, np.nan)
    errors[valid] = MAG_PER_E_FOLD * np.broadcast_to(sigma, values.shape)[valid] / values[valid]
    return ABMagnitudes(magnitude, errors, valid)


def _njy(values: Any) -> NDArray[np.float64]:
    """Return plain numbers unchanged and a Quantity in nJy."""
    if hasattr(values, "to_value"):
        from astropy import units as u

        values = values.to_value(u.nJy)
    return np.asarray(np.ma.getdata(values), dtype=float)


def in_unit(image: Image, unit: str | UnitBase) -> Image:
    """Convert an image to another unit.

    Parameters
    ----------
    image
        An image with a unit; it is not modified.
    unit
        The new unit. Counts are converted to a rate (``"electron"`` -> ``"electron / s"``) and back with
        the image's exposure time; otherwise astropy must be able to convert the units
        (``"nJy"`` -> ``"uJy"``).

    Returns
    -------
    Image
        Pixels times a factor, variance times its square; weights are relative and do not change. Integers
        become float64 unless the factor is 1.

    Raises
    ------
    BadOption
        If the image has no unit, the two are not convertible, or the exposure time is needed and
        unknown.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> round(float(in_unit(make_image((2, 2), fill=1500.0, unit="nJy"), "uJy").pixels[0, 0]), 4)
    1.5
    """
    from astropy import units as u

    if image.unit is None:
        raise BadOption(f"an image without a unit cannot be converted to {unit}; set its unit first")
    try:
        have, want = u.Unit(image.unit), u.Unit(unit)
    except ValueError as err:
        raise BadOption(f"units are written as FITS writes them; got {image.unit!r} and {unit!r}") from err
    factor = _factor(have, want, image.exposure_s)
    name = str(want)
    if factor == 1:
        return replace(image, unit=name)
    kind = image.pixels.dtype if image.pixels.dtype.kind == "f" else np.dtype(float)
    return replace(
        image,
        pixels=(image.pixels * factor).astype(kind),
        variance=None
        if image.variance is None
        else (image.variance * factor**2).astype(image.variance.dtype),
        unit=name,
    )


def calibrated(image: Image, nJy_per_unit: float) -> Image:
    """Return an image in nJy after photometric calibration by a factor.

    Parameters
    ----------
    image
        In instrumental units; not modified.
    nJy_per_unit
        Flux density of one instrumental unit, as in afw's ``PhotoCalib``.

    Raises
    ------
    BadOption
        If the factor is not a positive number.
    """
    if not (np.isfinite(nJy_per_unit) and nJy_per_unit > 0):
        raise BadOption(f"a calibration is a positive number of nJy; got {nJy_per_unit}")
    return in_unit(replace(image, unit=f"{float(nJy_per_unit)!r} nJy"), "nJy")


def _factor(have: UnitBase, want: UnitBase, exposure_s: float | None) -> float:
    """Return the factor that converts values from one unit to another."""
    from astropy import units as u

    if have.is_equivalent(want):
        return float(have.to(want))
    for ratio, power in ((have / u.s, -1), (have * u.s, 1)):
        if ratio.is_equivalent(want):
            if exposure_s is None or not exposure_s > 0:
                raise BadOption(f"{have} to {want} needs the exposure time, which this image lacks")
            return float(ratio.to(want)) * float(exposure_s) ** power
    raise BadOption(f"{have} cannot be converted to {want}")
