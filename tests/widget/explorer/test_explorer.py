"""The explorer: brushes filter the grid, the plots follow the grid, and unusual tables."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.widget.explorer.detectors import COLORMAP
from cutout_widgets.widget.explorer.explorer import Explorer
from cutout_widgets.widget.explorer.scatter import MOST_POINTS

bqplot = pytest.importorskip("bqplot")

FIRST = 2**63 - 10


def make(n: int = 6, images_of: int = 1, /, **columns):
    """An explorer of n rows: S/N 1, 2, 3 ..., chi2 10, 20, 30 ..., detectors 3 and 94 in turn."""
    ids = FIRST + np.arange(n, dtype=np.int64) if n < 10 else np.arange(n, dtype=np.int64)
    table = {
        "diaSourceId": ids,
        "ra": np.full(n, 53.0),
        "dec": np.full(n, -28.0),
        "snr": np.arange(1, n + 1, dtype=np.float64),
        "chi2": 10.0 * np.arange(1, n + 1),
        "detector": np.where(np.arange(n) % 2 == 0, 3, 94),
        "isDipole": np.arange(n) < 2,
        "band": ["r"] * n,
    }
    options = {key: columns.pop(key) for key in ("x", "y", "mean", "camera", "where") if key in columns}
    table |= columns
    table = {name: values for name, values in table.items() if values is not None}
    stamps = np.zeros((min(images_of, n), 4, 4), dtype=np.float32)
    images = ArrayImages.from_stamps(ids[: len(stamps)], stamps, stamps, stamps)
    return Explorer(table, images, 4, **{"x": "snr", "y": "chi2"} | options)


@pytest.fixture
def explorer():
    one = make()
    yield one
    one.close()


def drag(brush, x, y):
    """Send the message of the browser at the end of a drag."""
    with brush.selector.hold_trait_notifications():
        brush.selector.selected_x, brush.selector.selected_y = x, y


def points(figure):
    return [mark for mark in figure.marks if isinstance(mark, bqplot.Scatter)]


def test_a_brush_in_the_scatter_plot_filters_the_grid_by_range(explorer):
    drag(explorer._scatter._brush, [1.5, 4.5], [0.0, 35.0])
    assert explorer.grid.where == "1.5 <= snr <= 4.5 and 0 <= chi2 <= 35"
    assert explorer.grid.shown["snr"].tolist() == [2.0, 3.0]
    every, passing, _ = points(explorer._scatter.figure)
    assert (len(every.x), passing.x.tolist()) == (6, [2.0, 3.0])
    assert explorer._scatter.words.text == "2 of 6 rows"


def test_a_second_brush_replaces_the_first_and_keeps_the_typed_filter(explorer):
    explorer.grid.where = "isDipole or snr > 3"
    drag(explorer._scatter._brush, [1.5, 4.5], [0.0, 35.0])
    drag(explorer._scatter._brush, [0.5, 6.5], [35.0, 55.0])
    assert explorer.grid.where == "(isDipole or snr > 3) and 0.5 <= snr <= 6.5 and 35 <= chi2 <= 55"
    drag(explorer._scatter._brush, None, None)
    assert explorer.grid.where == "(isDipole or snr > 3)"


def test_nothing_is_filtered_while_the_mouse_is_down(explorer):
    brush = explorer._scatter._brush
    brush.selector.brushing = True
    drag(brush, [1.5, 4.5], [0.0, 35.0])
    assert explorer.grid.where is None
    brush.selector.brushing = False
    assert explorer.grid.n_rows == 2


def test_removing_the_filter_removes_the_brush(explorer):
    drag(explorer._scatter._brush, [1.5, 4.5], [0.0, 35.0])
    explorer.grid.where = None
    assert explorer._scatter._brush.rectangle is None
    assert explorer.grid.where is None


def test_a_brush_on_the_map_selects_the_detectors_it_touches(explorer):
    drag(explorer._map._brush, [1.4, 1.6], [0.4, 0.6])
    assert explorer.grid.where == "detector in [94]"
    assert explorer._map._values(explorer.grid.sources).tolist() == [3.0, 3.0]
    assert explorer._map.words.text == "6 rows on 2 detectors; 1 chosen; in numerical order"
    drag(explorer._map._brush, [-1.0, 3.0], [-1.0, 3.0])
    assert explorer.grid.where is None, "all of them are no choice"


def test_the_map_counts_rows_passing_the_other_brush(explorer):
    explorer.grid.where = "snr <= 4 and detector in [3]"
    texts = [mark.text.tolist() for mark in explorer._map.figure.marks if isinstance(mark, bqplot.Label)]
    assert texts == [["3", "94"], ["2", "2"]]


def test_the_map_shows_the_mean_of_a_column_or_the_fraction_of_a_flag(explorer):
    explorer.mean = "snr"
    assert explorer._map._values(explorer.grid.sources).tolist() == [3.0, 4.0]
    explorer.mean = "isDipole"
    assert explorer._map._values(explorer.grid.sources).tolist() == pytest.approx([1 / 3, 1 / 3])
    assert explorer._map.figure.axes[0].label == "fraction with isDipole"
    assert explorer.mean == "isDipole"
    explorer.mean = None
    assert explorer._map.figure.axes[0].label == "rows of a detector"


def test_a_camera_gives_the_detector_positions():
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    explorer = make(camera={3: square, 94: square + 5, 7: square + np.array([0, 9])})
    outlines = explorer._map.figure.marks[0]
    assert outlines.x[:, 0].tolist() == [0.0, 0.0, 5.0], "in numerical order: 3, 7, 94"
    assert explorer._map.words.text == "6 rows on 3 detectors; drag to filter"
    assert explorer._map._colours.scheme == COLORMAP
    explorer.close()


def test_the_focused_source_is_marked_by_a_ring(explorer):
    ring = points(explorer._scatter.figure)[-1]
    assert len(ring.x) == 0
    explorer.grid.inspect(FIRST + 2)
    ring = points(explorer._scatter.figure)[-1]
    assert (ring.x.tolist(), ring.y.tolist(), ring.fill) == ([3.0], [30.0], False)
    explorer.grid.inspect(None)
    explorer.grid.selected = [FIRST, FIRST + 5]
    assert points(explorer._scatter.figure)[-1].x.tolist() == [6.0]


def lassoed(explorer, inside):
    """Draw a lasso around points by their number, as the browser does; return the selected rows."""
    *_, drawn, _ = explorer._scatter.figure.marks
    assert explorer._scatter.figure.interaction.marks == [drawn]
    drawn.selected = np.array(inside)
    ids = explorer.grid.sources.ids.tolist()
    return [ids.index(one) for one in explorer.grid.selected]


def test_a_lasso_selects_the_rows_that_pass_the_filter_and_have_values():
    explorer = make(psfFlux=[-5.0, 1.0, 2.0, np.nan, 3.0, 4.0])
    explorer.y = "psfFlux"
    explorer.grid.where = "snr > 1"  # the first row does not pass, the fourth has no flux
    explorer._scatter.lasso.value = True
    assert lassoed(explorer, [1, 2]) == [2, 4]
    assert explorer.grid.where == "snr > 1", "a lasso selects, a rectangle filters"
    assert lassoed(explorer, []) == []
    explorer._scatter.lasso.value = False
    assert isinstance(explorer._scatter.figure.interaction, bqplot.interacts.BrushSelector)
    explorer.close()


def test_a_lasso_needs_few_rows_and_a_filter_can_make_them_few():
    explorer = make(MOST_POINTS + 2)
    explorer._scatter.lasso.value = True
    assert explorer._scatter.figure.interaction is None
    assert "filter to 5000 rows for the lasso" in explorer._scatter.words.text
    explorer.grid.where = "snr <= 3"
    assert lassoed(explorer, [0, 2]) == [0, 2]
    assert "draw around points to select" in explorer._scatter.words.text
    explorer.close()


def test_other_columns_get_their_own_axes_with_units():
    explorer = make(psfFlux=[-5.0, 1.0, 2.0, np.nan, 3.0, 4.0])
    explorer.y = "psfFlux"
    assert explorer._scatter.figure.axes[1].label == "psfFlux (nJy)"
    assert explorer._scatter.words.text == ("6 rows; drag to filter; 1 not on these axes")
    explorer.close()


def test_many_rows_are_drawn_as_a_density_image_as_the_title_says():
    n = MOST_POINTS + 2
    explorer = make(n)
    image, _ = explorer._scatter.figure.marks
    assert isinstance(image, bqplot.Image)
    assert explorer._scatter.words.text.startswith("5,002 rows, as density")
    drag(explorer._scatter._brush, [0.5, 2501.0], [0.0, 50020.0])
    assert explorer.grid.n_rows == 2501
    assert explorer._scatter.words.text == "2,501 of 5,002 rows, as density"
    explorer.close()


@pytest.mark.parametrize(
    "n, columns, scatter, detectors",
    [
        (0, {}, "The table has no rows", "The table has no rows"),
        (1, {}, "1 row; drag to filter",
         "1 row on 1 detector; drag to filter; in numerical order"),
        (3, {"snr": [np.nan] * 3}, "snr has no number in any row", None),
        (3, {"detector": None}, None, "No map: the table has no detector column"),
        (3, {"detector": [np.nan] * 3}, None, "No map: detector has no number in any row"),
        (3, {"detector": [1.5, 2.0, 3.0]}, None, "No map: detector contains numbers that are not whole"),
        (3, {"detector": [1.0, np.nan, 2.0]}, None,
         "2 rows on 2 detectors; 1 on none of them; drag to filter; in numerical order"),
        (3, {"detector": ["S1", "S2", "<script>"]}, None, "No map: detector has no numbers"),
    ],
)  # fmt: skip
def test_unusual_tables_give_a_message_or_a_correct_plot(n, columns, scatter, detectors):
    explorer = make(n, **columns)
    if scatter is not None:
        assert explorer._scatter.words.text == scatter
    if detectors is not None:
        assert explorer._map.words.text == detectors
    explorer.grid.where = "chi2 > 5"
    explorer.close()


def test_words_above_a_plot_are_text_that_wraps():
    explorer = make(3, **{"<b>": [np.nan] * 3}, x="<b>")
    assert explorer._scatter.words.text == "<b> has no number in any row"
    assert "&lt;b&gt; has no number" in explorer._scatter.words.value
    assert not explorer._scatter.figure.title, "which bqplot would cut off"
    explorer.close()


def test_an_explorer_that_failed_to_open_can_be_closed():
    with pytest.raises(BadOption):
        make(camera={})
    explorer = Explorer.__new__(Explorer)
    explorer.close()


def test_columns_without_numbers_are_refused():
    for option, name in (("x", "band"), ("y", "diaSourceId"), ("mean", "band")):
        with pytest.raises(BadOption, match=f"{name}' has none, or has identifiers"):
            make(**{option: name})
    with pytest.raises(BadOption, match=r"there is no 'sn'.*snr"):
        make(x="sn")


def test_a_column_can_have_an_unusual_name():
    explorer = make(3, **{"odd name": [1.0, 2.0, 3.0]}, x="odd name", y="odd name")
    drag(explorer._scatter._brush, [0.5, 2.5], [0.5, 2.5])
    assert explorer.grid.where == "0.5 <= `odd name` <= 2.5"
    assert explorer.grid.n_rows == 2
    explorer.close()


def test_a_table_without_numbers_says_so():
    ids = [FIRST, FIRST + 1]
    stamps = np.zeros((2, 4, 4), dtype=np.float32)
    table = {"diaSourceId": ids, "ra": ["1.0", "2.0"], "dec": ["3", "4"], "band": ["g", "r"]}
    explorer = Explorer(table, ArrayImages.from_stamps(ids, stamps, stamps, stamps), 4)
    assert explorer._scatter.words.text
    explorer.close()


def test_without_a_history_the_light_curve_uses_the_rows_of_the_object():
    explorer = make(
        3, diaObjectId=[7, 7, 8], midpointMjdTai=[61000.0, 61001.0, 61002.0], psfFlux=[1.0, 2.0, 3.0]
    )
    explorer.grid.inspect(FIRST)
    curve = explorer.children[0].children[2].children[0]
    assert curve.title == f"{FIRST}: 2 points"
    explorer.close()


def test_an_explorer_cannot_be_blind_as_it_plots_what_a_blind_grid_hides(tmp_path):
    ids = [FIRST, FIRST + 1]
    stamps = np.zeros((2, 4, 4), dtype=np.float32)
    table = {"diaSourceId": ids, "ra": [1.0, 2.0], "dec": [3.0, 4.0], "snr": [5.0, 6.0]}
    images = ArrayImages.from_stamps(ids, stamps, stamps, stamps)
    with pytest.raises(BadOption, match="a blind grid hides; make a CutoutGrid instead"):
        Explorer(table, images, 4, labels=tmp_path / "labels.jsonl", blind=True)
