"""One bound on what compressed bytes may unpack to, for all readers: a bomb costs a sentence, no more."""

from __future__ import annotations

import os
import zlib
from typing import IO, Any, Protocol

from cutout_widgets.errors import BadOption, UnreadableImage

__all__ = [
    "VARIABLE",
    "largest_unpacked",
    "said",
    "set_largest_unpacked",
    "too_large",
    "unpacked",
    "unpacked_gzip",
]

VARIABLE = "CUTOUT_WIDGETS_LARGEST_UNPACKED"
"""Environment variable that holds the bound in bytes; processes that are started inherit it."""

DEFAULT_BYTES = 1 << 30
"""1 GiB: five times the three planes of an LSST detector."""

_STEP = 1 << 24
"""Bytes unpacked at once."""


class Unpacker(Protocol):
    """A decompressor of zlib, bz2 or lzma."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Return at most this many more bytes."""


def largest_unpacked() -> int:
    """Return how many bytes a file, a block or a stamp may unpack to.

    Raises
    ------
    BadOption
        If the environment variable holds no number.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return DEFAULT_BYTES
    if not text.isdecimal() or int(text) < 1:
        raise BadOption(f"{VARIABLE} is a number of bytes; got {text!r}")
    return int(text)


def set_largest_unpacked(size: int) -> None:
    """Set how many bytes compressed data may unpack to, in this process and those it starts.

    Parameters
    ----------
    size
        In bytes, by default 1 GiB (or what the environment variable ``CUTOUT_WIDGETS_LARGEST_UNPACKED``
        says). It bounds gzip files, compressed FITS images, blocks and stamps of alert packets, PNGs.

    Raises
    ------
    BadOption
        If it is no positive whole number.

    Examples
    --------
    >>> import cutout_widgets as cw
    >>> cw.set_largest_unpacked(1 << 30)
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise BadOption(f"the largest unpacked size is a positive number of bytes; got {size!r}")
    os.environ[VARIABLE] = str(size)


def said(size: int) -> str:
    """Return a size for a sentence."""
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >> shift:
            return f"{size / (1 << shift):.3g} {unit}"
    return f"{size} bytes"


def too_large(what: str, limit: int | None = None) -> UnreadableImage:
    """Return the refusal of something that unpacks to more than is allowed."""
    return UnreadableImage(
        f"{what} unpacks to more than {said(limit or largest_unpacked())}; if it is not damaged, allow more: "
        "cutout_widgets.set_largest_unpacked(bytes)"
    )


def unpacked(data: bytes, unpacker: Unpacker, what: str, limit: int) -> bytes:
    """Return all that a decompressor makes of some bytes.

    Raises
    ------
    UnreadableImage
        If that is too large.
    EOFError
        If the bytes end too early.
    """
    plain = unpacker.decompress(data, limit + 1)
    if len(plain) > limit:
        raise too_large(what, limit)
    if not unpacker.eof:
        raise EOFError("it ends too early")
    return plain


def unpacked_gzip(stream: IO[bytes], what: str) -> bytes:
    """Return the content of a gzip file, of several streams behind each other.

    Raises
    ------
    UnreadableImage
        If it is too large.
    EOFError
        If it ends too early.
    zlib.error
        If it is damaged.
    """
    limit, size = largest_unpacked(), 0
    parts: list[bytes] = []
    inflate: Any = zlib.decompressobj(wbits=31)
    for chunk in iter(lambda: stream.read(1 << 20), b""):
        rest = chunk
        while rest:
            if inflate.eof:
                if not rest.strip(b"\0"):  # padding, as tapes and some writers leave it
                    break
                inflate = zlib.decompressobj(wbits=31)
            parts.append(inflate.decompress(rest, _STEP))
            size += len(parts[-1])
            if size > limit:
                raise too_large(what)
            rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    if not inflate.eof:
        raise EOFError("it ends too early")
    return b"".join(parts)
