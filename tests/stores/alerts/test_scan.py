"""One pass over the packets: columns for every survey, and an index of ids."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.stores.alerts.packet_files import ZTF_SCHEMA, lsst_packet, write_container, ztf_packet

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import CutoutWarning
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.alerts.scan import Places, _Rows
from cutout_widgets.stores.alerts.store import AlertImages


def table_of(rows: list[dict]) -> pa.Table:
    collected = _Rows()
    for row in rows:
        collected.add(row)
    return collected.table()


def test_null_and_nan_stay_distinct():
    column = table_of([{"rb": None}, {"rb": math.nan}, {"rb": 0.5}, {}])["rb"].to_pylist()
    assert (column[0], column[2], column[3]) == (None, 0.5, None)
    assert math.isnan(column[1])


def test_large_integers_next_to_integral_floats_stay_exact():
    assert table_of([{"pid": 2**53 + 1}, {"pid": 4.0}, {"pid": None}])["pid"].to_pylist() == [
        2**53 + 1,
        4,
        None,
    ]
    assert table_of([{"x": 1}, {"x": 1.5}])["x"].to_pylist() == [1.0, 1.5]


def test_a_column_with_different_types_becomes_text():
    column = table_of([{"isdiffpos": "t"}, {"isdiffpos": True}, {"isdiffpos": None}])["isdiffpos"]
    assert column.to_pylist() == ["t", "True", None]


def test_chunks_of_different_types_are_combined():
    rows = [{"n": number, "s": 1} for number in range(1000)] + [{"n": 0.5, "s": "a", "late": 1}]
    table = table_of(rows)
    assert table["n"].type == pa.float64()
    assert table["n"][-1].as_py() == 0.5
    assert (table["s"][0].as_py(), table["s"][-1].as_py()) == ("1", "a")
    assert (table["late"][0].as_py(), table["late"][-1].as_py()) == (None, 1)


def test_a_known_id_is_found_and_an_unknown_one_is_not():
    places = Places(np.array([-3, 5, 2**62]), np.array([0, 1, 2], dtype=np.uint32), np.array([9, 8, 7]))
    assert places.find(2**62) == (2, 7)
    assert places.find(-3) == (0, 9)
    assert places.find(6) is None
    assert places.find(2**62 + 1) is None


@pytest.mark.filterwarnings("ignore::cutout_widgets.errors.CutoutWarning")
def test_a_duplicate_packet_is_reported_and_skipped(tmp_path: Path):
    pytest.importorskip("fastavro")
    write_container(tmp_path / "a.avro", [lsst_packet(1), lsst_packet(2)])
    write_container(tmp_path / "b.avro", [lsst_packet(2), lsst_packet(3)])
    images = AlertImages(tmp_path)
    assert images.table().ids.tolist() == [1, 2, 3]
    (said,) = images.problems
    assert said == (
        f"packet 0 of {tmp_path / 'b.avro'} is about source 2 like packet 1 of {tmp_path / 'a.avro'}, "
        "which is the one shown"
    )


def test_packets_of_different_sources_with_the_same_candid_get_distinct_ids(tmp_path: Path):
    pytest.importorskip("fastavro")
    flat = np.zeros((63, 63))
    packets = [ztf_packet(89, flat + n, ra=150.0 + n) for n in range(3)] + [ztf_packet(90, flat)]
    write_container(tmp_path / "a.avro", [*packets, packets[1]], schema=ZTF_SCHEMA)
    images = AlertImages(tmp_path)
    with pytest.warns(CutoutWarning) as told:
        table = images.table()
    assert "packet 4" in images.problems[0]  # only the last one repeats another
    assert "3 alert packets of different sources share an id with another (89" in str(told[1].message)
    assert table.values("candid").tolist() == [89, 89, 89, 90]
    assert len(set(table.ids.tolist())) == 4
    assert table.ids[3] == 90
    shown = [triplet.science.pixels.max() for triplet in images.read(list(table), Region.of(None))]
    assert shown == [0.0, 1.0, 2.0, 0.0]
    again = AlertImages(tmp_path)
    strangers = [DiaSource(id, 0.0, 0.0) for id in table.ids.tolist()]  # rows that know nothing but their ids
    assert [one.science.pixels.max() for one in again.read(strangers, Region.of(None))] == shown


def test_the_same_source_at_another_time_is_not_a_duplicate(tmp_path: Path):
    pytest.importorskip("fastavro")
    packets = [ztf_packet(89, np.zeros((63, 63)), jd=2458860.5 + day) for day in range(2)]
    write_container(tmp_path / "a.avro", packets, schema=ZTF_SCHEMA)
    with pytest.warns(CutoutWarning, match="share an id"):
        assert len(AlertImages(tmp_path).table()) == 2


def test_packets_of_two_surveys_are_combined_in_one_table(tmp_path: Path):
    pytest.importorskip("fastavro")
    write_container(tmp_path / "lsst.avro", [lsst_packet(2**60 + 1)])
    write_container(tmp_path / "ztf.avro", [ztf_packet(2**60 + 3, np.zeros((63, 63)))], schema=ZTF_SCHEMA)
    table = AlertImages(tmp_path).table()
    assert table.ids.tolist() == [2**60 + 1, 2**60 + 3]
    assert [row.band for row in table] == ["i", "r"]
    assert [row.ra for row in table] == [10.0, 185.7]
