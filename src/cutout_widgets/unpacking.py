"""The limit on the decompressed size of data, for all readers, as protection against decompression bombs."""

from __future__ import annotations

import os
import zlib
from typing import IO, Any, Protocol

from cutout_widgets.errors import BadOption, UnreadableImage

__all__ = [
    "VARIABLE",
    "largest_unpacked",
    "set_largest_unpacked",
    "size_text",
    "too_large",
    "unpacked",
    "unpacked_gzip",
]

VARIABLE = "CUTOUT_WIDGETS_LARGEST_UNPACKED"
"""Environment variable with the limit in bytes, inherited by child processes."""

DEFAULT_BYTES = 1 << 30
"""1 GiB: five times the three planes of an LSST detector."""

_STEP = 1 << 24
"""Bytes decompressed at once."""


class Unpacker(Protocol):
    """A decompressor from zlib, bz2 or lzma."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Return at most this many more bytes."""


def largest_unpacked() -> int:
    """Return the maximum decompressed size of a file, a block or a stamp, in bytes.

    Raises
    ------
    BadOption
        If the environment variable is not a number.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return DEFAULT_BYTES
    if not text.isdecimal() or int(text) < 1:
        raise BadOption(f"{VARIABLE} is a number of bytes; got {text!r}")
    return int(text)


def set_largest_unpacked(size: int) -> None:
    """Set the maximum decompressed size of data, in this process and its children.

    Parameters
    ----------
    size
        In bytes, by default 1 GiB (or the environment variable ``CUTOUT_WIDGETS_LARGEST_UNPACKED``).
        It limits gzip files, compressed FITS images, blocks and stamps of alert packets, PNGs, stamp files,
        and tables of all formats (those up to 50 times their file's size, as real ones are, are read).

    Raises
    ------
    BadOption
        If it is not a positive whole number.

    Examples
    --------
    >>> import cutout_widgets as cw
    >>> cw.set_largest_unpacked(1 << 30)
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise BadOption(f"the largest unpacked size is a positive number of bytes; got {size!r}")
    os.environ[VARIABLE] = str(size)


def size_text(size: int) -> str:
    """Return a size as text for a message."""
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >> shift:
            return f"{size / (1 << shift):.3g} {unit}"
    return f"{size} bytes"


def too_large(what: str, limit: int | None = None) -> UnreadableImage:
    """Return the error for something whose decompressed size is above the limit."""
    return UnreadableImage(
        f"{what} unpacks to more than {size_text(limit or largest_unpacked())}; if it is not damaged, "
        "allow more: cutout_widgets.set_largest_unpacked(bytes)"
    )


def unpacked(data: bytes, unpacker: Unpacker, what: str, limit: int) -> bytes:
    """Return the decompressed bytes.

    Raises
    ------
    UnreadableImage
        If they exceed the limit.
    EOFError
        If the data are truncated.
    """
    plain = unpacker.decompress(data, limit + 1)
    if len(plain) > limit:
        raise too_large(what, limit)
    if not unpacker.eof:
        raise EOFError("it ends too early")
    return plain


def unpacked_gzip(stream: IO[bytes], what: str) -> bytes:
    """Return the content of a gzip file, which may have several members.

    Raises
    ------
    UnreadableImage
        If it exceeds the limit.
    EOFError
        If it is truncated.
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
                if not rest.strip(b"\0"):  # padding, as on tapes
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
