"""The detections of an object in one alert packet, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["rows_of_packet"]

_HISTORIES = (("diaSource", "prvDiaSources", "diaSourceId"), ("candidate", "prv_candidates", "candid"))
"""Field with the alert's own record, field with earlier records, and the column that marks a detection."""


def rows_of_packet(packet: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the detections in a packet without repetitions, as columns with plain values.

    Parameters
    ----------
    packet
        A decoded packet of LSST (``diaSource``, ``prvDiaSources``) or of ZTF and brokers with the same
        format (``candidate``, ``prv_candidates``). Nights without detection are skipped.
    """
    found: dict[Any, dict[str, Any]] = {}
    for own, before, name in _HISTORIES:
        record = packet.get(own)
        if not isinstance(record, Mapping):
            continue
        first = {**record, name: record.get(name) or packet.get(name)}
        others = packet.get(before)
        shared = {"objectId": packet["objectId"]} if isinstance(packet.get("objectId"), (str, int)) else {}
        for one in (first, *(others if isinstance(others, (list, tuple)) else ())):
            if isinstance(one, Mapping) and one.get(name) is not None:
                row = {key: value for key, value in one.items() if _is_plain(value)}
                found.setdefault(one[name], shared | row)
        break
    return list(found.values())


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))
