"""The FITS header cards that describe an exposure."""

from __future__ import annotations

import re
from typing import Any

from astropy.io import fits

__all__ = ["cards_of"]

_OF_THE_FILE = re.compile(
    r"SIMPLE|BITPIX|NAXIS\d*|EXTEND|XTENSION|[PG]COUNT|EXT(?:NAME|VER|TYPE|LEVEL)|COMMENT|HISTORY|CHECKSUM|DATASUM"
    r"|T(?:FIELDS|TYPE\d+|FORM\d+)|B(?:SCALE|ZERO)|INHERIT|LT[VM]\d(?:_\d)?|MP_.*|MSK[NMD]\d{4}"
    r"|(?:CTYPE|CUNIT|CRPIX|CRVAL|CDELT|CROTA)\d[A-Z]?|(?:CD|PC)\d_\d[A-Z]?|P[VS]\d_\d+|WCSAXES[A-Z]?"
    r"|(?:AP?|BP?)_(?:ORDER|\d+_\d+)|"
)
"""Cards that are not metadata: those of the file format, the WCS, the corner and the mask planes."""


def cards_of(header: fits.Header) -> dict[str, Any]:
    """Return the readable cards of a header, by keyword."""
    cards = {}
    for card in header.cards:
        try:
            if _OF_THE_FILE.fullmatch(card.keyword) is None:
                cards[card.keyword] = card.value
        except (fits.VerifyError, ValueError):
            continue
    return cards
