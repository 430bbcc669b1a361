"""Forced photometry of an object, out of the datasets of a Butler."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from astropy.time import Time

import cutout_widgets as cw
from cutout_widgets.errors import BadTable
from cutout_widgets.stores.butler.object_rows import ButlerObjects
from cutout_widgets.widget.objects.histories import history_from

pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")

OBJECT = 2**62 + 1
"""An id that a float cannot hold."""
VISITS = {7: (60000.0, 60000.5), 8: (60001.0, 60001.5)}
FORCED = {
    "forcedSourceOnDiaObjectId": [101, 102, 103],
    "diaObjectId": [OBJECT, OBJECT - 1, OBJECT],
    "visit": [7, 7, 8],
    "detector": pa.array([3, 3, 4], pa.int16()),
    "band": ["r", "r", "g"],
    "psfFlux": [1000.0, 5.0, 1010.0],
    "psfFluxErr": [10.0, 1.0, 11.0],
    "psfDiffFlux": [-20.0, 5.0, -10.0],
    "psfDiffFluxErr": [2.0, 1.0, 3.0],
    "psfDiffFlux_flag": [False, False, True],
}


def source(**row) -> cw.DiaSource:
    return cw.DiaSource(1, 10.0, 20.0, row={"diaObjectId": OBJECT, **row})


@pytest.fixture
def by_patch(tmp_path):
    """A repository as of DP1: one table for a patch of the sky, without times."""
    from lsst.daf import butler as daf
    from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

    corners = [(9.0, 19.0), (11.0, 19.0), (11.0, 21.0), (9.0, 21.0)]
    region = ConvexPolygon([UnitVector3d(LonLat.fromDegrees(*corner)) for corner in corners])
    daf.Butler.makeRepo(str(tmp_path / "repo"))
    butler = daf.Butler.from_config(str(tmp_path / "repo"), writeable=True, run="run")
    insert = butler.registry.insertDimensionData
    insert("instrument", {"name": "Cam", "visit_max": 99, "exposure_max": 99, "detector_max": 9, "class_name": "none.Cam"})  # fmt: skip  # noqa: E501
    insert("physical_filter", {"instrument": "Cam", "name": "r_1", "band": "r"})
    insert("day_obs", {"instrument": "Cam", "id": 20250101})
    for visit, (begin, end) in VISITS.items():
        span = daf.Timespan(*(Time(one, format="mjd", scale="tai") for one in (begin, end)))
        insert("visit", {"instrument": "Cam", "id": visit, "name": str(visit), "day_obs": 20250101,
                         "physical_filter": "r_1", "timespan": span})  # fmt: skip
    place = {"skymap": "map", "tract": 1}
    insert("skymap", {"name": "map", "hash": b"0", "tract_max": 9, "patch_nx_max": 9, "patch_ny_max": 9})
    insert("tract", {"skymap": "map", "id": 1, "region": region})
    insert("patch", {**place, "id": 2, "cell_x": 0, "cell_y": 0, "region": region})
    dimensions = butler.dimensions.conform(["skymap", "tract", "patch"])
    butler.registry.registerDatasetType(daf.DatasetType("dia_object_forced_source", dimensions, "ArrowTable"))
    butler.put(pa.table(FORCED), "dia_object_forced_source", {**place, "patch": 2})
    return tmp_path / "repo"


def test_a_table_of_a_patch_takes_its_times_from_the_visits(by_patch):
    points = ButlerObjects(str(by_patch), "run").forced(source())
    assert points["kind"].tolist() == ["forced", "forced"]
    assert points["time"].tolist() == [60000.25, 60001.25]
    assert points["flux"].tolist() == [-20.0, -10.0]
    assert points["science_flux"].tolist() == [1000.0, 1010.0]
    assert points[["visit", "detector", "band"]].to_numpy().tolist() == [[7, 3, "r"], [8, 4, "g"]]


def test_without_an_object_a_place_or_rows_there_is_no_forced_photometry(by_patch):
    images = ButlerObjects(str(by_patch), "run")
    assert len(images.forced(cw.DiaSource(1, 10.0, 20.0))) == 0
    assert len(images.forced(source(diaObjectId=3))) == 0
    assert len(images.forced(cw.DiaSource(1, 50.0, 20.0, row={"diaObjectId": OBJECT}))) == 0
    assert len(images.forced(cw.DiaSource(1, np.nan, 20.0, row={"diaObjectId": OBJECT}))) == 0
    with pytest.raises(BadTable, match="diaObjectId"):
        images.forced(source(diaObjectId=float(OBJECT)))


def test_the_light_curve_of_a_repository_has_forced_points_beside_the_detections(sky_with_repository):
    demo = sky_with_repository
    row = demo.sources().where("diaObjectId == 429671612275490821").page(0, 1)[0]
    images = cw.ButlerImages(str(demo.folder / "repo"), collections="demo")
    for given in (images, f"butler:{demo.folder / 'repo'}?collections=demo"):
        found = history_from(given).history(row)
        wanted = cw.Apdb(demo.apdb).history(row)
        assert set(found["kind"]) == {"detection", "forced"}
        assert found.shape == wanted.shape
        for name in ("time", "flux", "flux_err", "science_flux"):
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-6)


def test_a_dataset_that_cannot_be_read_is_reported(by_patch):
    next((by_patch / "run" / "dia_object_forced_source").rglob("*.parq")).write_bytes(b"no table")
    with pytest.raises(BadTable, match="dia_object_forced_source"):
        ButlerObjects(str(by_patch), "run").forced(source())
