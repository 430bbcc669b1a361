"""WCS in stamp files, in parent pixels, so that all stamps of an image share one."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from cutout_widgets.hdus import open_hdus
from cutout_widgets.pixels.fitted import array_wcs
from cutout_widgets.pixels.wcs import is_fits_wcs, moved
from cutout_widgets.stores.fits.wcs import parent_sky

if TYPE_CHECKING:
    from astropy.wcs import WCS

    from cutout_widgets.pixels.image import Image

__all__ = ["SkyWriter", "sky_of"]

_CARD = 80
_BLANK = b" "
_CARDS, _FILE = b"C", b"F"
"""First byte: followed by header cards, or for a WCS with lookup tables by a whole FITS file."""


class SkyWriter:
    """Serialises the WCS of images, once for all stamps of an image."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}

    def bytes_of(self, image: Image) -> bytes | None:
        """Return the WCS in an image's parent pixels as bytes, None if it has none."""
        wcs = image.wcs
        if wcs is None:
            return None
        if not is_fits_wcs(wcs):  # the FITS approximation is valid only on this stamp
            return _written(moved(array_wcs(image), image.box.x0, image.box.y0))
        known = self._known.get(id(wcs))
        if known is None:
            known = self._known[id(wcs)] = wcs, _written(wcs)  # keep a reference, so that the id stays unique
        return known[1]


def _written(wcs: WCS) -> bytes:
    """Return a FITS WCS as cards, one per line without trailing blanks; with tables, as a file."""
    hdus = wcs.to_fits(relax=True)
    if len(hdus) > 1:
        stream = io.BytesIO()
        hdus.writeto(stream)
        return _FILE + stream.getvalue()
    text = hdus[0].header.tostring(endcard=False, padding=False).encode("ascii")
    return _CARDS + b"\n".join(text[at : at + _CARD].rstrip(_BLANK) for at in range(0, len(text), _CARD))


@lru_cache(maxsize=1024)
def sky_of(kept: bytes) -> WCS | None:
    """Return a WCS from bytes; the same object for the same bytes."""
    from astropy.io import fits

    if kept.startswith(_FILE):
        with open_hdus(io.BytesIO(kept[1:])) as hdus:
            return parent_sky(hdus[0].header, hdus).wcs
    cards = b"".join(line.ljust(_CARD) for line in kept[1:].split(b"\n"))
    return parent_sky(fits.Header.fromstring(cards)).wcs
