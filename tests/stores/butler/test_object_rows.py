"""All detections of an object in the DiaSource datasets of a Butler."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.stores.base import HasEpochs
from cutout_widgets.stores.butler.object_rows import ButlerObjects
from cutout_widgets.widget.objects.epochs import epochs_of
from cutout_widgets.widget.objects.histories import history_from

pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")


@pytest.fixture
def repo(sky_with_repository):
    return str(sky_with_repository.folder / "repo")


@pytest.fixture
def seen(sky_with_repository):
    """The rows of the object that was detected most often, in the order of time."""
    table = sky_with_repository.sources()
    known = [int(one) for one in table.values("diaObjectId") if one]
    ((richest, times),) = Counter(known).most_common(1)
    assert times > 2
    return table.where(f"diaObjectId == {richest}").sort("time")


def test_detections_of_an_object_are_collected_from_all_visits(repo, seen):
    images = cw.ButlerImages(repo, collections="demo")
    assert isinstance(images, HasEpochs)
    found = images.epochs(seen[0])
    assert found.ids.tolist() == seen.ids.tolist()
    assert len({one.visit for one in found}) == len(seen)
    assert found.columns


def test_rows_without_object_id_are_found_by_position(repo, seen):
    nameless = cw.DiaSource(1, seen[0].ra, seen[0].dec)
    assert set(seen.ids.tolist()) <= set(ButlerObjects(repo, "demo").epochs(nameless).ids.tolist())
    assert len(ButlerObjects(repo, "demo").epochs(cw.DiaSource(1, 10.0, 10.0))) == 0
    assert len(ButlerObjects(repo, "demo").epochs(cw.DiaSource(1, np.nan, 95.0))) == 0


def test_a_solar_system_object_cannot_be_searched_by_position(repo, seen):
    moving = replace(seen[0], row={"diaObjectId": 0, "ssObjectId": 7})
    assert len(ButlerObjects(repo, "demo").epochs(moving)) == 0


def test_the_address_of_a_butler_gives_light_curves_and_epochs(repo, seen):
    history = history_from(f"butler:{repo}?collections=demo#dia_source_apdb")
    points = history.history(seen[0]).query("kind == 'detection'")
    assert points["id"].tolist() == seen.ids.tolist()
    assert points["time"].tolist() == seen["time"].tolist()
    few = seen.take([1])
    epochs = epochs_of(few, few[0], history, object())
    assert [one.source.id for one in epochs] == seen.ids.tolist()
    points = history_from(cw.ButlerImages(repo, collections="demo")).history(seen[0])
    assert (points["kind"] == "detection").sum() == len(seen)


def test_a_grid_of_one_row_shows_all_epochs_from_the_butler(repo, seen):
    images = cw.ButlerImages(repo, collections="demo")
    grid = cw.CutoutGrid(seen.take([1]), images, history=images, snapshot=False)
    every = grid.epochs(int(seen.ids[1]))
    assert every.sources.ids.tolist() == seen.ids.tolist()
    every.close()
    grid.close()


def test_it_can_be_pickled(repo, seen):
    again = pickle.loads(pickle.dumps(ButlerObjects(repo, "demo")))
    assert again.epochs(seen[0]).ids.tolist() == seen.ids.tolist()


def test_missing_tables_are_reported(repo, seen):
    with pytest.raises(BadOption, match="dia_source_nowhere"):
        ButlerObjects(repo, "demo", "dia_source_nowhere").epochs(seen[0])
    with pytest.raises(BadOption, match="unknown option"):
        history_from(f"butler:{repo}?colour=red")
    with pytest.raises((BadOption, BadTable), match="no Butler repository at"):
        history_from("butler:/nowhere/at/all")
