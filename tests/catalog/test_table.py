"""Views of a table: filters, orders, pages and rows, with exact ids."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutout_widgets import BadOption, BadTable, CutoutWarning, SourceTable, UnknownOption
from cutout_widgets.catalog.filters.ordering import stable_order
from cutout_widgets.catalog.frame import Page, Row

BIG = 2**53 + 1


def make_table(**columns: object) -> SourceTable:
    """Six rows; ids above 2**53, one missing S/N, flags of all three values."""
    base = {
        "diaSourceId": [BIG + place for place in range(6)],
        "ra": [10.0, 11.0, 12.0, 13.0, 14.0, 15.0],
        "dec": [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0],
        "visit": [1, 1, 2, 2, 3, 3],
        "detector": [7, 8, 7, 8, 7, 8],
        "band": ["r", "i", None, "g", "r", "i"],
        "snr": [5.0, float("nan"), 9.0, 5.0, -7.0, 5.0],
        "isDipole": [True, False, None, True, None, False],
        "count": [3, None, 1, 2, None, 0],
    }
    return SourceTable.read({**base, **columns})


def places(table: SourceTable) -> list[int]:
    return [int(id) - BIG for id in table.ids]


# --- reading ---------------------------------------------------------------------------------------


def test_a_missing_column_error_lists_accepted_and_similar_names():
    with pytest.raises(BadTable, match=r"lacks id .*diaSourceId.*dec .*decl.*did you mean 'diaSrcId'"):
        SourceTable.read({"diaSrcId": [1], "ra": [1.0], "declination": [2.0]})


def test_rows_without_an_id_are_skipped_with_a_warning_and_row_numbers_are_kept():
    with pytest.warns(CutoutWarning, match="1 of 3 rows have no diaSourceId"):
        table = SourceTable.read({"diaSourceId": [BIG, None, BIG + 2], "ra": [1.0, 2, 3], "dec": [1.0, 2, 3]})
    assert [(row.id, row.index) for row in table] == [(BIG, 0), (BIG + 2, 2)]
    assert len(table.where("ra > 0").where(None)) == 2


def test_float_ids_above_2_53_are_refused_because_they_are_already_wrong():
    frame = pd.DataFrame({"diaSourceId": [float(2**60)], "ra": [1.0], "dec": [2.0]})
    with pytest.raises(BadTable, match=r"came as double, which rounds.*Int64"):
        SourceTable.read(frame)


def test_float_ids_below_2_53_are_exact_and_accepted():
    table = SourceTable.read(pd.DataFrame({"diaSourceId": [float(2**53 - 1)], "ra": [1.0], "dec": [2.0]}))
    assert table.ids.tolist() == [2**53 - 1]


def test_other_float_id_columns_cause_only_a_warning():
    frame = pd.DataFrame({"diaSourceId": [1], "diaObjectId": [2.0**60], "ra": [1.0], "dec": [2.0]})
    with pytest.warns(CutoutWarning, match="'diaObjectId' came as double"):
        assert len(SourceTable.read(frame)) == 1


def test_a_table_needs_neither_visit_nor_detector():
    row = SourceTable.read({"id": [4], "RA": [1.0], "DEC": [2.0]}).page(0, 1)[0]
    assert (row.id, row.ra, row.dec, row.visit, row.detector, row.band) == (4, 1.0, 2.0, None, None, None)


def test_columns_can_be_named_by_the_user():
    table = SourceTable.read(
        {"key": [4], "id": [9], "alpha": [1.0], "delta": [2.0]}, id="key", ra="alpha", dec="delta"
    )
    assert table.ids.tolist() == [4]
    assert table.page(0, 1)[0].ra == 1.0


def test_a_user_named_column_that_is_missing_is_refused():
    with pytest.raises(BadTable, match="ra='alpha' names no column"):
        SourceTable.read({"id": [4], "ra": [1.0], "dec": [2.0]}, ra="alpha")


def test_dp02_names_and_ccd_visit_id_are_understood():
    table = SourceTable.read(
        {"diaSourceId": [BIG], "ra": [1.0], "decl": [2.0], "ccdVisitId": [730282195], "filterName": ["r"],
         "psFlux": [3.0], "midPointTai": [60000.5]}
    )  # fmt: skip
    row = table.page(0, 1)[0]
    assert (row.dec, row.visit, row.detector, row.band) == (2.0, 730282, 195, "r")
    assert table.names["flux"] == "psFlux"
    assert table.names["time"] == "midPointTai"
    assert table.units["psFlux"] == "nJy"
    assert table.units["midPointTai"] == "MJD TAI"


def test_ztf_names_are_understood_and_fid_becomes_a_band():
    row = SourceTable.read(
        [{"candid": 1105522281015015000, "ra": 185.7, "dec": 15.8, "jd": 2458860.02, "fid": 2,
          "pid": 1105522281015, "rcid": 15, "isdiffpos": "t", "rb": 0.9}]
    ).page(0, 1)[0]  # fmt: skip
    assert (row.id, row.visit, row.detector, row.band) == (1105522281015015000, 1105522281015, 15, "r")


def test_fid_of_other_surveys_is_not_read_as_ztf_bands():
    row = SourceTable.read([{"candid": 1, "ra": 1.0, "dec": 2.0, "fid": 2}]).page(0, 1)[0]
    assert row.band == "2"


def test_instrument_becomes_a_column_of_every_row():
    table = SourceTable.read({"id": [1, 2], "ra": [1.0, 2], "dec": [1.0, 2]}, instrument="LSSTCam")
    assert [row.row["instrument"] for row in table] == ["LSSTCam", "LSSTCam"]
    assert len(table.where("instrument == 'LSSTCam'")) == 2


def test_an_instrument_that_is_not_a_name_is_refused():
    with pytest.raises(BadOption, match="name of an instrument; got 5"):
        SourceTable.read({"id": [1], "ra": [1.0], "dec": [1.0]}, instrument=5)


def test_a_store_with_rows_makes_a_table():
    class Packets:
        def table(self) -> SourceTable:
            return make_table()

    assert len(SourceTable.read(Packets())) == 6


def test_something_that_is_not_a_table_is_refused_in_one_sentence():
    with pytest.raises(BadTable, match=r"a table is a pandas DataFrame.*got int"):
        SourceTable.read(3)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(BadTable, match="one length"):
        SourceTable.read({"id": [1, 2], "ra": [1.0], "dec": [2.0]})


def test_duplicate_column_names_are_refused():
    frame = pd.DataFrame([[1, 2.0, 3.0, 4.0]], columns=["id", "ra", "dec", "ra"])
    with pytest.raises(BadTable, match="two columns named 'ra'"):
        SourceTable.read(frame)


# --- rows ------------------------------------------------------------------------------------------


def test_a_page_contains_its_rows_and_the_last_page_is_shorter():
    table = make_table()
    assert [[row.id - BIG for row in table.page(k, 4)] for k in range(3)] == [[0, 1, 2, 3], [4, 5], []]


def test_a_negative_page_or_an_empty_page_size_is_refused():
    with pytest.raises(BadTable, match="pages count from 0"):
        make_table().page(-1, 4)
    with pytest.raises(BadTable, match="at least one row"):
        make_table().page(0, 0)


def test_values_of_a_row_are_python_values_and_ids_are_exact():
    row = make_table().page(0, 6)[2]
    assert row.row["diaSourceId"] == BIG + 2
    assert type(row.row["diaSourceId"]) is int
    assert row.row["band"] is None
    assert row.row["count"] == 1
    assert type(row.row["count"]) is int
    assert dict(row.row)["visit"] == 2
    assert "nope" not in row.row
    assert row.row.get("nope") is None


def test_flags_have_three_values():
    assert [row.flags["isDipole"] for row in make_table()] == [True, False, None, True, None, False]


def test_a_row_survives_pickling():
    row = make_table().page(0, 3)[1]
    again = pickle.loads(pickle.dumps(row))
    assert (again.id, dict(again.flags), again.index) == (row.id, dict(row.flags), row.index)
    assert again.row["visit"] == 1


def test_iterating_streams_all_rows_in_order():
    n = 5000
    table = SourceTable.read({"id": np.arange(n), "ra": np.zeros(n), "dec": np.zeros(n)})
    assert [row.id for row in table] == list(range(n))


def test_a_row_is_found_by_its_id_even_if_a_filter_hides_it():
    table = make_table().where("snr > 8")
    assert table.row(BIG + 4).ra == 14.0
    assert BIG + 2 in table
    assert BIG + 4 not in table


def test_an_unknown_id_is_refused_with_the_id_and_those_that_are_there():
    table = SourceTable({"id": [9, 7], "ra": [1.0, 1.1], "dec": [0.0, 0.1]})
    with pytest.raises(BadTable, match="no row of id 8; it has 2 identifiers, 7 to 9"):
        table.row(8)
    with pytest.raises(BadTable, match=f"no row of diaSourceId {BIG - 1}"):
        make_table().row(BIG - 1)
    with pytest.raises(BadTable, match="no row"):
        make_table().row(2**70)


def test_an_id_may_be_text_of_digits_but_never_a_float():
    assert make_table().row(str(BIG)).id == BIG
    for wrong in (float(BIG), "x", "1.0", None, True):
        with pytest.raises(BadTable, match="an identifier is an integer"):
            make_table().row(wrong)


def test_a_position_that_is_not_a_number_is_missing_and_the_page_is_still_shown():
    with pytest.warns(CutoutWarning, match="'east' is not a number"):
        table = SourceTable.read({"id": [1, 2, 3], "ra": ["1.5", "east", None], "dec": [1.0, 2.0, 3.0]})
    first, *others = table.page(0, 3)
    assert first.ra == 1.5
    assert all(np.isnan(row.ra) for row in others)


def test_a_filter_that_is_not_text_is_refused():
    with pytest.raises(BadTable, match="a filter is text"):
        make_table().where(3)


def test_the_first_of_repeated_ids_wins_with_one_warning():
    table = SourceTable.read({"id": [5, 5, 6], "ra": [1.0, 2.0, 3.0], "dec": [0.0, 0, 0]})
    with pytest.warns(CutoutWarning, match="1 rows repeat"):
        assert table.row(5).ra == 1.0
    assert table.row(6).ra == 3.0  # a second warning would be an error here


def test_place_of_gives_the_index_of_an_id_in_the_view():
    table = make_table().sort("-snr")
    assert [table.place_of(BIG + place) for place in (2, 0, 4, 1)] == [0, 1, 4, 5]
    assert table.where("snr < 0").place_of(BIG) is None


# --- order -----------------------------------------------------------------------------------------


def test_sorting_is_stable_with_missing_values_last():
    table = make_table()
    assert places(table.sort("snr")) == [4, 0, 3, 5, 2, 1]
    assert places(table.sort("-snr")) == [2, 0, 3, 5, 4, 1]
    assert places(table.sort("count")) == [5, 2, 3, 0, 1, 4]
    assert places(table.sort("band")) == [3, 1, 5, 0, 4, 2]
    assert places(table.sort("-band")) == [0, 4, 1, 5, 3, 2]
    assert places(table.sort("-isDipole")) == [0, 3, 1, 5, 2, 4]


def test_sorting_again_replaces_the_order_and_ties_keep_table_order():
    assert places(make_table().sort("-ra").sort("visit")) == [0, 1, 2, 3, 4, 5]


def test_clearing_filter_and_order_restores_the_table():
    view = make_table().where("snr > 0").sort("-ra")
    assert places(view) == [5, 3, 2, 0]
    assert places(view.sort(None)) == [0, 2, 3, 5]
    assert places(view.where(None)) == [5, 4, 3, 2, 1, 0]
    assert places(view.where("").sort("")) == [0, 1, 2, 3, 4, 5]


def test_sorting_by_an_unknown_column_suggests_the_nearest_name():
    with pytest.raises(BadTable, match="no column 'snrr'; did you mean 'snr'"):
        make_table().sort("-snrr")


def test_ids_beyond_float_precision_sort_exactly():
    ids = [BIG + 1, BIG, -BIG - 1, -BIG, 2**63 - 1, -(2**63)]
    table = SourceTable.read({"id": ids, "ra": np.zeros(6), "dec": np.zeros(6)})
    assert table.sort("id").ids.tolist() == sorted(ids)
    assert table.sort("-id").ids.tolist() == sorted(ids, reverse=True)


def test_taken_rows_are_an_independent_table():
    taken = make_table().sort("-ra").take([0, 2, 2])
    assert places(taken) == [5, 3, 3]
    assert places(taken.sort("ra").sort(None)) == [5, 3, 3]
    assert places(make_table().take(np.array([False, True, False, False, False, True]))) == [1, 5]
    with pytest.raises(BadTable, match="out of range"):
        make_table().take([6])


numbers = st.one_of(st.none(), st.floats(width=32), st.sampled_from([0.0, -0.0, 1.0, float("nan")]))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(numbers, max_size=30), cut=st.floats(-5, 5), descending=st.booleans())
def test_filters_and_orders_compose_like_pandas(values, cut, descending):
    n = len(values)
    table = SourceTable.read(
        {"id": pa.array(range(n), pa.int64()), "ra": np.zeros(n), "dec": np.zeros(n),
         "value": pa.array(values, pa.float64())}
    )  # fmt: skip
    frame = pd.DataFrame(
        {"id": range(n), "value": pd.array(values, dtype="Float64").to_numpy(float, na_value=np.nan)}
    )
    by, query = ("-" if descending else "") + "value", f"value > {cut!r}"
    expected = frame.query(query).sort_values("value", ascending=not descending, kind="stable")["id"].tolist()
    view = table.where(query).sort(by)
    assert view.ids.tolist() == expected == table.sort(by).where(query).ids.tolist()
    paged = [row.id for k in range(len(view) // 7 + 1) for row in view.page(k, 7)]
    assert paged == expected


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=30),
    descending=st.booleans(),
)
def test_64_bit_integers_sort_as_in_python(values, descending):
    n = len(values)
    table = SourceTable.read(
        {"id": pa.array(range(n), pa.int64()), "ra": np.zeros(n), "dec": np.zeros(n),
         "value": pa.array(values, pa.int64())}
    )  # fmt: skip
    have = sorted(
        (i for i in range(n) if values[i] is not None), key=lambda i: values[i] * (-1 if descending else 1)
    )
    lack = [i for i in range(n) if values[i] is None]
    assert table.sort(("-" if descending else "") + "value").ids.tolist() == have + lack


# --- other forms -----------------------------------------------------------------------------------


def test_to_pandas_never_makes_integers_or_flags_floating():
    frame = make_table().to_pandas()
    assert str(frame["diaSourceId"].dtype) == "int64"
    assert frame["diaSourceId"].tolist()[0] == BIG
    assert str(frame["count"].dtype) == "Int64"
    assert frame["count"].isna().tolist() == [0, 1, 0, 0, 1, 0]
    assert str(frame["isDipole"].dtype) == "boolean"
    assert frame.attrs["units"]["ra"] == "deg"


def test_to_arrow_gives_the_view_with_units():
    arrow = make_table().where("snr == 5").sort("-ra").to_arrow()
    assert arrow["diaSourceId"].to_pylist() == [BIG + 5, BIG + 3, BIG]
    assert arrow.schema.field("ra").metadata[b"unit"] == b"deg"
    assert places(SourceTable.read(arrow)) == [5, 3, 0]


def test_a_view_survives_pickling():
    view = pickle.loads(pickle.dumps(make_table().where("snr > 0").where("ra > 10").sort("-ra")))
    assert places(view) == [5, 3, 2]
    assert view.row(BIG).ra == 10.0
    assert view.order == "-ra"


def test_an_empty_table_works():
    table = SourceTable.read(make_table().to_pandas().iloc[:0])
    assert len(table.where("snr > 1").sort("-snr")) == 0
    assert table.page(0, 5) == []
    assert list(table) == []
    assert table.ids.dtype == np.int64


def test_values_of_a_column_follow_the_view():
    view = make_table().sort("-ra").where("visit >= 2")
    assert view.values("ra").tolist() == [15.0, 14.0, 13.0, 12.0]
    assert view.values("band").tolist() == ["i", "r", "g", None]
    assert view.values("isDipole").tolist() == [False, None, True, None]
    assert np.isnan(view.values("count")).tolist() == [False, True, False, False]


def test_identifiers_with_gaps_stay_integers():
    table = SourceTable.read({"id": [1, 2], "ra": [1.0, 2], "dec": [1.0, 2], "diaObjectId": [BIG, None]})
    assert table.values("diaObjectId").tolist() == [BIG, None]


def test_the_repr_of_a_table_describes_it():
    text = repr(make_table().where("snr > 0").sort("-ra"))
    assert text == "<SourceTable: 4 of 6 rows, 9 columns (1 flag) where snr > 0 by -ra>"


def test_real_alert_parquet_is_read_without_the_stamp_columns(shared: Path):
    table = SourceTable.read(shared / "data/lsst_wire_and_parquet/faint_trails__1809e532.parquet")
    assert table.ids.tolist() == [170046085932777529, 170046093991084072, 170046106280394876]
    assert not [name for name in table.columns if name.startswith("cutout")]
    assert all(row.band and row.flags["isDipole"] is not None for row in table)


def test_invalid_columns_and_row_lists_are_refused():
    table = SourceTable.read({"id": [1, 2], "ra": [1.0, 2.0], "dec": [1.0, 2.0]})
    with pytest.raises(BadTable, match="name of a column"):
        table.sort(5)  # type: ignore[arg-type]  # that is the test
    with pytest.raises(BadTable, match="2-d"):
        table.take(np.array([[0, 1]]))
    with pytest.raises(BadTable, match="1-d float64"):
        table.take([0.5])  # type: ignore[list-item]  # that is the test


# --- memory ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int64", "int16", "float32", "float64"])
def test_columns_without_nulls_are_not_copied(dtype: str):
    numbers = np.arange(5).astype(dtype)
    table = SourceTable.read(
        {"diaSourceId": np.arange(5), "ra": np.zeros(5), "dec": np.zeros(5), "n": numbers}
    )
    assert np.shares_memory(table.values("n"), numbers)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 2**18 + 3])
def test_an_order_takes_four_bytes_per_row(n: int):
    values = np.random.default_rng(1).random(n, dtype=np.float32)
    order = stable_order(values, None, descending=False)
    np.testing.assert_array_equal(order, np.argsort(values, kind="stable"))
    assert order.base is None or order.base.nbytes <= 4 * n + 4


# --- first guesses: the class itself, brackets, other libraries --------------------------------------


def test_the_constructor_takes_what_read_takes():
    frame = make_table().to_pandas()
    assert places(SourceTable(frame)) == places(SourceTable.read(frame))
    assert SourceTable(frame, instrument="LSSTCam").row(BIG).key("instrument") == "LSSTCam"


def test_an_unknown_option_is_refused_with_the_nearest_name():
    with pytest.raises(
        UnknownOption, match=r"a table of a dict does not know 'instument'; did you mean 'ins"
    ):
        SourceTable({"id": [1], "ra": [0.0], "dec": [0.0]}, instument="LSSTCam")


def test_a_warning_points_to_the_caller_s_line():
    with pytest.warns(CutoutWarning, match="NULL") as caught:
        SourceTable({"id": [1, None], "ra": [0.0, 0.0], "dec": [0.0, 0.0]})
    assert caught[0].filename == __file__


def test_indexing_by_name_or_meaning_gives_a_column():
    table = make_table().sort("-ra")
    assert table["ra"].tolist() == table.values("ra").tolist() == sorted(table["ra"], reverse=True)
    assert table["id"].tolist() == table.ids.tolist()
    with pytest.raises(KeyError, match="did you mean 'ra'"):
        table["raa"]


def test_indexing_by_number_gives_a_row():
    table = make_table().sort("-ra")
    assert table[0].id == table.ids[0]
    assert table[-1].id == table.ids[-1]
    with pytest.raises(IndexError, match="no row number 6; the table has 6 rows"):
        table[6]


def test_indexing_by_slice_mask_or_numbers_gives_a_view():
    table = make_table()
    assert places(table[1:3]) == [1, 2]
    assert places(table[::-1]) == [5, 4, 3, 2, 1, 0]
    assert places(table[[4, 0]]) == [4, 0]
    assert places(table[table["ra"] > 10]) == places(table.where("ra > 10"))
    assert places(table[table.to_pandas()["ra"] > 10]) == places(table.where("ra > 10"))


def test_a_flag_mask_with_nulls_selects_only_set_rows():
    table = make_table()
    assert places(table[table["isDipole"]]) == places(table.where("isDipole"))
    assert places(table[table.to_pandas()["isDipole"]]) == places(table.where("isDipole"))


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ([True, False], "has 6 rows and the mask 2"),
        (["ra", "dec"], "select one column at a time"),
        (None, "by number, slice or mask"),
        ([0.5], "whole numbers"),
    ],
)
def test_an_invalid_index_is_refused(key, sentence):
    with pytest.raises(BadTable, match=sentence):
        make_table()[key]


def test_head_and_tail_are_views():
    table = make_table().sort("-ra")
    assert places(table.head(2)) == places(table)[:2]
    assert places(table.tail(2)) == places(table)[-2:]
    assert places(table.tail(0)) == places(table.head(-1)) == []
    assert places(table.head(99)) == places(table)


def test_the_first_of_several_columns_sorts_first():
    table = SourceTable({"id": [0, 1, 2, 3], "ra": 0.0 * np.arange(4), "dec": [0.0, 0, 0, 0],
                         "band": ["r", "g", "r", "g"], "snr": [1, 2, 3, 4]})  # fmt: skip
    for view in (table.sort("band", "-snr"), table.sort(["band", "-snr"]), table.sort("band, -snr")):
        assert view.ids.tolist() == [3, 1, 2, 0]
        assert view.order == "band, -snr"
    assert table.sort("-band", "snr").where("snr > 1").ids.tolist() == [2, 1, 3]


def test_a_column_name_can_contain_a_comma():
    table = SourceTable({"id": [0, 1], "ra": [0.0, 0.0], "dec": [0.0, 0.0], "a, b": [1, 2]})
    assert table.sort("-a, b").ids.tolist() == [1, 0]


def test_membership_works_for_columns_and_ids():
    table = make_table()
    assert "ra" in table
    assert "raa" not in table
    assert BIG in table


def test_an_astropy_table_has_units_and_masks():
    from astropy.table import Table

    table = make_table()
    made = table.to_table()
    assert made["diaSourceId"].tolist() == table.ids.tolist()
    assert str(made["ra"].unit) == "deg"
    assert made["count"].mask.tolist() == [False, True, False, False, True, False]
    assert Table(table.sort("-ra")).colnames == list(table.columns)
    assert places(SourceTable(made)) == places(table)


def test_arrow_libraries_read_a_table_directly():
    view = make_table().sort("-ra")
    assert pa.table(view)["diaSourceId"].to_pylist() == view.ids.tolist()


def test_libraries_do_not_mistake_a_table_for_an_array():
    with pytest.raises(BadTable, match=r"table.to_pandas\(\)"):
        pd.DataFrame(make_table())


def test_a_notebook_shows_rows_units_and_meanings_escaped():
    table = SourceTable(
        {"id": [BIG], "ra": [1.0], "dec": [2.0], "band": ["<script>"], "<b>": [3], "isDipole": [None]}
    )
    html = table._repr_html_()
    assert f"<td>{BIG}</td>" in html
    assert "deg" in html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<b>" not in html


def test_a_meaning_with_several_columns_takes_the_first_value_per_row():
    rows = SourceTable.read(
        {
            "candid": [1, 2, 3],
            "ra": [0.0] * 3,
            "dec": [0.0] * 3,
            "drb": [0.9, np.nan, np.nan],
            "rb": [0.1, 0.95, np.nan],
            "band": [None, "g", None],
            "filter": ["z", "i", None],
        }
    )
    assert rows.sort("-score").ids.tolist() == [2, 1, 3]
    assert rows.where("score > 0.92").ids.tolist() == [2]
    np.testing.assert_array_equal(rows.values("score"), [0.9, 0.95, np.nan])
    assert [one.band for one in rows.page(0, 3)] == ["z", "g", None]


def test_empty_text_is_no_value_of_a_meaning():
    rows = {"candid": [1, 2, 3, 4], "ra": [0.0] * 4, "dec": [0.0] * 4, "rcid": [1] * 4, "fid": [1, 2, 3, 1]}
    table = SourceTable.read({**rows, "band": ["z", "", " ", None]})
    assert [one.band for one in table] == ["z", "r", "i", "g"]
    alone = SourceTable.read({**rows, "fid": ["", " ", None, " 2"]})
    assert [one.band for one in alone] == [None, None, None, "r"]


def test_visit_and_detector_of_a_row_come_from_the_exposure_where_they_are_missing():
    rows = {"diaSourceId": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2, "ccdVisitId": [1234056, 1234057]}
    table = SourceTable.read({**rows, "visit": [7, None], "detector": [8, None]})
    assert [(one.visit, one.detector) for one in table] == [(7, 8), (1234, 57)]


def test_a_visit_or_detector_that_is_not_a_number_is_none():
    rows = {"diaSourceId": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2}
    table = SourceTable.read({**rows, "ccdVisitId": ["1234056", None]})
    assert [(one.visit, one.detector) for one in table] == [(1234, 56), (None, None)]
    table = SourceTable.read({**rows, "visit": [1, 7], "detector": ["x", "3"]})
    assert [(one.visit, one.detector) for one in table] == [(1, None), (7, 3)]
    table = SourceTable.read({**rows, "detector": [np.inf, 3.0]})
    assert [one.detector for one in table] == [None, 3]


@pytest.mark.parametrize("fid", [[1, 2, 3], ["1", "2", "3"], [1.0, 2.0, 3.0]])
def test_alerce_bands_depend_on_the_survey_of_the_object_id(fid):
    rows = {"candid": [1, 2, 3], "ra": [0.0] * 3, "dec": [0.0] * 3, "fid": fid}
    ztf = SourceTable.read({**rows, "oid": ["ZTF20aaelulu"] * 3})
    assert [one.band for one in ztf] == ["g", "r", "i"]
    other = SourceTable.read({**rows, "oid": ["ATLAS20abc"] * 3})
    assert [one.band for one in other] == ["1", "2", "3"]


def test_alerce_object_tables_have_mean_positions_and_names():
    with pytest.warns(CutoutWarning, match="holds names"):
        table = SourceTable.read({"oid": ["ZTF20aaelulu"], "meanra": [10.0], "meandec": [-5.0], "ndet": [7]})
    assert (table[0].ra, table[0].dec, table[0].row["name"]) == (10.0, -5.0, "ZTF20aaelulu")


def test_a_page_of_rows_takes_only_the_columns_that_are_read():
    class Unread:
        def take(self, rows):
            raise AssertionError("nobody asked for this column")

    page = Page({"a": pa.array([5, 6, 7]), "b": Unread()}, np.array([2, 0], dtype=np.uint32))
    row = Row(page, 0, {"a": None})
    assert (row["a"], row.get("b"), list(row.keys())) == (7, None, ["a"])
