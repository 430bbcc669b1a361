"""Opening FITS files on disk or at a URL, with clear errors for other files."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from astropy.io import fits

from cutout_widgets.errors import CutoutError, ImageNotFound, UnreadableImage, sentence
from cutout_widgets.hdus import open_hdus
from cutout_widgets.paths import is_url, local_path
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.stores.fits.local_file import LocalFile
from cutout_widgets.unpacking import unpacked_gzip
from cutout_widgets.web import shown
from cutout_widgets.whole_file import kind_of_irregular

__all__ = ["Opened", "Place", "data_end", "end_of_last", "open_file"]

GZIP_MAGIC = b"\x1f\x8b"

BLOCK = 2880
"""Block size of FITS files in bytes; some writers do not fill the last block."""

CARD_BYTES = 700
"""Measured memory of each parsed header card."""


class Place(str):
    """The location of a file for display: of a URL without the query, which may contain a signature."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The last part."""
        return PurePosixPath(urlsplit(self).path if is_url(self) else self).name


@dataclass(frozen=True)
class Opened:
    """An open file."""

    hdus: fits.HDUList
    name: Place
    """Name for messages."""
    stream: RemoteFile | LocalFile | io.BytesIO
    """The file that the HDUs are read from."""
    unpacked_bytes: int = 0
    """Memory used by a decompressed gzip file."""

    @property
    def remote(self) -> RemoteFile | None:
        """The remote file that the HDUs are read from, if any."""
        return self.stream if isinstance(self.stream, RemoteFile) else None

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open."""
        known = list.__iter__(self.hdus)  # the list's own would read all headers
        cards = sum(len(hdu.header) for hdu in known if hasattr(hdu, "header"))
        return self.unpacked_bytes + (self.remote.held_bytes if self.remote else 0) + CARD_BYTES * cards

    def rest(self) -> None:
        """Give the descriptor of a file on disk back until the next read."""
        if isinstance(self.stream, LocalFile):
            self.stream.rest()


_WAYS_OUT = {
    b"BZ": "; it is packed with bzip2: unpack it (bunzip2)",
    b"\xfd7": "; it is packed with xz: unpack it (unxz)",
    b"PK": "; it is packed with zip: unpack it (unzip)",
    b"\x1f\x9d": "; it is packed with compress: unpack it (uncompress)",
}
"""First bytes of other compression formats -> advice."""


def open_file(
    path: Path | str, options: RemoteOptions | None = None, content: bytes | RemoteFile | None = None
) -> Opened:
    """Open a FITS file, or raise with a clear reason.

    Parameters
    ----------
    path
        Its path or URL; gzip is recognised by its first bytes.
    options
        How to read a URL.
    content
        The bytes of the file, if already in memory, or the open file; `path` is then its name in messages.

    Raises
    ------
    ImageNotFound
        If it does not exist, or permission is denied.
    UnreadableImage
        If it is not a FITS file, or damaged.
    """
    name = Place(shown(path) if isinstance(path, str) and is_url(path) else local_path(str(path)))
    stream: RemoteFile | LocalFile | io.BytesIO
    unpacked = 0
    try:
        if content is not None:
            stream, name = io.BytesIO(content) if isinstance(content, bytes) else content, Place(path)
        elif isinstance(path, str) and is_url(path):
            stream = RemoteFile(path, options)
        elif kind := kind_of_irregular(Path(name)):
            raise UnreadableImage(f"{name} is {kind}, not a FITS file")
        else:
            stream = LocalFile(name)
        start = stream.read(80)
        stream.seek(0)
        if start.startswith(GZIP_MAGIC):
            # Reading part of a gzip stream needs all data before it, so it is decompressed once.
            with stream:
                whole = unpacked_gzip(stream, name)  # type: ignore[arg-type]
            stream, start, unpacked = io.BytesIO(whole), whole[:80], len(whole)
    except FileNotFoundError as err:
        raise ImageNotFound(f"there is no file {name}") from err
    except PermissionError as err:
        raise ImageNotFound(f"{name} cannot be read: no permission") from err
    except (EOFError, zlib.error) as err:
        raise UnreadableImage(f"{name} is a damaged gzip file: {sentence(err)}") from err
    try:
        if not start:
            raise UnreadableImage(f"{name} is empty")
        if not start.startswith(b"SIMPLE"):
            raise UnreadableImage(
                f"{name} is not a FITS file: it does not begin with SIMPLE{_WAYS_OUT.get(start[:2], '')}"
            )
        return Opened(open_hdus(stream), name, stream, unpacked)  # type: ignore[arg-type]
    except CutoutError:
        stream.close()
        raise
    except Exception as err:  # a damaged header makes astropy raise almost anything
        stream.close()
        raise UnreadableImage(f"{name} cannot be read as FITS: {sentence(err)}") from err


def data_end(hdu: Any) -> int:
    """Return the minimum size of a file that contains all data of an HDU; 0 if unknown."""
    where = hdu.fileinfo()
    if not where:
        return 0
    start, span = int(where["datLoc"] or 0), int(where["datSpan"] or 0)  # None in a damaged HDU
    if not isinstance(hdu, fits.CompImageHDU):
        return start + int(hdu.size)
    table = getattr(hdu, "_bintable", None)  # the HDU's own size refers to the pixels, not the tiles
    return start + (max(0, span - BLOCK + 1) if table is None else int(table.size))


def end_of_last(hdu: Any) -> int:
    """Return the minimum size of a file that ends with this HDU, or continues with another header."""
    where = hdu.fileinfo()
    if not where:
        return 0
    file, end = where["file"], int(where["datLoc"] or 0) + int(where["datSpan"] or 0)
    if file.size <= end:
        return end if isinstance(hdu, fits.CompImageHDU) else data_end(hdu)  # their last block is full
    file.seek(end)
    if file.size % BLOCK and b"XTENSION".startswith(file.read(len(b"XTENSION"))):
        return int(-(-file.size // BLOCK) * BLOCK)
    return end
