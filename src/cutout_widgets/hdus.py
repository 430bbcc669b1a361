"""Open FITS files safely: two kinds of damaged headers make astropy loop almost forever."""

from __future__ import annotations

import os
import re
from typing import IO, Any

from astropy.io import fits

from cutout_widgets.errors import UnreadableImage

__all__ = ["open_hdus"]

_BLOCK, _CARD = 2880, 80

_COUNT = re.compile(rb" *(?:HIERARCH +)?(Z?NAXIS|TFIELDS) *= *\+?0*([1-9][0-9]{3,})", re.IGNORECASE)
"""The standard allows 999 axes and 999 columns; astropy accepts any number."""


def open_hdus(source: str | os.PathLike[str] | IO[bytes], **options: Any) -> fits.HDUList:
    """Open a FITS file for reading, with each header checked before astropy parses it.

    Parameters
    ----------
    source
        Its path, or its bytes as a stream.
    **options
        Options of `astropy.io.fits.open`.

    Returns
    -------
    astropy.io.fits.HDUList
        Its HDUs. Accessing a damaged header raises `UnreadableImage`.

    Raises
    ------
    UnreadableImage
        If the first header claims more than 999 axes or columns.
    OSError, ValueError
        Like `astropy.io.fits.open`, if it is not a FITS file.
    """
    # memmap=False: a truncated file behind a memory map kills the process (SIGBUS).
    kept = {"mode": "readonly", "memmap": False, "lazy_load_hdus": True, "uint": True} | options
    return _CheckedHDUs.fromfile(source, **kept)


class _CheckedHDUs(fits.HDUList):  # type: ignore[misc]
    """HDUs whose headers are checked when astropy reads them: by number, by name, in a loop."""

    def _read_next_hdu(self) -> bool:
        first = not list.__len__(self)  # len() would read all headers
        try:
            self._check_next()
            read: bool = super()._read_next_hdu()
            if read:
                self._start_of_next()
        except Exception:
            if first:
                self._file.close()  # opening failed, so nobody else will close it
            raise
        return read

    def _check_next(self) -> None:
        """Check the header to be read next."""
        file = self._file
        if self._read_all or file is None or file.closed:
            return
        start = self._start_of_next()
        if start is None or 0 < file.size <= start:
            return
        file.seek(start)
        self._refuse_thousands(file)
        file.seek(start)

    def _start_of_next(self) -> int | None:
        """Return the offset of the header to be read next; None if nothing can follow."""
        number = list.__len__(self)
        if not number:
            return 0
        last: Any = list.__getitem__(self, number - 1)
        if not hasattr(last, "fileinfo"):
            return None  # astropy treats everything up to the end as one corrupted HDU
        where = last.fileinfo()
        if not where or where["datLoc"] is None:
            return None
        span = int(where["datSpan"] or 0)
        if span < 0:  # the next header would be before this one, in an endless loop
            raise UnreadableImage(
                f"{self._name_of(number - 1)} has a damaged header: it gives a data size of {span} bytes"
            )
        return int(where["datLoc"]) + span

    def _refuse_thousands(self, file: Any) -> None:
        """Raise if the header at this offset claims thousands of axes or columns."""
        while block := file.read(_BLOCK):
            for at in range(0, len(block), _CARD):
                card = block[at : at + _CARD]
                if card.startswith(b"END") and not card[3:].strip():
                    return
                if found := _COUNT.match(card):
                    raise UnreadableImage(
                        f"{self._name_of(list.__len__(self))} has a damaged header: {found[1].decode()} is "
                        f"{found[2].decode()}, and FITS allows no more than 999"
                    )

    def _name_of(self, number: int) -> str:
        """Return the name of an HDU for a message."""
        name = str(self._file.name)
        nameless = self._file.file_like and name.startswith("<class ")  # astropy's name for bytes in memory
        return f"HDU {number}" if nameless else f"HDU {number} of {name}"
