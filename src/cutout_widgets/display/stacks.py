"""Images of any kind as stacks of floats, from which limits and levels are computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption

__all__ = ["central", "joined", "noise_of", "small_buffers", "stack_of", "unit_of"]


def stack_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return images as a native stack (n, ny, nx) of the narrowest float that represents them."""
    array = np.asanyarray(pixels)
    if array.ndim not in (2, 3) or array.dtype.kind not in "fiub":
        raise BadOption(
            f"a stretch takes an image (ny, nx) or a stack (n, ny, nx) of numbers; "
            f"got shape {array.shape} of {array.dtype}"
        )
    exact_in_float32 = array.dtype.itemsize <= (4 if array.dtype.kind == "f" else 2)
    dtype = np.float32 if exact_in_float32 else np.float64
    if np.ma.isMaskedArray(array):
        array = np.ma.filled(array.astype(dtype), np.nan)
    images = np.ascontiguousarray(array, dtype=dtype)
    return images if images.ndim == 3 else images[np.newaxis]


def joined(images: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return images of one shape as a stack; faster than ``numpy.stack``, which makes a view of each."""
    is_masked = any(np.ma.isMaskedArray(image) for image in images)
    stack: NDArray[Any] = (np.ma.concatenate if is_masked else np.concatenate)(images)
    return stack.reshape(len(images), *images[0].shape)


def noise_of(variance: NDArray[Any] | None, images: NDArray[Any]) -> NDArray[Any] | None:
    """Return a variance as a stack, or raise if its shape does not match."""
    if variance is None:
        return None
    noise = stack_of(variance)
    if noise.shape != images.shape:
        raise BadOption(f"variance has shape {noise.shape}, but the images have {images.shape}")
    return noise


def central(size: int, width: int) -> slice:
    """Return the slice of the central `width` pixels, centred on ``size // 2`` as in analysis_ap."""
    start = size // 2 - width // 2
    return slice(max(0, start), max(0, start + width))


def unit_of(pixels: Any) -> str | None:
    """Return the unit of an `Image` or a Quantity; None for an array."""
    unit = getattr(pixels, "unit", None)
    return None if unit is None else str(unit)


@contextmanager
def small_buffers() -> Iterator[None]:
    """Avoid copies when the rows of a stack are combined with one number each, such as their limits.

    numpy copies a broadcast operand row by row into a buffer if a row is shorter than the buffer;
    with a small buffer a column of numbers is as fast as a single one. The setting is per thread and
    restored afterwards.
    """
    before = np.setbufsize(1024)
    try:
        yield
    finally:
        np.setbufsize(before)
