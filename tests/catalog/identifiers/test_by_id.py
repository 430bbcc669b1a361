"""Rows found by identifier in a database; services and Butlers are tested elsewhere."""

from __future__ import annotations

import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, CutoutWarning, NotInTable


@pytest.fixture
def apdb(sky_on_disk):
    pytest.importorskip("sqlalchemy", reason="needs the extra 'apdb'")
    return cw.Apdb(str(sky_on_disk.folder / "apdb.db"))


def test_rows_come_in_the_order_of_their_identifiers(apdb):
    ids = apdb.table().ids[[9, 2, 5]].tolist()
    assert cw.SourceTable.of_ids(ids, apdb=apdb).ids.tolist() == ids
    assert cw.SourceTable.of_ids([str(ids[0])], apdb=apdb).ids.tolist() == ids[:1]


def test_a_missing_identifier_is_reported(apdb):
    id = int(apdb.table().ids[0])
    with pytest.warns(CutoutWarning, match=r"1 of 2 identifiers have no row: 9223372036854775807"):
        assert cw.SourceTable.of_ids([2**63 - 1, id], apdb=apdb).ids.tolist() == [id]


def test_an_error_is_raised_if_no_identifier_is_found(apdb):
    with pytest.raises(NotInTable, match=r"there is no row of 1, 2, 3, ..."):
        cw.SourceTable.of_ids([1, 2, 3, 4], apdb=apdb)


def test_exactly_one_place_to_look_is_required(apdb):
    with pytest.raises(BadOption, match=r"one source of rows.* got none"):
        cw.SourceTable.of_ids([1])
    with pytest.raises(BadOption, match="got apdb, tap"):
        cw.SourceTable.of_ids([1], apdb=apdb, tap="https://example.org/tap")


@pytest.mark.parametrize("place", ["apdb", "tap", "butler"])
def test_an_option_of_another_kind_of_place_is_refused(place):
    with pytest.raises(cw.UnknownOption, match=f"of_ids with {place}= does not know 'tabel'"):
        cw.SourceTable.of_ids([1], **{place: "nowhere"}, tabel="x")


def test_an_identifier_can_be_given_twice(apdb):
    id = int(apdb.table().ids[0])
    assert cw.SourceTable.of_ids([id, id], apdb=apdb).ids.tolist() == [id]
