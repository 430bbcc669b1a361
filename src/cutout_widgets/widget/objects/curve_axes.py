"""The axes of a light curve: which flux, in which unit, against which time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.photometry.magnitudes import ab_magnitude, ab_magnitude_err
from cutout_widgets.errors import BadOption

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CurveAxes", "Flux", "TimeAxis", "Unit", "ticks_between", "vertical_axis", "words_of"]

Flux = Literal["difference", "science"]
Unit = Literal["nJy", "mag"]
TimeAxis = Literal["mjd", "days"]

LARGEST_ERROR_MAG = 1.0
"""Error bars of magnitudes count up to this for the range of the axis: those of noise are huge."""


@dataclass(frozen=True)
class CurveAxes:
    """The choice of axes.

    Raises
    ------
    BadOption
        If one of them is unknown, or the period is not positive.
    """

    flux: Flux = "difference"
    unit: Unit = "nJy"
    time: TimeAxis = "mjd"
    period: float | None = None
    """Days to fold by; None: not folded."""

    def __post_init__(self) -> None:
        for name, known in (("flux", Flux), ("unit", Unit), ("time", TimeAxis)):
            if getattr(self, name) not in get_args(known):
                choices = " or ".join(map(repr, get_args(known)))
                raise BadOption(f"{name}={getattr(self, name)!r} is unknown: choose {choices}")
        if self.period is not None and not 0 < self.period < math.inf:
            raise BadOption(f"period={self.period!r} is not a number of days above zero; None does not fold")

    def drawn(self, points: pd.DataFrame) -> pd.DataFrame:
        """Return the points of a history that can be drawn, with ``x``, ``y`` and ``error`` on these axes."""
        name = "flux" if self.flux == "difference" else "science_flux"
        nothing = np.full(len(points), np.nan)
        flux, error = (
            points[one].to_numpy(dtype=float) if one in points else nothing for one in (name, f"{name}_err")
        )
        if self.unit == "mag":
            flux, error = ab_magnitude(flux), ab_magnitude_err(flux, error)
        time = points["time"].to_numpy(dtype=float)
        if len(time) and self.period is not None:
            time = (time - time.min()) % self.period / self.period
        elif len(time) and self.time == "days":
            time = time - time.min()
        placed = points.assign(x=time, y=flux, error=error)
        return placed[np.isfinite(flux)]

    def labels(self, points: pd.DataFrame) -> tuple[str, str]:
        """Return the labels of the axes."""
        first = points["time"].min() if len(points) else math.nan
        words = {"nJy": "flux (nJy)", "mag": "AB magnitude"}[self.unit]
        if self.period is not None:
            return f"phase, 0 at MJD {first:.4f}", f"{self.flux} {words}"
        return "MJD" if self.time == "mjd" else f"days since MJD {first:.3f}", f"{self.flux} {words}"

    def across(self, drawn: pd.DataFrame) -> tuple[float | None, float | None]:
        """Return the range of the time axis, with a margin so that no point is cut in half."""
        if self.period is not None and len(drawn):
            return -0.03, 1.03
        return _ends_of(drawn["x"].to_numpy(dtype=float), 0.5)

    def up(self, drawn: pd.DataFrame) -> tuple[float | None, float | None]:
        """Return the range of the vertical axis: all measurements, and zero flux or the limits in magnitudes.

        In flux a single limit of a bad night would flatten the curve: limits count if nothing was measured.
        """
        is_limit = drawn["kind"] == "limit"
        some = drawn if self.unit == "mag" or is_limit.all() else drawn[~is_limit]
        y, error = some["y"].to_numpy(dtype=float), np.nan_to_num(some["error"].to_numpy(dtype=float))
        error = np.where(some["kind"] == "limit", 0.0, error)
        if self.unit == "mag":
            error = np.minimum(error, LARGEST_ERROR_MAG)
        zero = [0.0] * (len(y) > 0 and self.unit == "nJy")
        return _ends_of(np.concatenate([y - error, y + error, zero]), 0.0 if self.unit == "nJy" else 0.1)


def ticks_between(low: float | None, high: float | None, most: int) -> dict[str, Any]:
    """Return at most `most` round values inside an axis and their format, as a bqplot axis takes them."""
    if low is None or high is None:
        return {"tick_values": None}
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / most))
    ticks: list[float] = []
    digits = 0
    for step in (power, 2 * power, 5 * power, 10 * power):
        finer, finer_digits = ticks, digits
        first, last = math.ceil((low + 0.02 * span) / step), math.floor((high - 0.02 * span) / step)
        ticks = [one * step for one in range(first, last + 1)]
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        if len(ticks) <= most:
            break
    if len(ticks) < 2 <= len(finer):  # one number gives no scale
        ticks, digits = [finer[0], finer[-1]], finer_digits
    return {"tick_values": np.array(ticks), "tick_format": f".{digits}f"}


def vertical_axis(scale: Any, **options: Any) -> Any:
    """Return a bqplot axis at the left of a figure.

    bqplot 0.12 needs both its side and its orientation; 0.13 takes the orientation only afterwards.
    """
    import bqplot

    axis = bqplot.Axis(scale=scale, side="left", **options)
    axis.orientation = "vertical"
    return axis


def _ends_of(values: NDArray[np.float64], least: float) -> tuple[float | None, float | None]:
    """Return the range of values with a margin of at least `least`; None without values."""
    if len(values) == 0:
        return None, None
    margin = max(least, 0.05 * float(np.ptp(values)))
    return float(values.min()) - margin, float(values.max()) + margin


def words_of(point: Any) -> str:
    """Return everything that is known of a point, a row of a history, in one line."""
    parts = [
        f"MJD {point.time:.5f}",
        f"{point.band if isinstance(point.band, str) else 'no band'} {point.kind}",
    ]
    for name, column in (("difference", "flux"), ("science", "science_flux")):
        flux, error = getattr(point, column, math.nan), getattr(point, f"{column}_err", math.nan)
        if not math.isfinite(flux):
            continue
        said = f"less than {flux:.5g}" if point.kind == "limit" else f"{name} {flux:.5g}"
        said += f" \N{PLUS-MINUS SIGN} {error:.3g} nJy, S/N {flux / error:.1f}" if error > 0 else " nJy"
        magnitude = float(ab_magnitude(flux))
        parts.append(said + (f", {magnitude:.3f} AB" if math.isfinite(magnitude) else ""))
    for name in ("visit", "detector", "id"):
        value = getattr(point, name, None)
        if isinstance(value, (int, np.integer)):
            parts.append(f"{name} {value}")
    return " \N{MIDDLE DOT} ".join(parts).replace("-", "\N{MINUS SIGN}")
