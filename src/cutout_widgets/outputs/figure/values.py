"""The numbers of a figure's header: what they are, and how they are written where room is short."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.outputs.figure.glyphs import Fitted, font

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["numbers_of", "shown"]


def numbers_of(source: DiaSource) -> dict[str, float | None]:
    """Return the numbers of the header; None where the row has none.

    Returns
    -------
    dict
        Names of `figure.VALUES`: fluxes and errors in nJy, signed; ratios keep the sign of the flux; the
        magnitude is AB, of the flux on the science image, and only of a positive one.
    """
    row = source.row
    psf, psf_err = _number(meaning_of(row, "flux")), _number(meaning_of(row, "flux_err"))
    ap, ap_err = _number(row.get("apFlux")), _number(row.get("apFluxErr"))
    total, total_err = (
        _number(meaning_of(row, "science_flux")),
        _number(meaning_of(row, "science_flux_err")),
    )
    return {
        "ra": _number(source.ra),
        "dec": _number(source.dec),
        "snr": _number(meaning_of(row, "snr")),
        "chi2": _ratio(_number(row.get("psfChi2")), _number(row.get("psfNdata"))),
        "psf_flux": psf,
        "psf_err": psf_err,
        "psf_snr": _ratio(psf, psf_err),
        "ap_flux": ap,
        "ap_err": ap_err,
        "ap_snr": _ratio(ap, ap_err),
        "total_flux": total,
        "total_err": total_err,
        "total_snr": _ratio(total, total_err),
        "magnitude": None if total is None or not 0 < total < math.inf else 31.4 - 2.5 * math.log10(total),
    }


def shown(value: float | None, form: str, room_px: float) -> Fitted:
    """Write a number so that it fits.

    Parameters
    ----------
    value
        None and NaN are written ``n/a``.
    form
        Format for numbers that fit.
    room_px
        Width of the place, px.
    """
    face = font("regular")
    if value is None or value != value:
        return face.fit("n/a", room_px)
    for attempt in (form, ".4g", ".2g"):
        text = format(value, attempt)
        if (width := face.width(text)) <= room_px:
            return Fitted(text, width)
    return face.fit(format(value, ".0e"), room_px)


def _number(value: Any) -> float | None:
    """Return a finite or infinite number, or None."""
    if value is None or isinstance(value, (str, bytes)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def _ratio(value: float | None, by: float | None) -> float | None:
    """Divide, where that has a meaning."""
    if value is None or by is None or not by > 0 or math.isinf(by):
        return None
    return value / by
