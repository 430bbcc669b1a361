"""The widget without a browser: traits, answers and Python interface."""

from __future__ import annotations

import base64
import json

import anywidget
import numpy as np
import pandas as pd
import pytest
import traitlets

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.testing import SlowImages, make_wcs
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.pages.cutout_cache import shared_cache

from .other_end import FIRST_ID, SIDE, View, make_stamps, make_table, snapshot_of, target_of


def test_the_first_page_is_sent_without_a_request(grid):
    page = snapshot_of(grid)
    assert page["target"] == grid._target
    assert [int(tile["id"]) for tile in page["tiles"]] == [FIRST_ID + place for place in range(6)]
    assert len(grid.snapshot_pixels) == 6 * 3 * SIDE * SIDE


def test_the_first_page_can_be_omitted_from_the_notebook():
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, snapshot=False)
    assert grid.snapshot is None
    assert grid.snapshot_pixels == b""
    grid.close()


def test_a_large_first_page_is_shortened_for_the_notebook():
    stack = np.zeros((30, 120, 120), dtype=np.float32)
    images = cw.ArrayImages.from_stamps(np.arange(30) + FIRST_ID, stack, stack, stack)
    grid = CutoutGrid(make_table(), images, None, page_size=30)
    whole = [tile for tile in snapshot_of(grid)["tiles"] if not tile["waiting"]]
    assert len(grid.snapshot_pixels) == 10 * 3 * 120 * 120
    on_disk = len(base64.b64encode(grid.snapshot_pixels)) + len(json.dumps(grid.snapshot))
    assert on_disk <= 600_000 < on_disk * 11 / 10
    assert len(whole) == 10
    assert len(grid.snapshot["tiles"]) == 30
    grid.close()


def test_a_view_can_turn_the_page(grid):
    view = View(grid)
    answer, pixels = view.page(2, sort="-snr")
    assert [int(tile["id"]) - FIRST_ID for tile in answer["tiles"]] == [17, 16, 15, 14, 13, 12]
    assert len(pixels) == 6 * 3 * SIDE * SIDE
    assert (grid.page, grid.sort, grid.n_rows) == (2, "-snr", 30)


def test_a_filter_set_in_a_view_becomes_the_state_of_the_grid(grid):
    answer, _ = View(grid).page(0, where="isDipole and snr > 5")
    assert grid.where == "isDipole and snr > 5"
    assert grid.n_rows == len(grid.shown) == answer["n_rows"] == 8


def test_an_invalid_filter_is_reported_and_changes_nothing(grid):
    answer, _ = View(grid).page(3, where="snr >")
    assert answer["kind"] == "failed"
    assert answer["field"] == "where"
    assert "cannot filter by 'snr >'" in answer["reason"]
    assert (grid.where, grid.page, grid.n_rows) == (None, 0, 30)


def test_prefetching_a_page_does_not_turn_to_it(grid):
    answer, _ = View(grid).page(1, purpose="ahead")
    assert answer["target"]["page"] == 1
    assert grid.page == 0


def test_a_page_cached_in_the_view_is_shown_without_sending_pixels(grid):
    answer, pixels = View(grid).page(1, purpose="kept")
    assert (answer["of"], pixels) == ("kept", b"")
    assert grid.page == 1


@pytest.mark.parametrize(
    "target",
    [None, {}, {"page": "1"}, {"page": True, "page_size": 6}, {"page": 0, "page_size": 6, "where": 3}],
)
def test_an_invalid_page_request_is_answered_with_an_error(grid, target):
    answer, _ = View(grid).ask("page", purpose="show", target=target)
    assert answer["kind"] == "failed"
    assert answer["reason"]


def test_the_newest_page_request_wins():
    slow = SlowImages(make_stamps(), is_open=True)
    grid = CutoutGrid(make_table(), slow, SIDE, page_size=6)
    slow.shut()
    view = View(grid)
    left = view.tell("page", purpose="show", target=target_of(grid, page=1))
    assert slow.wait_until_asked(7)
    wanted = view.tell("page", purpose="show", target=target_of(grid, page=3))
    answer, _ = view.last_of(left)
    assert answer["cancelled"]
    assert slow.wait_until_asked(8), "the store still hangs in the page that was left, and is overtaken"
    slow.open()
    answer, _ = view.last_of(wanted)
    assert answer["target"]["page"] == 3
    read = [id - FIRST_ID for id in slow.asked]
    assert read == [*range(6), 6, *range(18, 24)], "the page that was left stopped after its first row"
    grid.close()


def test_a_repeated_request_for_a_page_that_was_left_does_not_cancel_the_newer_one():
    slow = SlowImages(make_stamps(), is_open=True)
    grid = CutoutGrid(make_table(), slow, SIDE, page_size=6)
    slow.shut()
    view = View(grid)
    left = view.tell("page", purpose="show", target=target_of(grid, page=1))
    wanted = view.tell("page", purpose="show", target=target_of(grid, page=3))
    view.tell("page", number=left, purpose="show", target=target_of(grid, page=1))
    slow.open()
    answer, _ = view.last_of(wanted)
    assert (answer["kind"], answer["target"]["page"], grid.page) == ("done", 3, 3)
    grid.close()


def test_a_repeated_page_request_does_not_undo_a_newer_choice(grid):
    view = View(grid)
    first = view.tell("page", purpose="show", target=target_of(grid, page=1))
    view.last_of(first)
    view.page(3, purpose="kept")
    heard = len(view.answers)
    view.tell("page", number=first, purpose="show", target=target_of(grid, page=1))
    view.page(4, purpose="ahead")  # answered after it
    assert view.answers[heard][0]["request"] == first
    assert grid.page == 3


def test_a_click_is_answered_while_a_page_is_slow():
    slow = SlowImages(make_stamps(), is_open=True)
    grid = CutoutGrid(make_table(), slow, SIDE, page_size=6)
    slow.shut()
    view = View(grid)
    view.tell("page", purpose="show", target=target_of(grid, page=1))
    assert slow.wait_until_asked(7)
    answer, _ = view.ask("inspect", id=str(FIRST_ID), look="rubin")
    assert answer["id"] == str(FIRST_ID)
    slow.open()
    grid.close()


def test_inspecting_an_unknown_id_says_so(grid):
    answer, _ = View(grid).ask("inspect", id="12", look="rubin")
    assert "no row of diaSourceId 12" in answer["reason"]


def test_ids_are_integers_in_python_and_strings_on_the_wire(grid):
    grid.selected = [FIRST_ID]
    grid.inspect(FIRST_ID)
    state = grid.get_state(["selected", "inspected"])
    assert state["selected"] == ["9007199254740993"]
    assert state["inspected"] == "9007199254740993"
    grid.set_state({"selected": ["9007199254740995"]})
    assert grid.selected == [FIRST_ID + 2]


@pytest.mark.parametrize("one", [float(FIRST_ID), np.float64(FIRST_ID), True, "x", None])
def test_an_id_that_may_have_been_rounded_is_neither_selected_nor_inspected(grid, one):
    grid.selected = [FIRST_ID]
    with pytest.raises(BadOption, match="64-bit integer"):
        grid.selected = [one]
    assert grid.selected == [FIRST_ID]
    if one is not None:
        with pytest.raises(BadOption, match="64-bit integer"):
            grid.inspected = one


def test_arrays_series_and_one_id_can_be_selected(grid):
    for ids in (np.array([FIRST_ID, FIRST_ID + 1]), pd.Series([FIRST_ID, FIRST_ID + 1])):
        grid.selected = ids
        assert grid.selected == [FIRST_ID, FIRST_ID + 1]
        assert all(type(one) is int for one in grid.selected)
    grid.selected = FIRST_ID
    assert grid.selected == [FIRST_ID]


def test_pages_can_be_turned_from_python_with_errors_raised(grid):
    grid.sort = "-snr"
    grid.page = 4
    assert grid._target["page"] == 4
    grid.where = "snr < 10"
    assert (grid.page, grid.n_rows) == (0, 10)
    with pytest.raises(BadTable, match="did you mean"):
        grid.where = "snrr < 10"
    assert grid.where == "snr < 10"
    with pytest.raises(BadOption, match="pages go from 0 to 1"):
        grid.page = 2
    with pytest.raises(BadOption, match="1 to 500"):
        grid.page_size = 0
    with pytest.raises(BadOption, match="did you mean 'rubin'"):
        grid.look = "ruben"
    with pytest.raises(BadOption, match="no colormap"):
        grid.colormap = "sepia"


def test_a_new_page_size_keeps_the_first_source_visible(grid):
    grid.page = 2
    grid.page_size = 4
    assert grid.page == 3  # row 12 is on the fourth page of four


def test_a_custom_look_is_added_to_the_menu(grid):
    own = cw.Look("mine", cw.Stretch("zscale"), cw.Stretch("zscale"), cw.Stretch("zscale"), "plasma")
    grid.look = own
    assert grid.choices["looks"][-1]["name"] == "mine"
    assert "plasma" in grid.choices["colormaps"]
    assert len(grid.palettes) == len(grid.choices["colormaps"]) * 255 * 3
    answer, _ = View(grid).page(0)
    assert answer["target"]["look"] == "mine"
    assert grid.look is own


def test_an_unknown_option_is_refused_by_name():
    with pytest.raises(TypeError, match="page_sise"):
        CutoutGrid(make_table(), make_stamps(), page_sise=3)


def test_an_invalid_filter_is_refused_immediately():
    with pytest.raises(BadTable, match="snrr"):
        CutoutGrid(make_table(), make_stamps(), where="snrr > 1")


def test_labels_are_on_disk_before_they_are_confirmed(tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=path)
    view = View(grid)
    answer, _ = view.ask("label", ids=[str(FIRST_ID), str(FIRST_ID + 1)], label="real")
    assert answer["labels"] == {str(FIRST_ID): "real", str(FIRST_ID + 1): "real"}
    assert json.loads(path.read_text())["ids"] == ["9007199254740993", "9007199254740994"]
    answer, _ = view.ask("label", ids=[str(FIRST_ID)], label="bogus")
    answer, _ = view.ask("undo")
    assert answer["labels"] == {str(FIRST_ID): "real"}
    grid.label(FIRST_ID + 1, None)
    assert "diaSourceId" not in grid.labels  # it is the column id
    assert grid.labels[["id", "label", "snr"]].to_dict("records") == [
        {"id": FIRST_ID, "label": "real", "snr": 0.0}
    ]
    page, _ = view.page(0)
    assert [tile["label"] for tile in page["tiles"][:2]] == ["real", None]
    grid.close()


@pytest.mark.parametrize("one", [str(FIRST_ID), np.int64(FIRST_ID), [str(FIRST_ID)]])
def test_an_id_can_be_text_or_a_numpy_integer(tmp_path, one):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=tmp_path / "labels.jsonl")
    assert grid.label(one, "real") == {FIRST_ID: "real"}
    grid.close()


def test_a_float_is_refused_as_an_id(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=tmp_path / "labels.jsonl")
    with pytest.raises(cw.BadOption, match="an id is"):
        grid.label(float(FIRST_ID), "real")
    with pytest.raises(cw.BadTable, match="an identifier is"):
        grid.inspect(float(FIRST_ID))
    grid.close()


def test_labels_of_an_earlier_session_are_shown(tmp_path):
    journal = cw.LabelJournal(tmp_path / "labels.jsonl")
    journal.label(FIRST_ID + 2, "bogus")
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=journal)
    assert snapshot_of(grid)["tiles"][2]["label"] == "bogus"
    grid.close()


def test_labelling_without_a_journal_says_how_to_set_one(grid):
    answer, _ = View(grid).ask("label", ids=[str(FIRST_ID)], label="real")
    assert "labels='labels.jsonl'" in answer["reason"]


def test_a_closed_grid_frees_its_cache():
    before = shared_cache().nbytes
    grid = CutoutGrid(make_table(), make_stamps(), SIDE)
    assert shared_cache().nbytes > before
    grid.close()
    assert shared_cache().nbytes == before


def test_closing_answers_open_requests():
    slow = SlowImages(make_stamps())
    grid = CutoutGrid(make_table(), slow, SIDE, snapshot=False)
    view = View(grid)
    number = view.tell("page", purpose="show", target=target_of(grid))
    assert slow.wait_until_asked(1)
    grid.close()
    assert view.last_of(number)[0]["cancelled"]
    slow.open()


def test_without_a_front_end_the_output_says_what_to_do(grid):
    bundle, _ = grid._repr_mimebundle_()
    assert "30 of 30 sources" in bundle["text/plain"]
    assert "pip install --user anywidget" in bundle["text/plain"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == grid.grid_id


def test_observers_are_notified_of_changes_by_a_view(grid):
    seen = []
    grid.observe(lambda change: seen.append(change["new"]), "page")
    View(grid).page(2)
    assert seen == [2]


def test_the_grid_saves_its_displayed_sources(tmp_path, grid):
    grid.where = "snr >= 28"
    report = grid.save(tmp_path, progress=False)
    assert sorted(report.ids) == [FIRST_ID + 28, FIRST_ID + 29]
    assert len(list(tmp_path.rglob("*.png"))) == 2


def test_without_histories_the_light_curve_uses_the_rows_or_says_why_not(grid):
    figure = grid.light_curve()
    grid.inspect(FIRST_ID)
    assert figure.title == f"{FIRST_ID}: 0 points"
    assert figure.axes == []


def test_only_traits_in_the_protocol_are_synced(grid):
    ours = {name for name in grid.traits(sync=True) if not name.startswith("_")}
    assert ours - {"layout", "tabbable", "tooltip"} == set(grid._wire_state)


def test_the_version_is_read_only(grid):
    with pytest.raises(traitlets.TraitError):
        grid.version = 9


def test_a_layout_is_accepted_as_by_any_widget():
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, layout={"width": "60%"}, tooltip="cutouts")
    assert (grid.layout.width, grid.tooltip) == ("60%", "cutouts")
    grid.close()


@pytest.mark.parametrize(("wrong", "right"), [("sise", "size"), ("layuot", "layout")])
def test_an_unknown_option_is_refused_with_the_nearest_one(wrong, right):
    with pytest.raises(cw.UnknownOption, match=f"CutoutGrid does not know '{wrong}'; did you mean '{right}'"):
        CutoutGrid(make_table(), make_stamps(), **{wrong: 1})


def test_a_grid_accepts_a_dataframe():
    grid = CutoutGrid(make_table().to_pandas(), make_stamps(), SIDE)
    assert grid.n_total == 30
    grid.close()


def test_a_grid_has_only_documented_methods():
    ours = {name for name in dir(CutoutGrid) if name[0] != "_"} - set(dir(anywidget.AnyWidget))
    assert ours - set(CutoutGrid.class_traits()) == {
        "sources", "images", "shown", "labels", "inspect", "label", "undo", "redo", "note", "see",
        "refresh", "save", "to_html", "light_curve", "epochs", "movie", "check_front_end", "to_png",
        "release", "select_all", "select_range", "select_others", "selection_grid",
        "ids_of", "consistency",
    }  # fmt: skip


def test_reading_another_cutout_size_does_not_change_the_grid(grid):
    view = View(grid)
    wide, _ = view.ask("inspect", id=str(FIRST_ID), look="rubin", size=8)
    assert wide["panels"]["science"]["shape"] == (8, 8)
    assert wide["size"] == 8
    whole, _ = view.ask("inspect", id=str(FIRST_ID), look="rubin", size=0)
    assert whole["panels"]["science"]["shape"] == (SIDE, SIDE)
    own, _ = view.ask("inspect", id=str(FIRST_ID), look="rubin", size=None)
    assert own["panels"]["science"]["shape"] == (SIDE, SIDE)
    assert {one["stamp_side"] for one in (wide, whole, own)} == {SIDE}, "beyond which there is nothing"


def test_the_full_view_of_a_large_image_is_limited_around_the_source():
    pixels = np.zeros((1500, 1200), dtype=np.float32)
    image = cw.Image(pixels, wcs=make_wcs(at=(100, 900)), unit="nJy")
    images = cw.ArrayImages.from_images({(1, 1): (None, image, None)})
    table = {"diaSourceId": [FIRST_ID], "ra": [53.0], "dec": [-28.0], "visit": [1], "detector": [1]}
    grid = CutoutGrid(cw.SourceTable.read(table), images, SIDE)
    answer, _ = View(grid).ask("inspect", id=str(FIRST_ID), look="rubin", size=0)
    science = answer["panels"]["science"]
    # 1024 rows about y = 900, and columns from the edge to 512 right of x = 100.
    assert science["shape"] == (1024, 612)
    assert (science["x0"], science["y0"]) == (0, 388)
    assert answer["stamp_side"] is None
    grid.close()


@pytest.mark.parametrize("size", [-1, 5000, "30", 1.5, True])
def test_an_invalid_size_is_refused(grid, size):
    answer, _ = View(grid).ask("inspect", id=str(FIRST_ID), look="rubin", size=size)
    assert answer["kind"] == "failed"
    assert "1 to 1024 pixels" in answer["reason"]


def test_custom_links_are_sent_with_the_inspected_source(grid):
    answer, _ = View(grid).ask("inspect", id=str(FIRST_ID), look="rubin")
    assert [one["name"] for one in answer["links"]][:2] == ["SIMBAD", "NED"]
    with pytest.raises(BadOption, match="begins with https"):
        CutoutGrid(make_table(), make_stamps(), links={"mine": "javascript:1"})


def test_saving_from_the_grid_refuses_an_unknown_option(grid, tmp_path):
    with pytest.raises(cw.UnknownOption, match="save does not know 'url_rot'; did you mean 'url_root'"):
        grid.save(tmp_path / "out", url_rot="https://example.org")
    assert not (tmp_path / "out").exists()
