"""Fluxes as AB magnitudes, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.quantities import numbers_in

if TYPE_CHECKING:
    from astropy.units import Quantity

__all__ = ["AB_ZERO_POINT", "MAG_PER_E_FOLD", "ab_flux", "ab_magnitude", "ab_magnitude_err"]

AB_ZERO_POINT = 31.4
"""AB magnitude of 1 nJy, as the LSST documentation rounds it (8.9 + 2.5 * 9 = 31.4)."""

MAG_PER_E_FOLD = 2.5 / math.log(10)
"""1.0857: the error of a magnitude is this times the relative error of the flux."""


def ab_magnitude(flux_njy: ArrayLike | Quantity) -> NDArray[np.float64]:
    """Return the AB magnitude of fluxes; NaN if a flux is not positive.

    Parameters
    ----------
    flux_njy
        Total or difference flux, nJy or a Quantity, any shape. A difference flux of zero or less has no
        magnitude.

    Raises
    ------
    BadOption
        If a Quantity is not a flux density.

    Examples
    --------
    >>> import astropy.units as u
    >>> ab_magnitude([1.0, 1000.0]).round(3), float(ab_magnitude(1 * u.uJy))
    (array([31.4, 23.9]), 23.9)
    """
    flux = np.asarray(numbers_in(flux_njy, "a flux", "nJy"), dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(flux > 0, AB_ZERO_POINT - 2.5 * np.log10(np.where(flux > 0, flux, 1.0)), np.nan)


def ab_magnitude_err(
    flux_njy: ArrayLike | Quantity, flux_err_njy: ArrayLike | Quantity
) -> NDArray[np.float64]:
    """Return the error of `ab_magnitude`, ``1.0857 df / f``; NaN if a flux is not positive.

    Parameters
    ----------
    flux_njy, flux_err_njy
        Fluxes and their errors, nJy or Quantities, of the same shape.

    Raises
    ------
    BadOption
        If a Quantity is not a flux density.

    Examples
    --------
    >>> ab_magnitude_err([1000.0, -1000.0], [100.0, 100.0]).round(3)
    array([0.109,   nan])
    """
    flux = np.asarray(numbers_in(flux_njy, "a flux", "nJy"), dtype=float)
    err = np.asarray(numbers_in(flux_err_njy, "the error of a flux", "nJy"), dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(flux > 0, MAG_PER_E_FOLD * err / np.where(flux > 0, flux, 1.0), np.nan)


def ab_flux(magnitude: ArrayLike | Quantity) -> NDArray[np.float64]:
    """Return the flux in nJy of AB magnitudes, given as plain numbers or a Quantity.

    Raises
    ------
    BadOption
        If a Quantity is not a magnitude.

    Examples
    --------
    >>> ab_flux([31.4]).round(3)
    array([1.])
    """
    magnitudes = np.asarray(numbers_in(magnitude, "a magnitude", "mag(AB)", "mag"), dtype=float)
    return np.asarray(10 ** (-0.4 * (magnitudes - AB_ZERO_POINT)))
