"""The arrays of a message in one buffer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ArrayBuffer"]


class ArrayBuffer:
    """Arrays in one buffer, each aligned to eight bytes."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, array: NDArray[Any], dtype: str) -> int:
        """Append an array as little-endian `dtype` and return its byte offset."""
        offset = self._size
        data = np.ascontiguousarray(array, dtype=dtype).tobytes()
        padding = -len(data) % 8
        self._chunks += [data, b"\0" * padding]
        self._size += len(data) + padding
        return offset

    def bytes(self) -> bytes:
        """Return the whole buffer."""
        return b"".join(self._chunks)
