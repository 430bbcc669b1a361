"""The numbers in a figure's header, and how to write them in limited space."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cutout_widgets.catalog.photometry.fluxes import Flux, Meaning, flux_of, signal_to_noise
from cutout_widgets.catalog.values import number_of
from cutout_widgets.outputs.figure.glyphs import Fitted, font

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["fluxes_of", "numbers_of", "shown"]


_MEANINGS: tuple[tuple[str, Meaning], ...] = (("psf", "flux"), ("ap", "ap_flux"), ("total", "science_flux"))


def fluxes_of(source: DiaSource) -> dict[str, Flux]:
    """Return the fluxes of the header: ``"psf"``, ``"ap"``, ``"total"`` -> flux and its unit."""
    return {name: flux_of(source, meaning) for name, meaning in _MEANINGS}


def numbers_of(source: DiaSource, fluxes: Mapping[str, Flux] | None = None) -> dict[str, float | None]:
    """Return the numbers of the header; None if missing.

    Parameters
    ----------
    source
        The row.
    fluxes
        The result of `fluxes_of`, if it is known.

    Returns
    -------
    dict
        Names of `figure.VALUES`: signed fluxes and errors in nJy (in the table's own unit if it is not a
        flux density, see `fluxes_of`); ratios keep the sign of the flux; the magnitude is
        AB, of the flux on the science image, and only of a positive one in a known unit.
    """
    row = source.row
    fluxes = fluxes_of(source) if fluxes is None else fluxes
    numbers = {
        "ra": number_of(source.ra),
        "dec": number_of(source.dec),
        "snr": signal_to_noise(source),
        "chi2": _ratio(number_of(row.get("psfChi2")), number_of(row.get("psfNdata"))),
    }
    for name, flux in fluxes.items():
        numbers |= {f"{name}_flux": flux.value, f"{name}_err": flux.error, f"{name}_snr": flux.snr}
    return {**numbers, "magnitude": fluxes["total"].magnitude}


def shown(value: float | None, form: str, room_px: float) -> Fitted:
    """Format a number to fit a width.

    Parameters
    ----------
    value
        None and NaN are written ``n/a``.
    form
        The number format, if the result fits.
    room_px
        Available width, px.
    """
    face = font("regular")
    if value is None or value != value:
        return face.fit("n/a", room_px)
    for attempt in (form, ".0f", ".4g", ".2g"):
        text = format(value, attempt)
        if (width := face.width(text)) <= room_px:
            return Fitted(text, width)
    return face.fit(format(value, ".0e"), room_px)


def _ratio(value: float | None, by: float | None) -> float | None:
    """Return a ratio, or None if it is undefined."""
    if value is None or by is None or not by > 0 or math.isinf(by):
        return None
    return value / by
