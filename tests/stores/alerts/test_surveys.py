"""Vocabularies: which field is what, in the packets of each survey."""

from __future__ import annotations

import pytest

from cutout_widgets.pixels.geometry import XY
from cutout_widgets.stores.alerts.surveys import packet_id, place_in_stamp, source_row, stamps_of, survey_of


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ({"diaSourceId": 506428274000265570, "diaSource": {}}, 506428274000265570),
        ({"alertId": 2**53 + 1, "diaSource": {}}, 2**53 + 1),
        ({"candid": 2481174545615015015, "candidate": {}}, 2481174545615015015),
        ({"objectId": "x", "candidate": {"candid": "1127107111615015007"}}, 1127107111615015007),
        ({"diaSourceId": -5, "diaSource": {}}, -5),
    ],
)
def test_ids_are_exact(packet: dict, expected: int):
    assert packet_id(packet) == expected


@pytest.mark.parametrize("candid", [None, 1.5e18, True, 2**63, "ab12"])
def test_a_packet_without_an_integer_id_gets_a_stable_one(candid: object):
    packet = {"objectId": "ATLAS-1", "candidate": {"candid": candid, "jd": 2460000.5, "ra": 1.0, "dec": 2.0}}
    other = {**packet, "candidate": {**packet["candidate"], "jd": 2460001.5}}
    assert 0 <= packet_id(packet) < 2**63
    assert packet_id(packet) == packet_id({**packet})
    assert packet_id(packet) != packet_id(other)


def test_the_first_matching_survey_is_used():
    assert survey_of({"diaSource": {}, "candidate": {}}).name == "LSST"
    assert survey_of({"objectId": "ZTF20aaelulu", "candidate": {}}).name == "ZTF"
    assert survey_of({"objectid": "WNTR24awati", "candidate": {}}).name == "WINTER"
    assert survey_of({"objectId": "None.2", "candidate": {}}).name == "candidates"


def test_a_row_contains_the_plain_values_of_source_and_packet():
    row = source_row(
        {
            "objectId": "ZTF20aaelulu",
            "candid": 7,
            "candidate": {"candid": 7, "fid": 2, "ra": 1.0, "rb": None},
            "prv_candidates": [{"jd": 1.0}],
            "cutoutScience": {"fileName": "x", "stampData": b""},
            "publisher": "ZTF",
        }
    )
    assert row == {
        "diaSourceId": 7, "candid": 7, "fid": 2, "ra": 1.0, "rb": None,
        "objectId": "ZTF20aaelulu", "publisher": "ZTF", "band": "r",
    }  # fmt: skip


def test_each_name_of_a_stamp_field_is_found():
    packet = {"cutout_science": b"a", "cutoutTemplate": {"stampData": b"b"}, "cutoutDifference": None}
    assert stamps_of(packet) == {"template": b"b", "science": b"a", "difference": None}
    assert stamps_of({"cutoutScience": {"stampData": None}})["science"] is None


@pytest.mark.parametrize(
    ("shape", "xpos", "ypos", "expected"),
    [
        ((63, 63), 1500.0, 1500.0, XY(31, 31)),
        ((63, 47), 3057.0, 1500.0, XY(31, 31)),  # cut at the right: the source keeps its column
        ((63, 48), 16.0, 1500.0, XY(16, 31)),  # cut at the left: 48 - 1 - 31
        ((57, 63), 1500.0, 26.0, XY(31, 25)),  # cut at the first rows: 57 - 1 - 31
        ((63, 47), None, None, XY(23, 31)),  # unknown side: the centre
    ],
)
def test_a_ztf_stamp_truncated_at_the_detector_edge_keeps_its_source_position(shape, xpos, ypos, expected):
    packet = {"objectId": "ZTF1", "candidate": {"xpos": xpos, "ypos": ypos}}
    assert place_in_stamp(packet, shape) == expected


def test_a_reference_stamp_is_the_template():
    assert stamps_of({"cutoutReference": b"a", "cutout_science": b"b"}) == {
        "template": b"a",
        "science": b"b",
        "difference": None,
    }
    assert stamps_of({"cutoutReference": b"a", "cutoutTemplate": b"c"})["template"] == b"c"
