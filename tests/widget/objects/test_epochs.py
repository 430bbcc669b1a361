"""All exposures of one object, for the strip of epochs in the inspector."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.widget.other_end import View

import cutout_widgets as cw
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.testing import make_image, make_wcs
from cutout_widgets.widget.objects.epochs import epoch_table, epochs_of
from cutout_widgets.widget.objects.histories import history_from

OBJECT = 2**53 + 7
VISITS = (1, 2, 3, 4)
RA, DEC = 53.0, -28.0


def make_table(**changes: Any) -> SourceTable:
    """One object that was seen in visits 3 and 1, and another source far away in visit 2."""
    return SourceTable.read(
        {
            "diaSourceId": [13, 11, 22],
            "diaObjectId": [OBJECT, OBJECT, 5],
            "ra": [RA, RA, RA + 0.001],
            "dec": [DEC, DEC, DEC + 0.001],
            "visit": [3, 1, 2],
            "detector": [0, 0, 0],
            "midpointMjdTai": [61003.0, 61001.0, 61002.0],
            "band": ["r", "g", "i"],
            "snr": [9.0, 7.0, 5.0],
            **changes,
        }
    )


def make_images() -> cw.ArrayImages:
    """Four visits of 60 x 60 pixels around the object, of which the last one looks elsewhere."""

    def three(visit: int) -> tuple[Any, Any, Any]:
        at = (30.0, 30.0) if visit < 4 else (500.0, 30.0)
        image = make_image((60, 60), seed=visit, wcs=make_wcs(at=at))
        return image, image, image

    return cw.ArrayImages.from_images({(visit, 0): three(visit) for visit in VISITS})


@pytest.fixture
def grid():
    grid = cw.CutoutGrid(make_table(), make_images(), size=8)
    yield grid
    grid.close()


def test_visits_without_detection_are_epochs_too():
    table = make_table()
    epochs = epochs_of(table, table.row(11), None, make_images())
    assert [(one.source.visit, one.is_detected, one.time) for one in epochs] == [
        (1, True, 61001.0),
        (2, False, 61002.0),
        (3, True, 61003.0),
    ]
    made = epochs[1].source
    assert (made.id < 0, made.band, made.ra, made.dec) == (True, "i", RA, pytest.approx(DEC))


def test_the_median_position_is_correct_across_zero_degrees():
    table = make_table(ra=[0.0001, 359.9999, 10.0])
    seen: list[float] = []

    class Knows:
        def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
            seen.append(ra)
            return []

    epochs_of(table, table.row(11), None, Knows())
    assert math.isclose((seen[0] + 180) % 360, 180, abs_tol=1e-9)


def test_a_moving_object_has_no_epochs_without_detection():
    table = make_table(ssObjectId=[9, 9, 0])
    assert all(one.is_detected for one in epochs_of(table, table.row(11), None, make_images()))


def test_stamp_stores_have_no_epochs_without_detection():
    stamps = cw.ArrayImages.from_stamps([11, 13, 22], *np.ones((3, 3, 9, 9)))
    table = make_table()
    assert [one.source.id for one in epochs_of(table, table.row(11), None, stamps)] == [11, 13]
    assert stamps.visits_at(RA, DEC) == []


def test_ids_are_sent_as_text_and_visits_without_detection_have_none(grid):
    answer, _ = View(grid).ask("epochs", id="11")
    assert [(one["source"], one["visit"], one["in_table"], one["snr"]) for one in answer["epochs"]] == [
        ("11", "1", True, 7.0),
        (None, "2", False, None),
        ("13", "3", True, 9.0),
    ]


def test_a_moving_object_has_a_direction_at_each_epoch_and_a_fixed_one_has_none(grid):
    answer, _ = View(grid).ask("epochs", id="11")
    assert [one["motion"] for one in answer["epochs"]] == [None, None, None]
    table = make_table(
        ssObjectId=[9, 9, 0], diaObjectId=[0, 0, 5], dec=[DEC + 0.01, DEC, DEC]
    )  # to the north
    moving = cw.CutoutGrid(table, make_images(), size=8)
    answer, _ = View(moving).ask("epochs", id="11")
    assert [one["motion"] for one in answer["epochs"]] == [pytest.approx(0.0, abs=1e-9)] * 2
    moving.close()


def test_epochs_are_cut_at_their_positions_with_the_limits_of_the_inspected_one(grid):
    view = View(grid)
    answer, pixels = view.ask("epoch_tiles", id="11", look="documented", same_limits=True, places=[2, 1])
    assert [tile["place"] for tile in answer["tiles"]] == [2, 1]
    own, bytes_of_own = view.ask("epoch_tiles", id="11", look="documented", same_limits=False, places=[1])
    about = own["tiles"][0]["panels"]["science"]
    assert about["shape"] == (8, 8)
    shared = answer["tiles"][1]["panels"]["science"]
    levels = [
        np.frombuffer(data, np.uint8, 64, one["offset"])
        for data, one in ((pixels, shared), (bytes_of_own, about))
    ]
    # Minimum and maximum of its own fill all levels; those of another visit do not.
    assert (levels[1].min(), levels[1].max()) == (1, 255)
    assert not np.array_equal(levels[0], levels[1])


@pytest.mark.parametrize("places", [[3], [-1], [True], ["0"], 0, None, list(range(501))])
def test_invalid_positions_are_refused(grid, places):
    answer, _ = View(grid).ask("epoch_tiles", id="11", look="rubin", same_limits=True, places=places)
    assert (answer["kind"], answer["cancelled"]) == ("failed", False)


def test_cutouts_of_epochs_are_read_once(grid):
    view, asked = View(grid), []
    images, read = grid.images, grid.images.read
    images.read = lambda sources, region: asked.extend(one.id for one in sources) or read(sources, region)
    for _ in range(2):
        view.ask("epoch_tiles", id="11", look="rubin", same_limits=False, places=[0, 1, 2])
    assert len(asked) == len(set(asked))


def test_a_provider_of_epochs_also_provides_the_light_curve():
    rows = SourceTable(
        {
            "id": [7, 8],
            "ra": [53.0] * 2,
            "dec": [-28.0] * 2,
            "midpointMjdTai": [1.0, 2.0],
            "psfFlux": [5.0, 6.0],
        }
    )

    class Archive:
        def epochs(self, source):
            return rows if source.id in (7, 8) else rows.head(0)

    history = history_from(Archive())
    assert history.history(rows[0])[["time", "flux"]].to_numpy().tolist() == [[1.0, 5.0], [2.0, 6.0]]
    assert history.epochs(rows[0]) is rows
    alone = DiaSource(9, 53.0, -28.0, row={"midpointMjdTai": 3.0, "psfFlux": 4.0})
    assert history.history(alone)["time"].tolist() == [3.0]


def test_epoch_grids_and_movies_include_visits_without_detection(grid, tmp_path):
    every, seen = grid.epochs(11), grid.epochs(11, visits=False)
    assert every.sources.ids.tolist() == [11, -1, 13]
    assert seen.sources.ids.tolist() == [11, 13]
    made = every.sources.row(-1)
    assert (made.visit, made.detector, made.band, made.row["midpointMjdTai"]) == (2, 0, "i", 61002.0)
    assert (made.ra, made.row["snr"]) == (RA, None)
    assert every.sources.row(11).row == {**grid.sources.row(11).row, "noDetection": False}
    assert every.sources.where("noDetection").ids.tolist() == [-1]
    page, _ = View(every).page()
    assert [tile["id"] for tile in page["tiles"]] == ["11", "-1", "13"]
    movie = grid.movie(11, tmp_path / "epochs.gif", progress=False)
    assert (movie.n_frames, movie.problems) == (3, ())
    assert grid.movie(11, tmp_path / "seen.gif", visits=False, progress=False).n_frames == 2
    every.close()
    seen.close()


def test_ids_of_visits_without_detection_do_not_clash_with_negative_ids():
    table = make_table(diaSourceId=[-1, -(2**62), 22])
    rows = epoch_table(table, table.row(-1), None, make_images())
    assert sorted(rows.ids.tolist()) == [-(2**62) - 1, -(2**62), -1]


def test_large_ids_stay_exact_next_to_visits_without_detection():
    large = 2**63 - 1
    table = make_table(diaSourceId=[large, large - 1, 22], diaObjectId=[large - 7] * 2 + [0])
    rows = epoch_table(table, table.row(large), None, make_images())
    assert rows.ids.tolist() == [large - 1, -1, large]
    assert rows.values("diaObjectId").tolist() == [large - 7, None, large - 7]
