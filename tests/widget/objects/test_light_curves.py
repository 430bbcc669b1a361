"""The light curve in the inspector: its data source, and the message to the browser."""

from __future__ import annotations

import numpy as np
import pytest
from tests.widget.other_end import FIRST_ID, View

from cutout_widgets.catalog.lightcurve import history_frame, lsst_points
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.stores.alerts.store import AlertImages
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.widget.grid import CutoutGrid

OBJECT = 2**60 + 1


def make_grid(rows=None, **options):
    """Four rows: three epochs of one object, not in the order of time, and one of another."""
    table = SourceTable.read(
        rows
        or {
            "diaSourceId": np.arange(4, dtype=np.int64) + FIRST_ID,
            "diaObjectId": [OBJECT, OBJECT + 1, OBJECT, OBJECT],
            "ra": [53.0] * 4,
            "dec": [-28.0] * 4,
            "midpointMjdTai": [61003.0, 61000.0, 61001.0, 61002.0],
            "band": ["r", "g", "g", "i"],
            "psfFlux": [300.0, 5.0, 100.0, -200.0],
            "psfFluxErr": [10.0, 1.0, 20.0, np.nan],
            "scienceFlux": [1300.0, 1005.0, 1100.0, 800.0],
        }
    )
    stamps = np.zeros((len(table), 4, 4), dtype=np.float32)
    images = ArrayImages.from_stamps(table.ids, stamps, stamps, stamps)
    return CutoutGrid(table, images, 4, snapshot=False, **options)


def curve_of(grid, id=FIRST_ID):
    with grid.hold_trait_notifications():
        answer, _ = View(grid).ask("curve", id=str(id))
    grid.close()
    return answer


class Told:
    """Knows a light curve, or why there is none."""

    def __init__(self, *points, error=None):
        self.points = points
        self.error = error

    def history(self, source):
        if self.error is not None:
            raise self.error
        return history_frame(self.points)


def test_without_a_history_rows_of_the_object_are_the_light_curve():
    answer = curve_of(make_grid())
    assert (answer["origin"], answer["reason"]) == ("table", "")
    assert [(one["time"], one["band"], one["flux"], one["source"]) for one in answer["points"]] == [
        (61001.0, "g", 100.0, str(FIRST_ID + 2)),
        (61002.0, "i", -200.0, str(FIRST_ID + 3)),
        (61003.0, "r", 300.0, str(FIRST_ID)),
    ]
    assert all(one["in_table"] for one in answer["points"])
    assert [one["flux_err"] for one in answer["points"]] == [20.0, None, 10.0]
    assert [one["science"] for one in answer["points"]] == [1100.0, 800.0, 1300.0]


@pytest.mark.parametrize("object", [0, None])
def test_a_source_without_object_is_its_own_light_curve(object):
    rows = {
        "diaSourceId": [FIRST_ID, FIRST_ID + 1],
        "diaObjectId": [object, object],
        "ra": [53.0] * 2,
        "dec": [-28.0] * 2,
        "midpointMjdTai": [61000.0, 61001.0],
        "psfFlux": [1.0, 2.0],
    }
    (point,) = curve_of(make_grid(rows))["points"]
    assert point["source"] == str(FIRST_ID)


def test_a_history_is_preferred_to_the_table():
    told = Told(
        {"time": 1.0, "flux": 5.0, "flux_err": 1.0, "kind": "detection", "band": "r", "id": FIRST_ID},
        {"time": 2.0, "flux": 6.0, "kind": "forced", "band": "r", "id": 2**53 + 3, "visit": 2**53 + 5},
        {"time": 3.0, "flux": 7.0, "kind": "limit", "band": None},
    )
    answer = curve_of(make_grid(history=told))
    assert answer["origin"] == "history"
    kinds = [(one["kind"], one["source"], one["in_table"], one["band"]) for one in answer["points"]]
    assert kinds == [
        ("detection", str(FIRST_ID), True, "r"),
        ("forced", str(2**53 + 3), False, "r"),
        ("limit", None, False, None),
    ]
    assert answer["points"][1]["visit"] == str(2**53 + 5), "exact beyond 2**53"


def test_why_there_is_no_light_curve_is_one_sentence():
    answer = curve_of(make_grid(history=Told(error=BadTable("no such table: DiaSource"))))
    assert (answer["points"], answer["reason"]) == ([], "no such table: DiaSource")
    assert "no flux" in curve_of(make_grid(history=Told()))["reason"]


def test_an_object_without_histories_is_refused_by_the_grid():
    with pytest.raises(BadOption, match="has no light curves"):
        make_grid(history=7)


def test_science_flux_in_counts_is_omitted_from_a_curve_in_nanojansky():
    row = {"midpointMjdTai": 1.0, "psfFlux": 2.0, "scienceFlux": 3.0, "diaSourceId": 1}
    (known,) = lsst_points([row], "detection")
    (counts,) = lsst_points([row], "detection", {"psfFlux": "nJy", "scienceFlux": "ct"})
    assert (known["science_flux"], counts["science_flux"]) == (3.0, None)


def test_epochs_are_the_rows_of_the_object_in_time_order():
    grid = make_grid()
    epochs = grid.epochs(FIRST_ID)
    assert epochs.shown.ids.tolist() == [FIRST_ID + 2, FIRST_ID + 3, FIRST_ID]
    assert epochs.page_size == 3
    epochs.close()
    grid.close()


def test_epochs_of_a_moving_object_are_selected_by_its_ssobjectid():
    ids = (np.arange(3, dtype=np.int64) + FIRST_ID).tolist()
    objects = {"diaObjectId": [0, None, 5], "ssObjectId": [OBJECT, OBJECT, 0]}
    grid = make_grid({"id": ids, "ra": [1.0, 1.2, 9.0], "dec": [2.0] * 3, "mjd": [2.0, 1.0, 3.0], **objects})
    epochs = grid.epochs(FIRST_ID)
    assert epochs.shown.ids.tolist() == [FIRST_ID + 1, FIRST_ID]
    for one in (epochs, grid):
        one.close()


def test_a_movie_of_a_grid_has_the_object_epochs_and_the_grid_look(tmp_path):
    grid = make_grid(colormap="viridis")
    movie = grid.movie(FIRST_ID, tmp_path / "epochs.gif", progress=False)
    assert movie.n_frames == 3
    with pytest.raises(BadOption, match=r"movie.*same_limit.*same_limits"):
        grid.movie(FIRST_ID, tmp_path / "epochs.gif", same_limit=True)
    grid.close()


def test_epochs_share_the_limits_of_the_source_or_have_their_own():
    table = SourceTable.read(
        {"diaSourceId": [1, 2], "diaObjectId": [7, 7], "ra": [1.0] * 2, "dec": [2.0] * 2}
    )
    stamps = np.arange(2 * 16, dtype=np.float32).reshape(2, 4, 4)  # 0 to 15, and 16 to 31
    grid = CutoutGrid(table, ArrayImages.from_stamps(table.ids, stamps, stamps, stamps), 4, look="documented")
    look = Look(
        "mine", template=Stretch("minmax"), science=Stretch("minmax", "asinh"), difference=Stretch("sigma")
    )
    grid.look = look
    epochs = grid.epochs(2)
    assert (epochs.look.science.vmin, epochs.look.science.vmax) == (16.0, 31.0)
    assert epochs.look.science.curve == "asinh"
    assert epochs.look.difference == look.difference
    own = grid.epochs(2, same_limits=False)
    assert own.look == look
    for one in (own, epochs, grid):
        one.close()


def test_real_packets_have_their_complete_history(shared):
    images = AlertImages(shared / "data" / "lsst_wire_and_parquet")
    grid = CutoutGrid(images.table(), images, snapshot=False)
    view = View(grid)
    longest = 0
    for source in grid.sources:
        packet = images.packet(source)
        answer, _ = view.ask("curve", id=str(source.id))
        own = [one for one in answer["points"] if one["source"] == str(source.id)]
        assert [(one["flux"], one["in_table"]) for one in own] == [(packet["diaSource"]["psfFlux"], True)]
        assert own[0]["science"] == packet["diaSource"]["scienceFlux"]
        before = [*(packet["prvDiaSources"] or ()), *(packet["prvDiaForcedSources"] or ())]
        measured = [one for one in before if one["psfFlux"] is not None or one["scienceFlux"] is not None]
        assert len(answer["points"]) == 1 + len(measured)
        longest = max(longest, len(measured))
    grid.close()
    assert longest > 5
