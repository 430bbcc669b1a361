"""The field names in each survey's alert packets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import PANELS, Panel

__all__ = [
    "SURVEYS",
    "Survey",
    "named_id",
    "packet_id",
    "place_in_stamp",
    "source_row",
    "stamps_of",
    "survey_of",
]


@dataclass(frozen=True)
class Survey:
    """The field names in one survey's packets."""

    name: str
    """Name of the survey."""
    record: str
    """The field with the columns of the source."""
    designations: tuple[str, ...] = ()
    """Prefix of its object names; empty = any packet with `record`."""
    upside_down: bool = False
    """Whether its stamps are stored with south at the top.

    ZTF: measured on seven packets of one field, y decreases with declination while x decreases with right
    ascension, so the sky is stored mirrored; flipped, north is up and east is left.
    """
    bands: Mapping[int, str] = field(default_factory=dict)
    """Filter number (``fid``) -> band."""
    stamp_side: int | None = None
    """Side of a stamp that is not cut off by a detector edge, px; None = unknown."""
    detector_shape: tuple[int, int] = (0, 0)
    """Height and width of the detector for ``xpos`` and ``ypos``, px."""


SURVEYS = (
    Survey("LSST", record="diaSource"),
    Survey(
        "ZTF",
        "candidate",
        ("ZTF",),
        upside_down=True,
        bands={1: "g", 2: "r", 3: "i"},
        stamp_side=63,
        detector_shape=(3080, 3072),
    ),
    Survey("WINTER", "candidate", ("WNTR", "WIRC"), bands={1: "Y", 2: "J", 3: "Hs", 4: "dark"}),
    Survey("PGIR", "candidate", ("PGIR",), bands={1: "J"}),
    Survey("candidates", "candidate"),
)
"""The first match is used; another survey is a row here."""

_ANY = Survey("packets", record="")


def survey_of(packet: Mapping[str, Any]) -> Survey:
    """Return the survey of a packet."""
    designation = str(packet.get("objectId") or packet.get("objectid") or "")
    for survey in SURVEYS:
        if isinstance(packet.get(survey.record), Mapping) and (
            not survey.designations or designation.startswith(survey.designations)
        ):
            return survey
    return _ANY


def place_in_stamp(packet: Mapping[str, Any], shape: tuple[int, int]) -> XY:
    """Return the position of the source in a stamp without WCS, in the stamp's pixels as stored.

    It is the centre, unless the stamp is cut off by the detector's edge on one side, which
    is found from the source's position on the detector (``xpos``, ``ypos``).

    Parameters
    ----------
    packet
        The packet.
    shape
        Height and width of the stamp.
    """
    survey = survey_of(packet)
    inner = packet.get(survey.record) or {}
    where = []
    for size, name, full in zip(shape, ("ypos", "xpos"), survey.detector_shape, strict=True):
        position = inner.get(name)
        if survey.stamp_side is None or size >= survey.stamp_side or not isinstance(position, (int, float)):
            where.append((size - 1) / 2)
        elif position < full / 2:
            where.append(size - 1 - survey.stamp_side // 2)
        else:
            where.append(survey.stamp_side // 2)
    return XY(where[1], where[0])


def packet_id(packet: Mapping[str, Any]) -> int:
    """Return the 64-bit id of a packet's source, with all digits.

    It is ``diaSourceId`` (LSST; ``alertId`` in v7), else ``candid``, else `named_id` if neither is a
    whole number.
    """
    inner = packet.get(survey_of(packet).record) or {}
    for name in ("diaSourceId", "alertId", "candid"):
        for record in (packet, inner):
            found = _whole(record.get(name))
            if found is not None:
                return found
    return named_id(packet)


def named_id(packet: Mapping[str, Any]) -> int:
    """Return a stable 63-bit number made from the object name, position and time of a packet.

    It identifies packets without a number of their own, or with a counter that other sources share.
    """
    inner = packet.get(survey_of(packet).record) or {}
    names = [
        str(packet.get(name) or inner.get(name))
        for name in ("objectId", "objectid", "name", "candid", "jd", "mjd")
    ]
    names += [str(inner[name]) for name in ("midpointMjdTai",) if inner.get(name) is not None]
    digest = hashlib.blake2b(
        "\0".join([*names, str(inner.get("ra")), str(inner.get("dec"))]).encode(), digest_size=8
    )
    return int.from_bytes(digest.digest()) >> 1


def _whole(value: Any) -> int | None:
    """Return a value as an int64, or None if it is not one."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        return None
    return value


def source_row(packet: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a packet's source: only plain values, no records, lists or stamps.

    The source's own columns come first under their own names, then other values in
    the packet. ``diaSourceId`` and ``band`` are added if the survey uses other names.
    """
    survey = survey_of(packet)
    inner = packet.get(survey.record) or {}
    row: dict[str, Any] = {"diaSourceId": packet_id(packet)}
    for record in (inner, packet):
        for name, value in record.items():
            if name not in row and not isinstance(value, (bytes, Mapping, list, tuple)):
                row[name] = value
    if not row.get("band") and row.get("fid") in survey.bands:
        row["band"] = survey.bands[row["fid"]]
    return row


def stamps_of(packet: Mapping[str, Any]) -> dict[Panel, bytes | None]:
    """Return the bytes of each stamp, None if missing.

    Field names: ``cutoutScience``, ``cutout_science``, ``cutoutReference`` for the template; with bytes, or a
    record with ``stampData``.
    """
    spelled = {name.replace("_", "").lower(): value for name, value in packet.items()}
    stamps: dict[Panel, bytes | None] = {}
    for panel in PANELS:
        value = spelled.get(f"cutout{panel}")
        if panel == "template" and value is None:
            value = spelled.get("cutoutreference")
        if isinstance(value, Mapping):
            value = value.get("stampData")
        stamps[panel] = value if isinstance(value, bytes) else None
    return stamps
