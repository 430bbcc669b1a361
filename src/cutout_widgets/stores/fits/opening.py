"""Opening FITS files on disk or at a URL, and where their HDUs end; others are refused with a message."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import urlsplit

from astropy.io import fits

from cutout_widgets.errors import CutoutError, ImageNotFound, UnreadableImage, sentence
from cutout_widgets.hdus import open_hdus
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions, is_url, local_path
from cutout_widgets.unpacking import unpacked_gzip
from cutout_widgets.web import shown

__all__ = ["Opened", "Place", "data_end", "end_of_last", "open_file"]

GZIP_MAGIC = b"\x1f\x8b"

BLOCK = 2880
"""FITS files consist of blocks of so many bytes; some writers do not fill the last one."""


class Place(str):
    """Where a file is, as it may be shown: of a URL without the query, which can hold a signature."""

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
    """What to call it in sentences."""
    unpacked_bytes: int = 0
    """Memory that an unpacked gzip file takes."""
    remote: RemoteFile | None = None
    """The file at a URL that the HDUs are read from."""

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open."""
        return self.unpacked_bytes if self.remote is None else self.remote.held_bytes


_WAYS_OUT = {
    b"BZ": "; it is packed with bzip2: unpack it (bunzip2)",
    b"\xfd7": "; it is packed with xz: unpack it (unxz)",
    b"PK": "; it is packed with zip: unpack it (unzip)",
    b"\x1f\x9d": "; it is packed with compress: unpack it (uncompress)",
}
"""First bytes -> what to do with what is no FITS file yet."""


def open_file(path: Path | str, options: RemoteOptions | None = None) -> Opened:
    """Open a FITS file, or say in one sentence why not.

    Parameters
    ----------
    path
        Its path or URL; gzip is recognised by its first bytes.
    options
        How a URL is read.

    Raises
    ------
    ImageNotFound
        If there is none, or it may not be read.
    UnreadableImage
        If it is no FITS file, or a damaged one.
    """
    remote: RemoteFile | None = None
    stream: IO[bytes] | None = None
    name = Place(shown(path) if isinstance(path, str) and is_url(path) else local_path(str(path)))
    try:
        if isinstance(path, str) and is_url(path):
            remote = RemoteFile(path, options)
            stream = remote  # type: ignore[assignment]  # io's classes and typing.IO do not know each other
        else:
            if Path(name).is_dir():
                raise UnreadableImage(f"{name} is a folder, not a FITS file")
            stream = Path(name).open("rb")  # noqa: SIM115  closed below, unless it is the URL's
        assert stream is not None
        start = stream.read(80)
        content = None
        if start.startswith(GZIP_MAGIC):
            # A part of a gzip stream costs all that is before it: unpack once.
            stream.seek(0)
            content = unpacked_gzip(stream, name)
            start = content[:80]
        if remote is None or content is not None:
            stream.close()
    except FileNotFoundError as err:
        raise ImageNotFound(f"there is no file {name}") from err
    except PermissionError as err:
        raise ImageNotFound(f"{name} cannot be read: no permission") from err
    except (EOFError, zlib.error) as err:
        raise UnreadableImage(f"{name} is a damaged gzip file: {sentence(err)}") from err
    if not start:
        raise UnreadableImage(f"{name} is empty")
    if not start.startswith(b"SIMPLE"):
        raise UnreadableImage(
            f"{name} is not a FITS file: it does not begin with SIMPLE{_WAYS_OUT.get(start[:2], '')}"
        )
    try:
        if content is not None:
            return Opened(open_hdus(io.BytesIO(content)), name, len(content))
        if remote is not None:
            remote.seek(0)
            return Opened(open_hdus(stream), name, remote=remote)
        return Opened(open_hdus(Path(name)), name)
    except CutoutError:
        raise
    except Exception as err:  # a damaged header makes astropy raise almost anything
        raise UnreadableImage(f"{name} cannot be read as FITS: {sentence(err)}") from err


def data_end(hdu: Any) -> int:
    """Return how many bytes a file must have for all data of an HDU to be there; 0 if that is unknown."""
    where = hdu.fileinfo()
    if not where:
        return 0
    start, span = int(where["datLoc"] or 0), int(where["datSpan"] or 0)  # None of a damaged HDU
    if not isinstance(hdu, fits.CompImageHDU):
        return start + int(hdu.size)
    table = getattr(hdu, "_bintable", None)  # the HDU's own size is that of the pixels, not of the tiles
    return start + (max(0, span - BLOCK + 1) if table is None else int(table.size))


def end_of_last(hdu: Any) -> int:
    """Return how many bytes a file must have that ends with an HDU, or with a header behind it."""
    where = hdu.fileinfo()
    if not where:
        return 0
    file, end = where["file"], int(where["datLoc"] or 0) + int(where["datSpan"] or 0)
    if file.size <= end:
        return end if isinstance(hdu, fits.CompImageHDU) else data_end(hdu)  # all who compress fill blocks
    file.seek(end)
    if file.size % BLOCK and b"XTENSION".startswith(file.read(len(b"XTENSION"))):
        return int(-(-file.size // BLOCK) * BLOCK)
    return end
