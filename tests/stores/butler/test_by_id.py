"""Rows of a Butler by identifiers that hold visit and detector, and all its images of some places."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.time import Time

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable, NotInTable

pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")

VISIT, DETECTORS = 2025090500225, (2, 45)
FIRST = {2: 169298432598474793, 45: 169298432621019290}
"""Identifiers of real alerts of LSSTCam."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Two tables of DiaSources of LSSTCam, whose identifiers are packed as in its alerts."""
    from astropy.table import Table
    from lsst.daf.butler import Butler, DatasetType

    root = tmp_path_factory.mktemp("lsstcam") / "repo"
    Butler.makeRepo(str(root))
    with Butler.from_config(str(root), writeable=True, run="u/test/run") as butler:
        insert = butler.registry.insertDimensionData
        insert("instrument", {"name": "LSSTCam", "visit_max": 10**14, "exposure_max": 10**14,
                              "detector_max": 256, "class_name": "none.Sim"})  # fmt: skip
        insert("physical_filter", {"instrument": "LSSTCam", "name": "r_57", "band": "r"})
        insert("day_obs", {"instrument": "LSSTCam", "id": 20250905})
        insert("visit", {"instrument": "LSSTCam", "id": VISIT, "day_obs": 20250905, "name": str(VISIT),
                         "physical_filter": "r_57"})  # fmt: skip
        dimensions = butler.dimensions.conform(["instrument", "visit", "detector"])
        butler.registry.registerDatasetType(DatasetType("dia_source_apdb", dimensions, "ArrowAstropy"))
        for detector in DETECTORS:
            insert("detector", {"instrument": "LSSTCam", "id": detector, "full_name": f"S{detector}",
                                "purpose": "SCIENCE"})  # fmt: skip
            ids = FIRST[detector] + np.arange(3)
            table = Table({"diaSourceId": ids, "ra": [1.0, 2.0, 3.0], "dec": [0.0, 0.0, 0.0]})
            where = {"instrument": "LSSTCam", "visit": VISIT, "detector": detector}
            butler.put(table, "dia_source_apdb", where)
    return root


def test_rows_are_found_by_the_visit_and_detector_in_their_ids(repository):
    ids = [FIRST[45] + 1, FIRST[2]]
    rows = cw.SourceTable.of_ids(ids, butler=repository, collections="u/test/run")
    assert rows.ids.tolist() == ids
    assert [(one.visit, one.detector, one.row["instrument"]) for one in rows] == [
        (VISIT, 45, "LSSTCam"),
        (VISIT, 2, "LSSTCam"),
    ]


def test_a_butler_address_and_object_are_accepted(repository):
    from lsst.daf.butler import Butler

    address = f"butler:{repository}?collections=u/test/run"
    assert len(cw.SourceTable.of_ids([FIRST[2]], butler=address)) == 1
    with Butler.from_config(str(repository), collections="u/test/run") as butler:
        assert len(cw.SourceTable.of_ids([FIRST[2]], butler=butler)) == 1


def test_a_detector_without_a_table_is_named(repository):
    other = FIRST[2] + (1 << 19)
    with pytest.raises(NotInTable, match=f"no dia_source_apdb for visit {VISIT} detector 3"):
        cw.SourceTable.of_ids([other], butler=repository, collections="u/test/run")


def test_an_instrument_with_unknown_id_packing_is_refused(sky_with_repository):
    where = sky_with_repository.folder / "repo"
    with pytest.raises(BadTable, match="how DemoCam packs visit and detector into identifiers is unknown"):
        cw.SourceTable.of_ids([506428274000265570], butler=where, collections="demo")


@pytest.fixture
def place(sky_with_repository):
    return sky_with_repository.sources()[0]


def test_all_images_of_a_position_become_rows_with_triplets(sky_with_repository, place):
    repo = sky_with_repository.folder / "repo"
    images = cw.ButlerImages(repo, collections="demo")
    rows = cw.images_at(SkyCoord([place.ra], [place.dec], unit="deg"), images)
    assert len(rows) == 4
    assert (place.visit, place.detector) in {(one.visit, one.detector) for one in rows}
    assert rows["time"].tolist() == sorted(rows["time"])
    assert set(rows["position"]) == {1}
    triplets = [triplet for _, triplet in cw.read(list(rows), images, 20)]
    assert [one.problems for one in triplets] == [()] * 4


def test_images_are_selected_by_time_range_and_band(sky_with_repository, place):
    repo = sky_with_repository.folder / "repo"
    every = cw.images_at([SkyCoord(place.ra, place.dec, unit="deg")], repo, collections="demo")
    times = every["time"]
    some = cw.images_at(
        every[:1], repo, collections="demo", time=(times[0], Time(times[1], format="mjd", scale="tai"))
    )
    assert some["time"].tolist() == times[:2].tolist()
    later = cw.images_at(every[:1], repo, collections="demo", time=(times[1] + 0.5, None))
    assert later["time"].tolist() == times[2:].tolist()
    red = cw.images_at(every[:1], repo, collections="demo", band="r", instrument="DemoCam")
    assert set(red["band"]) == {"r"}


def test_many_positions_keep_their_identifiers(sky_with_repository):
    sources = sky_with_repository.sources().head(3)
    rows = cw.images_at(sources, sky_with_repository.folder / "repo", collections="demo")
    assert list(dict.fromkeys(rows["position"].tolist())) == sources.ids.tolist()
    assert rows.ids.tolist() == list(range(1, len(rows) + 1))


def test_pairs_of_degrees_are_accepted_as_positions(sky_with_repository, place):
    repo = sky_with_repository.folder / "repo"
    one = cw.images_at((place.ra, place.dec), repo, collections="demo")
    two = cw.images_at([(place.ra, place.dec), (10, 10)], repo, collections="demo")
    assert len(one) == len(two) == 4


def test_a_position_without_images_is_reported(sky_with_repository):
    repo = sky_with_repository.folder / "repo"
    with pytest.raises(NotInTable, match="no difference_image in collections demo at this position"):
        cw.images_at(SkyCoord(10, 10, unit="deg"), repo, collections="demo")


@pytest.mark.parametrize("time", [(5.0, 1.0), "2026", (1.0,), ("a", "b")])
def test_invalid_times_are_refused(sky_with_repository, time):
    repo = sky_with_repository.folder / "repo"
    with pytest.raises(BadOption, match="time is the first"):
        cw.images_at(SkyCoord(10, 10, unit="deg"), repo, collections="demo", time=time)
