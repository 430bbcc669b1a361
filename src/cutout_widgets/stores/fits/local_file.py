"""A file on disk that is open only while it is read."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, Any

from cutout_widgets.errors import UnreadableImage

__all__ = ["LocalFile"]


class LocalFile(io.RawIOBase):
    """A file that can be closed with `rest` and opens again at the next read.

    This keeps the parsed headers of hundreds of files usable if a process may open only a few hundred.

    Parameters
    ----------
    path
        Where it is.

    Raises
    ------
    OSError
        If it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self.name = os.fspath(path)
        self._file: IO[bytes] | None = None
        self._at = 0
        self._version: tuple[int, int, int] | None = None
        self._opened()

    def _opened(self) -> IO[bytes]:
        """Return the open file; it must not have changed since it was last open.

        Raises
        ------
        UnreadableImage
            If it was replaced or written to.
        """
        if self.closed:
            raise ValueError(f"{self.name} is closed")
        if self._file is None:
            file = Path(self.name).open("rb")  # noqa: SIM115  closed by `rest`
            found = os.fstat(file.fileno())
            version = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._version not in (None, version):
                file.close()
                raise UnreadableImage(f"{self.name} changed while it was read; read it again")
            self._file, self._version = file, version
            file.seek(self._at)
        return self._file

    @property
    def is_resting(self) -> bool:
        """Whether no descriptor is in use."""
        return self._file is None

    def rest(self) -> None:
        """Close the file until the next read."""
        if self._file is not None:
            self._at = self._file.tell()
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Close the file for good."""
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._opened().tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte."""
        return self._opened().seek(offset, whence)

    def read(self, count: int | None = -1) -> bytes:
        """Read bytes from the current position; fewer at the end of the file."""
        return self._opened().read(-1 if count is None else count)

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        found: int = self._opened().readinto(buffer)  # type: ignore[attr-defined]
        return found
