"""The Butler repository: real packages, the same pixels as the FITS files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

import cutout_widgets as cw
from cutout_widgets import demo
from cutout_widgets.demo import folder, write_butler
from cutout_widgets.demo.instrument import DETECTORS, INSTRUMENT, VISITS
from cutout_widgets.demo.sky import make_sky
from cutout_widgets.demo.write_butler import COLLECTION, DATASETS, FORCED, RepositoryWriter
from cutout_widgets.demo.write_fits import MISSING_TEMPLATE, image_path
from cutout_widgets.errors import CutoutWarning, MissingDependency

RENAMED = {"SAT": "SATURATED", "INTRP": "INTERPOLATED", "CR": "COSMIC_RAY", "EDGE": "DETECTION_EDGE"}


@pytest.fixture(scope="session")
def butler(sky_with_repository):
    from lsst.daf.butler import Butler

    return Butler.from_config(str(sky_with_repository.repository), collections=COLLECTION)


@pytest.mark.parametrize("panel", ["template", "science", "difference"])
def test_butler_and_fits_show_the_same_pixels(butler, sky_with_repository, panel):
    visit, detector = VISITS[2].id, DETECTORS[0].id  # its template ends inside the detector: NaN
    image = butler.get(DATASETS[panel][0], instrument=INSTRUMENT, visit=visit, detector=detector)
    with fits.open(sky_with_repository.folder / image_path(visit, detector, panel)) as hdus:
        np.testing.assert_array_equal(image.image.array, hdus["IMAGE"].data)
        np.testing.assert_array_equal(image.variance.array, hdus["VARIANCE"].data)
        planes = {name[3:]: bit for name, bit in hdus["MASK"].header.items() if name.startswith("MP_")}
        for name, bit in planes.items():
            np.testing.assert_array_equal(
                image.mask.get(RENAMED.get(name, name)), (hdus["MASK"].data & (1 << bit)) != 0
            )


def test_parent_pixels_and_sky_agree_with_fits(butler, sky_with_repository):
    visit, detector = VISITS[1], DETECTORS[1]  # begins at parent pixel x 64, y 32
    image = butler.get("difference_image", instrument=INSTRUMENT, visit=visit.id, detector=detector.id)
    assert (image.bbox.x.start, image.bbox.y.start) == (64, 32)
    source = next(
        row for row in sky_with_repository.sources() if (row.visit, row.detector) == (visit.id, detector.id)
    )
    at = image.sky_projection.pixel_to_sky(x=source.row["x"], y=source.row["y"])
    assert at.ra.deg == pytest.approx(source.ra, abs=1e-7)
    assert at.dec.deg == pytest.approx(source.dec, abs=1e-7)


def test_the_missing_template_is_also_missing_from_the_butler(butler):
    found = {
        panel: {(ref.dataId["visit"], ref.dataId["detector"]) for ref in butler.query_datasets(name)}
        for panel, (name, _) in DATASETS.items()
    }
    assert len(found["science"]) == len(VISITS) * len(DETECTORS)
    assert found["science"] - found["template"] == {MISSING_TEMPLATE}


def test_queries_with_dimension_records_find_everything(butler):
    refs = butler.query_datasets("difference_image", with_dimension_records=True)
    assert len(refs) == len(VISITS) * len(DETECTORS)
    times = {ref.dataId["visit"]: ref.dataId.records["visit"].timespan.begin.tai.mjd for ref in refs}
    for visit in VISITS:
        assert times[visit.id] == pytest.approx(visit.mjd - 15 / 86400, abs=1e-8)


def test_tables_in_the_repository_contain_the_rows_of_the_demo(butler, sky_with_repository):
    ids = []
    for visit in VISITS:
        for detector in DETECTORS:
            table = butler.get("dia_source_apdb", instrument=INSTRUMENT, visit=visit.id, detector=detector.id)
            ids += table["diaSourceId"].to_pylist()
    assert ids == sky_with_repository.sources().ids.tolist()


def test_images_are_rice_compressed_in_tiles(butler):
    ref = butler.find_dataset(
        "difference_image", instrument=INSTRUMENT, visit=VISITS[0].id, detector=DETECTORS[0].id
    )
    with fits.open(butler.getURI(ref).ospath, disable_image_compression=True) as hdus:
        header = hdus["IMAGE"].header
        assert (header["ZCMPTYPE"], header["ZTILE1"], header["ZTILE2"]) == ("RICE_1", 128, 128)


def test_an_error_leaves_no_repository(sky_with_repository, tmp_path):
    with pytest.raises(RuntimeError, match="stop"), RepositoryWriter(tmp_path / "repo", make_sky()):
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_without_the_lsst_packages_the_demo_has_no_repository_and_names_them(
    sky_on_disk, tmp_path, monkeypatch
):
    monkeypatch.setattr(write_butler.importlib.util, "find_spec", lambda name: None)
    assert demo.write(sky_on_disk.folder) == sky_on_disk
    with pytest.raises(MissingDependency, match=r"cutout-widgets\[rubin\]"):
        RepositoryWriter(tmp_path / "repo", make_sky())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def one_visit(monkeypatch):
    """A demo of one visit, to be quick."""
    monkeypatch.setattr(folder, "make_sky", lambda seed: replace(make_sky(seed), visits=VISITS[:1]))


def test_incompatible_lsst_packages_only_lose_the_repository(butler, one_visit, tmp_path, monkeypatch):
    def other_release(self, detected):
        raise AttributeError("module 'lsst.images' has no attribute 'VisitImage'")

    monkeypatch.setattr(RepositoryWriter, "put", other_release)
    with pytest.warns(CutoutWarning, match="no Butler repository: AttributeError: module 'lsst.images'"):
        made = demo.write(tmp_path / "demo")
    assert made.index.is_file()
    assert not made.repository.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert not [path for path in made.folder.iterdir() if "unfinished" in path.name]


def test_an_explicitly_requested_repository_that_fails_is_an_error(butler, one_visit, tmp_path, monkeypatch):
    def full(self, detected):
        raise OSError("no space left on device")

    monkeypatch.setattr(RepositoryWriter, "put", full)
    with pytest.raises(OSError, match="no space"):
        demo.write(tmp_path / "demo", repository="always")
    assert list(tmp_path.iterdir()) == []


def test_two_processes_making_the_same_repository_share_the_first_result(butler, tmp_path):
    sky = replace(make_sky(), visits=VISITS[:1])
    one, other = (RepositoryWriter(tmp_path / "repo", sky) for _ in range(2))
    one.finish()
    written = sorted(path.name for path in (tmp_path / "repo").iterdir())
    other.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["repo"]
    assert sorted(path.name for path in (tmp_path / "repo").iterdir()) == written


def test_the_forced_photometry_is_that_of_the_apdb(butler, sky_with_repository):
    import pyarrow as pa

    refs = butler.query_datasets(FORCED, limit=None)
    parts = [butler.get(ref, storageClass="ArrowTable") for ref in refs]
    found = pa.concat_tables(parts).sort_by("diaForcedSourceId")
    row = sky_with_repository.sources().where("diaObjectId == 429671612275490821").page(0, 1)[0]
    points = cw.Apdb(sky_with_repository.apdb).history(row)
    forced = points[points["kind"] == "forced"]
    ids = found.column("diaForcedSourceId").to_pylist()
    assert len(refs) == len(VISITS) * len(DETECTORS)
    assert set(forced["id"]) <= set(ids)
