"""Visit and detector from the identifiers of Rubin's pipelines, for known packings."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from cutout_widgets.catalog.arguments import whole_number
from cutout_widgets.errors import BadTable

__all__ = ["PackedId", "unpack_id"]


class PackedId(NamedTuple):
    """The contents of an identifier.

    Examples
    --------
    >>> PackedId(visit=2025090500225, detector=2, number=41, release=1).detector
    2
    """

    visit: int
    """The visit."""
    detector: int
    """The detector."""
    number: int
    """Running number of the source on that detector."""
    release: int
    """The data release; 0 if not given."""


_RUBIN = ("LSSTCam", "LSSTComCam", "LATISS", "LSSTComCamSim", "LSSTCamSim")
_RELEASE_BITS = 6
_DETECTOR_BITS, _SEQUENCE_BITS, _DAY_BITS, _VISIT_BITS = 8, 15, 14, 1
_NUMBER_BITS = 63 - _RELEASE_BITS - _VISIT_BITS - _DAY_BITS - _SEQUENCE_BITS - _DETECTOR_BITS
"""Source: the documented packing of ``RubinDimensionPacker`` of obs_lsst; 64 releases."""

_FIRST_DAY = datetime.date(2010, 1, 1).toordinal()

_HSC_DETECTORS, _HSC_BITS = 200, 32
"""Source: ``detector_max`` and ``visit_max`` of HSC, whose product takes 32 bits; visit * 200 + detector."""


def unpack_id(id: int | str, instrument: str) -> PackedId:
    """Return the visit and detector packed in the identifier of a DiaSource.

    Parameters
    ----------
    id
        A ``diaSourceId``.
    instrument
        ``"LSSTCam"``, ``"LSSTComCam"``, ``"LATISS"``, or ``"HSC"``: the cameras whose packing is known.

    Raises
    ------
    BadTable
        If the packing of the instrument is unknown, or the number is not one of its identifiers.

    Examples
    --------
    >>> unpack_id(169298432598474793, "LSSTCam")
    PackedId(visit=2025090500225, detector=2, number=41, release=1)
    """
    whole = whole_number(id, "id")
    if not isinstance(instrument, str):
        raise BadTable(f"instrument is the name of a camera, such as 'LSSTCam'; got {instrument!r}")
    name = instrument.rpartition("/")[2]
    if name in _RUBIN:
        found = _of_rubin(whole)
    elif name == "HSC":
        found = _of_hsc(whole)
    else:
        raise BadTable(
            f"how {instrument} packs visit and detector into identifiers is unknown; known are "
            f"{', '.join(_RUBIN)} and HSC"
        )
    if found is None:
        raise BadTable(
            f"{whole} is not an identifier of {instrument}: it does not contain day, visit and detector"
        )
    return found


def _of_rubin(id: int) -> PackedId | None:
    rest, number = divmod(id, 1 << _NUMBER_BITS)
    rest, detector = divmod(rest, 1 << _DETECTOR_BITS)
    rest, sequence = divmod(rest, 1 << _SEQUENCE_BITS)
    rest, day = divmod(rest, 1 << _DAY_BITS)
    release, again = divmod(rest, 1 << _VISIT_BITS)
    date = datetime.date.fromordinal(_FIRST_DAY + day)
    if id <= 0 or again or not sequence:  # a visit that repeats the first of several exposures
        return None
    visit = (date.year * 10_000 + date.month * 100 + date.day) * 100_000 + sequence
    return PackedId(visit, detector, number, release)


def _of_hsc(id: int) -> PackedId | None:
    rest, number = divmod(id, 1 << (63 - _RELEASE_BITS - _HSC_BITS))
    release, packed = divmod(rest, 1 << _HSC_BITS)
    visit, detector = divmod(packed, _HSC_DETECTORS)
    return PackedId(visit, detector, number, release) if id > 0 and visit else None
