"""Stretching: conversion of an image's values to grey levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.display import limits as rules
from cutout_widgets.display.levels import CURVES, SOFTENING, Curve, first_values, level_table, levels_of
from cutout_widgets.display.stacks import central, joined, noise_of, stack_of, unit_of
from cutout_widgets.errors import BadOption
from cutout_widgets.quantities import has_unit, numbers_in

__all__ = ["LIMITS", "Limits", "Stretch"]

Limits = Literal["minmax", "zscale", "percentile", "user", "sigma"]
"""How the darkest and the brightest value are chosen."""
LIMITS: tuple[Limits, ...] = get_args(Limits)


@dataclass(frozen=True)
class Stretch:
    """A rule that converts numbers to bytes: 0 for no data, 1 to 255 from dark to bright.

    A value is scaled between the limits (0 at the lower, 1 at the upper, clipped), transformed by the
    curve, and becomes the level ``1 + round(254 * result)``, as in astropy.visualization within
    one level. NaN becomes 0, ``+inf`` 255 and ``-inf`` 1; neither affects the limits. If the
    limits coincide (a constant image), values up to them become 1 and larger ones 255. An image
    without finite pixels has NaN limits.

    Raises
    ------
    BadOption
        If a name is unknown, a number is out of range, or an option belongs to another rule.

    Examples
    --------
    >>> import numpy as np
    >>> Stretch("minmax", "linear").to_bytes(np.array([[0.0, 1.0, 2.0, np.nan]]))
    array([[  1, 128, 255,   0]], dtype=uint8)
    """

    limits: Limits = "minmax"
    """``minmax``, ``zscale`` (see `contrast`), ``percentile`` (see `lower`, `upper`), ``user``
    (see `vmin`, `vmax`) or ``sigma`` (symmetric about zero, see `k`)."""
    curve: Curve = "linear"
    """``linear``, ``sqrt``, ``log``, ``asinh`` or ``squared``. With the limits ``sigma`` it is
    applied symmetrically about zero, so that zero is always the middle level, 128."""
    contrast: float = 0.25
    """For ``zscale``: smaller values show a wider range."""
    lower: float = 0.0
    """For ``percentile``: percentage of the pixels below the lower limit."""
    upper: float = 100.0
    """For ``percentile``: percentage of the pixels below the upper limit."""
    vmin: float | None = None
    """For ``user``: lower limit; None = the smallest value. A Quantity becomes a number and `unit`."""
    vmax: float | None = None
    """For ``user``: upper limit, like `vmin`; None = the largest value."""
    k: float = 5.0
    """For ``sigma``: limits are -k and +k standard deviations of the noise."""
    a: float | None = None
    """For ``asinh`` (None = 0.1) and ``log`` (None = 1000): where the curve bends, as in astropy."""
    central_px: int | None = None
    """Side of the central area, in pixels, from which limits are computed (an odd number is centred on pixel
    ``size // 2``); if it has no finite value, the whole image is used. None = the whole image."""
    unit: str | None = None
    """Unit of `vmin` and `vmax`, which are converted to that of each image; None = that of the image."""

    def __post_init__(self) -> None:
        for name, known in (("limits", LIMITS), ("curve", CURVES)):
            if getattr(self, name) not in known:
                raise BadOption(
                    f"{name} of a stretch is one of {', '.join(known)}; got {getattr(self, name)!r}"
                )
        self._take_units()
        for name in ("contrast", "lower", "upper", "vmin", "vmax", "k", "a"):
            value = getattr(self, name)
            if value is not None and not _is_finite_number(value):
                raise BadOption(f"{name} of a stretch is a finite number; got {value!r}")
        if self.contrast < 0:
            raise BadOption(f"contrast of zscale is not negative; got {self.contrast}")
        if not 0 <= self.lower < self.upper <= 100:
            raise BadOption(f"percentiles go from 0 to 100, lower first; got {self.lower} and {self.upper}")
        if self.limits == "user" and self.vmin is None and self.vmax is None:
            raise BadOption("limits='user' needs vmin or vmax; for both from the image take limits='minmax'")
        if self.limits != "user" and (self.vmin, self.vmax) != (None, None):
            raise BadOption(f"vmin and vmax need limits='user'; got limits={self.limits!r}")
        if self.vmin is not None and self.vmax is not None and self.vmin > self.vmax:
            raise BadOption(
                f"vmin is not above vmax; got {self.vmin} and {self.vmax}: a colormap named ..._r inverts"
            )
        if not self.k > 0:
            raise BadOption(f"k, a number of sigma, is positive; got {self.k}")
        if self.a is not None:
            _check_softening(self.curve, self.a)
        if self.central_px is not None and (not isinstance(self.central_px, int) or self.central_px < 1):
            raise BadOption(f"central_px is a whole number of pixels from 1; got {self.central_px!r}")

    def _take_units(self) -> None:
        """Convert limits with a unit to numbers and their common unit."""
        given: list[Any] = [one for one in (self.vmin, self.vmax) if has_unit(one)]
        if not given:
            return
        if len(given) < sum(one is not None for one in (self.vmin, self.vmax)):
            raise BadOption(f"vmin and vmax both have a unit or neither has; got {self.vmin} and {self.vmax}")
        unit = given[0].unit.to_string() if self.unit is None else str(self.unit)
        for name in ("vmin", "vmax"):
            value = numbers_in(getattr(self, name), name, unit)
            object.__setattr__(self, name, None if value is None else float(value))
        object.__setattr__(self, "unit", unit)

    def in_unit(self, unit: str | None) -> Stretch:
        """Return the stretch with its limits as plain numbers, in the unit of an image.

        Raises
        ------
        BadOption
            If the limits have a unit that cannot be converted to it.
        """
        if self.unit is None:
            return self
        from astropy import units as u

        limits = f"limits of a stretch in {self.unit}"
        if unit is None:
            raise BadOption(f"{limits} need an image with a unit; give plain numbers for one without")
        try:
            factor = u.Unit(self.unit).to(u.Unit(unit))
        except (u.UnitConversionError, ValueError) as err:
            raise BadOption(f"{limits} cannot be converted to {unit}, the unit of the image") from err
        vmin, vmax = (None if one is None else one * factor for one in (self.vmin, self.vmax))
        return replace(self, vmin=vmin, vmax=vmax, unit=None)

    def to_bytes(self, stack: NDArray[Any], *, variance: NDArray[Any] | None = None) -> NDArray[np.uint8]:
        """Convert images to grey levels, each with its own limits.

        Parameters
        ----------
        stack
            Shape (n, ny, nx) or (ny, nx); floats, integers or booleans in any byte order. Masked
            pixels of a masked array count as NaN. An `Image` or a Quantity, for limits with a unit.
        variance
            Same shape, in the unit squared; used only for the limits ``sigma``.

        Returns
        -------
        ndarray
            Same shape: 0 = no data, 1 to 255 = dark to bright. Empty arrays stay empty.

        Raises
        ------
        BadOption
            If the array is not an image or a stack of images of numbers, `variance` has another shape, or
            the limits have a unit that the pixels cannot be converted to.
        """
        if self.unit is not None:
            return self.in_unit(unit_of(stack)).to_bytes(stack, variance=variance)
        images = stack_of(stack)
        levels = levels_of(images, self._limits(images, noise_of(variance, images)), self._table())
        return levels.reshape(np.shape(stack))

    def to_bytes_each(
        self,
        images: Sequence[NDArray[Any]],
        *,
        variances: Sequence[NDArray[Any] | None] | None = None,
        units: Sequence[str | None] | None = None,
    ) -> list[NDArray[np.uint8]]:
        """Convert images of different shapes to grey levels, processing equal shapes together.

        Parameters
        ----------
        images
            Each of shape (ny, nx).
        variances
            One for each image, or None for an image without.
        units
            The unit of each image, for limits that have one.

        Returns
        -------
        list of ndarray
            The bytes of each image, the same as from `to_bytes`.
        """
        noise = variances if variances is not None and self.limits == "sigma" else [None] * len(images)
        its_unit = units if units is not None and self.unit is not None else [None] * len(images)
        alike: dict[tuple[Any, ...], list[int]] = {}
        for place, (image, its_noise, unit) in enumerate(zip(images, noise, its_unit, strict=True)):
            kind = (unit, image.shape, image.dtype, None if its_noise is None else its_noise.dtype)
            alike.setdefault(kind, []).append(place)
        found: dict[int, NDArray[np.uint8]] = {}
        for (unit, *_), places in alike.items():
            with_noise = noise[places[0]] is not None
            levels = self.in_unit(unit).to_bytes(
                joined([images[one] for one in places]),
                variance=joined([np.asarray(noise[one]) for one in places]) if with_noise else None,
            )
            found.update(zip(places, levels, strict=True))
        return [found[place] for place in range(len(images))]

    def limits_of(self, stack: NDArray[Any], *, variance: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Return the lower and upper limit of each image, in its unit.

        Parameters
        ----------
        stack
            Shape (n, ny, nx) or (ny, nx), as in `to_bytes`.
        variance
            Same shape, for the limits ``sigma``.

        Returns
        -------
        ndarray
            Shape (n, 2), with one row for a single image; NaN for an image without finite pixels.
        """
        if self.unit is not None:
            return self.in_unit(unit_of(stack)).limits_of(stack, variance=variance)
        images = stack_of(stack)
        return self._limits(images, noise_of(variance, images))

    def thresholds(self, image: NDArray[Any], *, variance: NDArray[Any] | None = None) -> NDArray[np.float32]:
        """Return the smallest value of each level above 1, so that other programs can apply the same stretch.

        Parameters
        ----------
        image
            Shape (ny, nx), as in `to_bytes`.
        variance
            Same shape, for the limits ``sigma``.

        Returns
        -------
        ndarray
            Shape (254,), ascending; the level of a value is 1 + the number of thresholds that
            do not exceed it. For float32 pixels (or exact in float32) this is exactly the byte of
            `to_bytes`; a float64 pixel within half a float32 step of a threshold may
            get the adjacent level.
        """
        if self.unit is not None:
            return self.in_unit(unit_of(image)).thresholds(image, variance=variance)
        images = stack_of(image)
        if len(images) != 1:
            raise BadOption(f"thresholds belong to one image, shape (ny, nx); got {np.shape(image)}")
        return first_values(self._limits(images, noise_of(variance, images)), self._table(), images.dtype)

    def to_dict(self) -> dict[str, Any]:
        """Return the options as plain values, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "unit" or value is not None}

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> Self:
        """Create a stretch from the result of `to_dict`, or a part of it.

        Raises
        ------
        BadOption
            If an option is unknown or invalid.
        """
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(options) - known):
            raise BadOption(
                f"a stretch has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            )
        return cls(**options)

    def _limits(self, images: NDArray[Any], noise: NDArray[Any] | None) -> NDArray[np.float64]:
        """Find the limits of each image of a stack of floats."""
        if self.central_px is None:
            return self._limits_of_all(images, noise)
        centre = np.s_[
            :, central(images.shape[1], self.central_px), central(images.shape[2], self.central_px)
        ]
        found = self._limits_of_all(images[centre], None if noise is None else noise[centre])
        lost = np.isnan(found).any(axis=1)
        if lost.any():
            found[lost] = self._limits_of_all(images[lost], None if noise is None else noise[lost])
        return found

    def _limits_of_all(self, images: NDArray[Any], noise: NDArray[Any] | None) -> NDArray[np.float64]:
        """Apply the rule to all pixels."""
        if self.limits == "zscale":
            return rules.zscale(images, self.contrast)
        if self.limits == "percentile":
            return rules.percentile(images, self.lower, self.upper)
        if self.limits == "sigma":
            return rules.symmetric(images, self.k, noise)
        found = rules.minmax(images)
        if self.limits == "user":
            # An end that is the image's own must not pass the one that was given.
            if self.vmin is not None:
                found = np.column_stack([np.full(len(found), self.vmin), np.maximum(found[:, 1], self.vmin)])
            if self.vmax is not None:
                found = np.column_stack([np.minimum(found[:, 0], self.vmax), np.full(len(found), self.vmax)])
        return found

    def _table(self) -> NDArray[np.uint8]:
        """Return the level of each step between the limits."""
        return level_table(self.curve, self.a, self.limits == "sigma")


def _is_finite_number(value: Any) -> bool:
    """Return whether an option is a finite number."""
    return isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value)


def _check_softening(curve: Curve, a: float) -> None:
    """Raise for an `a` that the curve does not support."""
    if curve not in SOFTENING:
        raise BadOption(f"a applies to the curves asinh and log; got a={a} with curve={curve!r}")
    _, smallest, largest = SOFTENING[curve]
    if not smallest <= a <= largest:
        raise BadOption(f"a of the curve {curve} is between {smallest:g} and {largest:g}; got {a:g}")
