"""The light curve plot next to a grid."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from cutout_widgets.catalog.databases.apdb import Apdb
from cutout_widgets.catalog.lightcurve import history_frame
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.objects.curve_axes import ticks_between

bqplot = pytest.importorskip("bqplot")
pytest.importorskip("sqlalchemy")

FIRST = 2**53 + 1


class Remembered(ArrayImages):
    """Stamps with a light curve."""

    points: pd.DataFrame

    def history(self, source):
        return self.points


@pytest.fixture
def grid():
    table = SourceTable.read({"diaSourceId": [FIRST, FIRST + 1], "ra": [53.0, 53.0], "dec": [-28.0, -28.0]})
    stamps = np.zeros((2, 4, 4), dtype=np.float32)
    images = Remembered.from_stamps(table.ids, stamps, stamps, stamps)
    images.points = history_frame([])
    one = CutoutGrid(table, images, size=4)
    yield one
    one.close()


def at(time, flux, kind="detection", band="r", id=None, error=10.0):
    return {"time": time, "flux": flux, "flux_err": error, "kind": kind, "band": band, "id": id}


def curve_of(grid, *points, **axes):
    grid.images.points = history_frame(points)
    figure = grid.light_curve(**axes)
    grid.inspect(FIRST)
    return figure


def scatters(figure):
    return {mark.labels[0]: mark for mark in figure.marks if isinstance(mark, bqplot.Scatter) and mark.labels}


def test_without_a_source_the_plot_says_what_to_do(grid):
    figure = grid.light_curve()
    assert figure.title == "Click a source to see its light curve"
    assert figure.axes == [], "axes from 0 to 1 would look like a light curve that is empty"


def test_without_histories_in_the_images_the_database_is_used(tmp_path):
    ids = {"diaSourceId": FIRST, "diaObjectId": 7, "visit": 1, "detector": 1}
    numbers = {"ra": 53.0, "dec": -28.0, "midpointMjdTai": 61000.0, "psfFlux": 100.0, "psfFluxErr": 10.0}
    row = {**ids, **numbers, "band": "r"}
    types = [*["BIGINT"] * len(ids), *["DOUBLE"] * len(numbers), "TEXT"]
    columns = ", ".join(f"{name} {type}" for name, type in zip(row, types, strict=True))
    database = tmp_path / "apdb.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in ("DiaSource", "DiaForcedSource"):
            connection.execute(f"CREATE TABLE {table} ({columns})")
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", (*row.values(),))
    stamps = np.zeros((1, 4, 4), dtype=np.float32)
    grid = CutoutGrid(pd.DataFrame([row]), ArrayImages.from_stamps([FIRST], stamps, stamps, stamps), size=4)
    grid.inspect(FIRST)
    for history in (f"sqlite:///{database}", database, Apdb(f"sqlite:///{database}")):
        assert set(scatters(grid.light_curve(history))) == {"r detection", "r forced"}
    others = pd.DataFrame([row, {**row, "diaSourceId": FIRST + 1, "band": "g"}, {**row, "diaObjectId": 8}])
    others["diaSourceId"] = [FIRST, FIRST + 1, FIRST + 2]
    for table in (others, SourceTable.read(others)):
        assert set(scatters(grid.light_curve(table))) == {"g detection", "r detection"}
    with pytest.raises(BadOption, match="has no light curves"):
        grid.light_curve(5)
    with pytest.raises(BadTable):
        grid.light_curve(pd.DataFrame())
    with pytest.raises(BadTable):
        grid.light_curve(f"sqlite:///{tmp_path}/other.db")
    grid.close()


def test_the_title_says_why_there_is_no_light_curve(grid):
    def refuse(source):
        raise BadTable("diaObjectId came as the float 1e17")

    grid.images.history = refuse
    grid.inspect(FIRST)
    assert grid.light_curve().title == f"{FIRST}: diaObjectId came as the float 1e17"


def test_detections_are_filled_and_other_points_hollow(grid):
    figure = curve_of(grid, at(1, 100.0), at(2, 120.0, "forced"), at(3, 90.0, "limit", band="g"))
    found = scatters(figure)
    assert {name: mark.fill for name, mark in found.items()} == {
        "r detection": True,
        "r forced": False,
        "g limit": False,
    }


def test_the_flux_axis_is_vertical_in_every_version_of_bqplot(grid):
    figure = curve_of(grid, at(1, 100.0))
    assert [(one.side, one.orientation) for one in figure.axes][1] == ("left", "vertical")


def test_ticks_are_round_few_and_not_at_the_corner_of_the_frame(grid):
    across, up = curve_of(grid, at(61158.4, -2500.0), at(61196.0, 1500.0)).axes
    assert (across.tick_values.tolist(), across.tick_format) == ([61160.0, 61170.0, 61180.0, 61190.0], ".0f")
    assert up.tick_values.tolist() == [-2000.0, -1000.0, 0.0, 1000.0]
    close = curve_of(grid, at(61158.4, 1.0), at(61158.401, 2.0)).axes[0]  # half a day on both sides
    assert close.tick_values == pytest.approx([61158.0, 61158.2, 61158.4, 61158.6, 61158.8])
    assert close.tick_format == ".1f"


def test_a_narrow_time_axis_has_two_dates():
    def dates(low, high):
        return ticks_between(low, high, 2)["tick_values"].tolist()

    assert dates(61158.4, 61196.0) == [61160.0, 61180.0]
    assert dates(61161.0, 61198.0) == [61170.0, 61190.0], "the ends of finer ticks, if only 61180 is left"


def test_a_single_point_is_counted_in_the_singular(grid):
    assert curve_of(grid, at(1, 100.0)).title == f"{FIRST}: 1 point"


def test_bands_have_the_tile_colours_in_both_themes(grid):
    figure = curve_of(grid, at(1, 100.0, band="i"), at(2, 100.0, band=None))
    colours = {name: mark.colors for name, mark in scatters(figure).items()}
    assert colours["i detection"] == ["var(--cw-i, #370201)"], "the style sheet knows what shows on dark"
    assert "var" not in colours["? detection"][0]
    assert "cw-curve" in figure._dom_classes


def test_a_distant_upper_limit_does_not_compress_the_axis(grid):
    figure = curve_of(grid, at(1, 100.0), at(2, 200.0), at(3, 150.0, "limit"), at(4, 9000.0, "limit"))
    scale = scatters(figure)["r detection"].scales["y"]
    assert (scale.min, scale.max) == (-10.5, 220.5), "0 to 210, and a twentieth of that on both sides"
    assert figure.title == f"{FIRST}: 4 points, 1 limit above the frame"


def test_no_point_is_on_the_frame(grid):
    scales = scatters(curve_of(grid, at(1, -100.0), at(41, -20.0)))["r detection"].scales
    assert (scales["x"].min, scales["x"].max) == (-1.0, 43.0)
    assert (scales["y"].min, scales["y"].max) == (-115.5, 5.5), "-110 to 0: zero is always seen"


def test_limits_are_arrows_that_point_down(grid):
    limit = scatters(curve_of(grid, at(1, 100.0), at(2, 90.0, "limit"), at(3, 80.0, "limit")))["r limit"]
    assert limit.marker == "arrow"
    assert limit.rotation.tolist() == [1.0, 1.0], (
        "half a circle each: bqplot turns by 180 degrees at the end of the scale"
    )
    assert (limit.scales["rotation"].min, limit.scales["rotation"].max) == (0.0, 1.0)


def test_in_magnitudes_all_limits_are_inside_the_axes(grid):
    points = [at(1, 36307.8), at(2, 363.078, "limit")]  # 20.0 and 25.0
    scale = scatters(curve_of(grid, *points, unit="mag"))["r detection"].scales["y"]
    assert scale.max == pytest.approx(25.0 + 0.05 * 5.0, abs=0.01)


def test_a_single_point_or_only_limits_have_valid_axes(grid):
    scales = scatters(curve_of(grid, at(7, 100.0, "limit")))["r limit"].scales
    assert (scales["x"].min, scales["x"].max) == (6.5, 7.5)
    assert (scales["y"].min, scales["y"].max) == (-5.0, 105.0), "a limit has no error bar"


def legend(figure):
    """Return the symbols beside the frame, each with its words."""
    beside = [mark for mark in figure.marks if isinstance(mark, bqplot.Scatter) and not mark.labels]
    symbols = [mark for mark in beside if mark.x.size and not mark.display_names and not mark.apply_clip]
    words = [mark.names[0].strip() for mark in beside if mark.display_names]
    return list(zip(words, symbols, strict=True))


def test_the_legend_is_outside_the_frame_and_lists_each_kind_once(grid):
    figure = curve_of(grid, at(1, 100.0), at(2, 120.0, "forced"), at(3, 90.0, "limit", band="g"))
    found = legend(figure)
    assert [(words, one.marker, one.fill) for words, one in found] == [
        ("g limit", "arrow", False),
        ("r detection", "triangle-down", True),
        ("r forced", "triangle-down", False),
    ]
    assert all(one.x[0] > one.scales["x"].max for _, one in found)
    heights = [one.y[0] for _, one in found]
    assert heights == sorted(heights, reverse=True), "from the top down"


def test_a_single_point_has_a_frame_and_a_legend(grid):
    figure = curve_of(grid, at(7, 100.0))
    scales = scatters(figure)["r detection"].scales
    assert (scales["x"].min, scales["x"].max) == (6.5, 7.5)
    assert scales["y"].min < 100.0 < scales["y"].max
    assert [words for words, _ in legend(figure)] == ["r detection"]


def test_clicking_a_detection_in_the_table_inspects_it(grid):
    figure = curve_of(grid, at(1, 100.0, id=FIRST), at(2, 100.0, id=FIRST + 1), at(3, 100.0, id=7))
    (scatter,) = scatters(figure).values()
    for index, inspected in ((1, FIRST + 1), (2, FIRST + 1), (0, FIRST)):
        scatter._element_click_handlers(scatter, {"data": {"index": index}})
        assert grid.inspected == inspected


def curve_on(grid, *points, **axes):
    grid.images.points = history_frame(points)
    figure = grid.light_curve(**axes)
    grid.inspect(FIRST)
    return figure


def test_the_current_source_has_a_ring(grid):
    figure = curve_of(grid, at(1, 100.0, id=FIRST), at(2, 120.0, id=FIRST + 1))

    def ring():
        (found,) = [
            one for one in figure.marks if isinstance(one, bqplot.Scatter) and one.default_size == 300
        ]
        return found.x.tolist(), found.y.tolist()

    assert ring() == ([1.0], [100.0])
    grid.inspect(FIRST + 1)
    assert ring() == ([2.0], [120.0])


def test_a_point_under_the_pointer_shows_its_values(grid):
    figure = curve_of(grid, {**at(1, 1000.0, id=FIRST), "visit": 7, "detector": 3})
    mark = scatters(figure)["r detection"]
    assert mark.tooltip.fields == ["name"]
    assert mark.names.tolist() == [
        "MJD 1.00000 \u00b7 r detection \u00b7 difference 1000 \u00b1 10 nJy, S/N 100.0, 23.900 AB"
        f" \u00b7 visit 7 \u00b7 detector 3 \u00b7 id {FIRST}"
    ]


def test_forced_photometry_is_larger_than_a_detection_at_the_same_place(grid):
    found = scatters(curve_of(grid, at(1, 100.0), at(1, 100.0, "forced")))
    assert found["r forced"].default_size > 2 * found["r detection"].default_size


def test_magnitudes_increase_downwards_and_fluxes_below_zero_are_counted(grid):
    figure = curve_on(grid, at(1, 1000.0), at(2, 100.0), at(3, -5.0), unit="mag")
    mark = scatters(figure)["r detection"]
    assert mark.y == pytest.approx([23.9, 26.4])
    assert mark.scales["y"].reverse
    assert figure.axes[1].label == "difference AB magnitude"
    assert figure.title == f"{FIRST}: 2 points, 1 without a value on this axis"


def test_the_science_flux_is_drawn_against_days(grid):
    points = [
        {**at(10, 5.0), "science_flux": 900.0, "science_flux_err": 9.0},
        {**at(12.5, 6.0), "science_flux": 800.0},
    ]
    figure = curve_on(grid, *points, flux="science", time="days")
    mark = scatters(figure)["r detection"]
    assert (mark.x.tolist(), mark.y.tolist()) == ([0.0, 2.5], [900.0, 800.0])
    assert [one.label for one in figure.axes] == ["days since MJD 10.000", "science flux (nJy)"]


def test_a_period_folds_the_curve(grid):
    figure = curve_on(grid, at(10, 5.0), at(11.5, 6.0), at(14, 7.0), period=2)
    mark = scatters(figure)["r detection"]
    assert mark.x.tolist() == [0.0, 0.75, 0.0]
    assert figure.axes[0].label == "phase, 0 at MJD 10.0000"


@pytest.mark.parametrize(
    "axes", [{"flux": "total"}, {"unit": "Jy"}, {"time": "jd"}, {"period": 0}, {"period": -1.0}]
)
def test_unknown_axes_are_refused(grid, axes):
    with pytest.raises(BadOption, match=next(iter(axes))):
        grid.light_curve(**axes)
