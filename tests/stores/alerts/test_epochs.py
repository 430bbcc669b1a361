"""The detections of an object in a packet."""

from __future__ import annotations

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.stores.alerts.epochs import rows_of_packet

ID = 2**63 - 5


def test_an_lsst_packet_gives_its_source_and_previous_ones_once_each():
    before = {"diaSourceId": ID + 1, "ra": 1.0, "dec": 2.0, "midpointMjdTai": 1.0}
    before |= {"cutout": b"x", "nested": {}}
    source = {"diaSourceId": ID, "ra": 1.0, "dec": 2.0, "midpointMjdTai": 2.0}
    rows = rows_of_packet({"diaSource": source, "prvDiaSources": [before, dict(source)]})
    assert [row["diaSourceId"] for row in rows] == [ID, ID + 1]
    assert "cutout" not in rows[1]
    assert "nested" not in rows[1]
    assert SourceTable.read(rows).sort("time").ids.tolist() == [ID + 1, ID]


def test_ztf_nights_without_detection_are_not_epochs():
    packet = {
        "objectId": "ZTF1",
        "candid": ID,
        "candidate": {"ra": 1.0, "dec": 2.0, "jd": 2460000.5},
        "prv_candidates": [
            {"candid": None, "jd": 2459999.5, "diffmaglim": 20.5},
            {"candid": ID - 1, "ra": 1.0, "dec": 2.0, "jd": 2459998.5},
        ],
    }
    rows = rows_of_packet(packet)
    assert [row["candid"] for row in rows] == [ID, ID - 1]
    assert {row["objectId"] for row in rows} == {"ZTF1"}


def test_a_packet_without_history_has_at_most_its_own_epoch():
    source = {"diaSourceId": ID, "ra": 1.0, "dec": 2.0}
    assert rows_of_packet({"diaSource": source, "prvDiaSources": None}) == [source]
    assert rows_of_packet({"unknown": 1}) == []
