"""A stretch as a matplotlib norm, so that grey levels are as in the grid and the colorbar has units."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.display.stretch import Stretch
from cutout_widgets.pixels.image import Image

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

__all__ = ["finite_pixels", "norm_of", "round_ticks"]


@cache
def _norm_class() -> Callable[[NDArray[Any], NDArray[Any]], Normalize]:
    """Return the class, defined only when matplotlib is needed."""
    from matplotlib.colors import Normalize

    class StretchNorm(Normalize):
        """Piecewise linear between the values at which a stretch's levels begin."""

        def __init__(self, values: NDArray[np.float64], parts: NDArray[np.float64]) -> None:
            super().__init__(float(values[0]), float(values[-1]))
            self._values, self._parts = values, parts

        def __call__(self, value: Any, clip: bool | None = None) -> Any:
            given, is_scalar = self.process_value(value)
            found = np.ma.array(np.interp(given.data, self._values, self._parts), mask=np.ma.getmask(given))
            return found[0] if is_scalar else found

        def inverse(self, value: Any) -> Any:
            return np.interp(np.asarray(value, dtype=float), self._parts, self._values)

    return StretchNorm


def norm_of(stretch: Stretch, image: Image) -> Normalize:
    """Return a norm that maps the pixels of an image to 0 (dark) to 1 (bright).

    Parameters
    ----------
    stretch
        The stretch.
    image
        The image that determines the limits.
    """
    stretch = stretch.in_unit(image.unit)
    low, high = stretch.limits_of(image.pixels, variance=image.variance)[0]
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        low, high = (low - 0.5, low + 0.5) if np.isfinite(low) else (0.0, 1.0)
        return _norm_class()(np.array([low, high]), np.array([0.0, 1.0]))
    # Level k + 2 begins at threshold k, and the levels 1 to 255 lie at 0, 1/254, ... 1.
    first = stretch.thresholds(image.pixels, variance=image.variance).astype(float)
    values = np.maximum.accumulate(np.concatenate([[low], np.clip(first, low, high), [high]]))
    parts = np.concatenate([[0.0], (np.arange(254) + 0.5) / 254, [1.0]])
    return _norm_class()(values, parts)


def finite_pixels(image: Image, norm: Normalize) -> NDArray[Any]:
    """Return the pixels with NaN masked, and infinities clipped to the norm's limits."""
    pixels = np.asarray(image.pixels, dtype=np.result_type(image.pixels.dtype, np.float32))
    pixels = np.nan_to_num(pixels, nan=np.nan, posinf=norm.vmax, neginf=norm.vmin)
    return np.ma.masked_invalid(pixels, copy=False)


def round_ticks(norm: Normalize, count: int = 6) -> list[float]:
    """Return round numbers, evenly spaced on the scale of a norm, however non-linear it is."""
    ends = np.asarray(norm.inverse(np.linspace(0.0, 1.0, count)), dtype=float)
    found = set()
    for low, high in pairwise(np.linspace(0.0, 1.0, count)):
        # Round to as many digits as the distance to the next tick needs.
        value, after = (float(one) for one in np.asarray(norm.inverse(np.array([low, high]))))
        step = abs(after - value)
        digits = 0 if step <= 0 else -math.floor(math.log10(step))
        found.add(round(value, digits))
    found.add(float(f"{ends[-1]:.3g}"))
    return sorted(one for one in found if ends[0] <= one <= ends[-1])
