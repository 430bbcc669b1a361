"""Filters in a grid: counts for chips and histograms, and the filters that choose what was counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.widget.other_end import FIRST_ID, SIDE, N, View, make_stamps, make_table

import cutout_widgets as cw
from cutout_widgets.widget.grid import CutoutGrid


@pytest.fixture
def grid(tmp_path: Path) -> Iterator[CutoutGrid]:
    one = CutoutGrid(make_table(), make_stamps(), SIDE, labels=tmp_path / "labels.jsonl", snapshot=False)
    yield one
    one.close()


def facets(grid: CutoutGrid, where: str | None = None) -> dict[str, Any]:
    return View(grid).ask("facets", where=where)[0]


def words(answer: dict[str, Any], column: str) -> dict[str, int]:
    return {
        one["word"]: one["rows"]
        for each in answer["words"]
        if each["column"] == column
        for one in each["words"]
    }


def test_flags_categories_and_numbers_are_counted(grid):
    answer = facets(grid)
    dipole = next(one for one in answer["flags"] if one["name"] == "DIPOLE")
    assert [(one["word"], one["rows"]) for one in dipole["states"]] == [
        ("set", 10),
        ("unset", 20),
        ("n/a", 0),
    ]
    assert words(answer, "band") == {"g": 10, "i": 10, "r": 10}
    assert [one["column"] for one in answer["histograms"]] == ["snr"]
    assert sum(answer["histograms"][0]["n_all"]) == N


def test_counts_follow_the_filter(grid):
    answer = facets(grid, "snr < 4")  # rows 0 to 3
    assert answer["n_rows"] == 4
    assert words(answer, "band") == {"g": 2, "i": 1, "r": 1}
    assert sum(answer["histograms"][0]["n_rows"]) == 4


def test_every_facet_filter_selects_the_rows_it_counts(grid):
    grid.label([FIRST_ID, FIRST_ID + 1], "real")
    grid.see([FIRST_ID])
    answer, view = facets(grid), View(grid)
    terms = [(state["query"], state["rows"]) for flag in answer["flags"] for state in flag["states"]]
    terms += [
        (f"{each['query']} in [{word['literal']}]", word["rows"])
        for each in answer["words"]
        for word in each["words"]
    ]
    terms += [(f"{each['query']}.isna()", each["missing"]) for each in answer["words"]]
    assert len(terms) > 12
    for query, rows in terms:
        assert view.ask("count", where=query)[0].get("n_rows") == rows, query


def test_labels_and_seen_marks_are_counted(grid):
    grid.label([FIRST_ID, FIRST_ID + 1], "real")
    answer = facets(grid)
    assert words(answer, "label")["real"] == 2
    assert words(answer, "label")["bogus"] == 0
    assert answer["words"][0]["missing"] == N - 2


def test_a_flagged_dipole_with_another_label_counts_as_disagreement(tmp_path):
    choices = ("real", "dipole")
    labels = tmp_path / "labels.jsonl"
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=labels, choices=choices, snapshot=False)
    grid.label(FIRST_ID, "dipole")
    grid.label([FIRST_ID + 1], "dipole")
    grid.label([FIRST_ID + 3], "real")
    grid.label([FIRST_ID + 6], "dipole")
    found = facets(grid)["disagreements"]
    rows = [len(grid._pages.rows(one["query"], None)) for one in found]
    grid.close()
    counted = {one["name"]: one["rows"] for one in found if "dipole" in one["name"]}
    assert counted == {"dipole, no flag": 1, "flag, not dipole": 1}
    assert [one["rows"] for one in found] == rows


def test_labels_contradicted_by_score_or_mask_are_counted(tmp_path):
    n = 6
    table = {"diaSourceId": np.arange(n) + 1, "ra": np.zeros(n), "dec": np.zeros(n),
             "reliability": [0.1, 0.9, 0.9, 0.2, 0.5, 0.4],
             "pixelFlags_bad": [False, True, False, False, True, False]}  # fmt: skip
    images = cw.ArrayImages.from_stamps([1], *np.zeros((3, 1, 4, 4)))
    grid = CutoutGrid(table, images, 4, labels=tmp_path / "l.jsonl", snapshot=False)
    grid.label([1, 2, 3], "real")
    grid.label([4, 5], "bogus")
    names = ("real, low score", "bogus, high score", "real, mask set", "bogus, mask clear")
    for where, rows in ((None, (1, 1, 1, 1)), ("reliability > 0.2", (0, 1, 1, 0))):
        found = facets(grid, where)["disagreements"]
        assert {one["name"]: one["rows"] for one in found} == dict(zip(names, rows, strict=True))
    grid.close()


def test_a_grid_without_labels_has_no_label_facets():
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, snapshot=False)
    answer = facets(grid)
    grid.close()
    assert [one["column"] for one in answer["words"]] == ["band"]
    assert answer["disagreements"] == []
    assert "seen" not in [one["name"] for one in answer["flags"]]


def test_a_column_named_by_the_user_has_a_histogram(grid):
    grid.facets = ["diaSourceId"]
    assert [one["column"] for one in facets(grid)["histograms"]] == ["snr", "diaSourceId"]


def test_a_text_column_has_no_histogram(grid):
    with pytest.raises(cw.BadOption, match="column 'band' has none"):
        grid.facets = ["band"]
    assert grid.facets == []


@pytest.mark.parametrize("given", ["snr", None])
def test_histogram_columns_must_be_a_list_of_names(given):
    with pytest.raises(cw.BadOption, match="facets are names of columns"):
        cw.CutoutGrid(make_table(), make_stamps(), SIDE, facets=given)


def test_duration_columns_have_no_histogram():
    table = make_table().to_pandas()
    table["since"] = np.arange(len(table)).astype("timedelta64[s]")
    with pytest.raises(cw.BadOption, match="column 'since' has none"):
        cw.CutoutGrid(table, make_stamps(), SIDE, facets=["since"])


def test_a_column_that_filters_cannot_name_has_no_histogram():
    table = make_table().to_pandas().rename(columns={"snr": "s`nr"})
    with pytest.raises(cw.BadOption, match="a filter cannot name a column with a backtick"):
        cw.CutoutGrid(table, make_stamps(), SIDE, facets=["s`nr"])


def test_an_invalid_filter_has_no_counts(grid):
    for kind in ("facets", "count"):
        answer, _ = View(grid).ask(kind, where="snrr > 5")
        assert (answer["kind"], answer["field"]) == ("failed", "where")
        assert "snrr" in answer["reason"]
    answer, _ = View(grid).ask("count", where=["snr"])
    assert answer["reason"].startswith("a filter is text")


def test_a_source_is_found_by_id_and_by_row_number(grid):
    grid.sort = "-snr"  # row 1 is the last of the table
    view = View(grid)
    for text, n in ((str(FIRST_ID + 20), 20), ("1", N - 1), ("#2", N - 2)):
        answer, _ = view.ask("find", text=text)
        assert (answer["id"], answer["place"]) == (str(FIRST_ID + n), N - 1 - n)


@pytest.mark.parametrize(
    "text, found",
    [
        (str(FIRST_ID), "does not pass the filter"),
        ("0", "nor one of the 9 rows"),
        ("10", "nor one of the 9 rows"),
        ("9" * 30, "nor one of the 9 rows"),
        ("#" + str(FIRST_ID + 25), "nor one of the 9 rows"),
        ("9" * 5000, "go to an id"),
        ("snr", "go to an id"),
        ("", "go to an id"),
    ],
)
def test_ids_outside_the_table_are_not_found(grid, text, found):
    grid.where = "snr > 20"  # rows 21 to 29
    answer, _ = View(grid).ask("find", text=text)
    assert answer["kind"] == "failed"
    assert found in answer["reason"]
