"""A Butler repository as a store."""

from __future__ import annotations

import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read
from cutout_widgets.stores.fits.ast_sky import AstSky
from cutout_widgets.stores.registry import open_images
from cutout_widgets.testing import (
    StoreContract,
    assert_images_equal,
    assert_triplets_equal,
    make_sources,
    read_all,
)

WHY = "needs lsst-daf-butler and lsst-images: pip install 'cutout-widgets[rubin]'"
pytest.importorskip("lsst.daf.butler", reason=WHY)
pytest.importorskip("lsst.images", reason=WHY)

from tests.stores import rubin_repository as rubin  # noqa: E402

from cutout_widgets.stores.butler.store import ButlerImages  # noqa: E402  after the question whether it can work


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    return rubin.build(tmp_path_factory.mktemp("butler") / "repo")


def sources_on(visit, detector, n=4):
    image = rubin.truth(visit, detector, "science")
    return make_sources(n, image=image, visit=visit, detector=detector, seed=detector)


def all_sources(n=4):
    return [
        replace(source, id=visit * 10**5 + detector * 1000 + source.index)
        for visit in rubin.VISITS
        for detector in rubin.DETECTORS
        for source in sources_on(visit, detector, n)
    ]


class TestButlerImages(StoreContract):
    @pytest.fixture(autouse=True)
    def _repository(self, repository):
        self.repository = repository

    def make_store(self):
        return ButlerImages(self.repository)

    def make_sources(self):
        return all_sources()

    def whole_image(self, source, panel):
        if (source.visit, source.detector, panel) == rubin.MISSING:
            return None
        return rubin.truth(source.visit, source.detector, panel)


def test_a_missing_dataset_affects_one_panel_and_is_reported_with_its_data_id(repository):
    visit, detector, _ = rubin.MISSING
    (triplet,) = ButlerImages(repository).read(sources_on(visit, detector, 1), Region((5,)))
    assert triplet.science is not None
    assert triplet.difference is not None
    assert triplet.problems == (
        f"template: no template_detector for instrument SimCam, visit {visit}, detector {detector} "
        "in collections u/test/run",
    )


def test_100_random_triplets_equal_slices_of_full_butler_reads(repository):
    from lsst.daf.butler import Butler

    butler = Butler.from_config(str(repository), collections="u/test/run")
    visit, detector = rubin.VISITS[0], rubin.DETECTORS[0]
    data_id = {"instrument": rubin.INSTRUMENT, "visit": visit, "detector": detector}
    sources = sources_on(visit, detector, 100)
    region = Region((31,))
    store = ButlerImages(repository)
    one_by_one = [next(iter(store.read([source], region))) for source in sources]
    together = list(store.read(sources, region))
    for panel in PANELS:
        whole = butler.get(rubin.NAMES[panel], data_id)
        truth = rubin.truth(visit, detector, panel)
        np.testing.assert_array_equal(whole.image.array, truth.pixels)
        for source, alone, one in zip(sources, one_by_one, together, strict=True):
            expected = cut(truth, region.box_on(truth, source))
            assert_images_equal(getattr(alone, panel), expected)
            assert_images_equal(getattr(one, panel), expected)


def test_threads_and_processes_read_the_same_concurrently(repository):
    store, sources, region = ButlerImages(repository), all_sources(2), Region((15,))
    expected = read_all(sources, ButlerImages(repository), region)
    with (
        ThreadPoolExecutor(8) as threads,
        ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes,
    ):
        answers = [
            pool.submit(read_all, sources, store, region)
            for pool, tasks in ((threads, 8), (processes, 4))
            for _ in range(tasks)
        ]
        for answer in answers:
            for got, wanted in zip(answer.result(timeout=240), expected, strict=True):
                assert_triplets_equal(got, wanted)


def test_pixels_in_adu_become_nanojansky(repository):
    visit, detector, panel = rubin.IN_ADU
    source = sources_on(visit, detector, 1)[0]
    (triplet,) = ButlerImages(repository).read([source], Region((9,)))
    image = getattr(triplet, panel)
    assert image.unit == "nJy"
    truth = rubin.truth(visit, detector, panel)
    assert_images_equal(image, cut(truth, image.box))


def test_a_wcs_that_fits_cannot_represent_is_exact_and_can_be_pickled(repository):
    visit, detector = rubin.DISTORTED
    (triplet,) = ButlerImages(repository).read(sources_on(visit, detector, 1), Region.whole())
    sky = pickle.loads(pickle.dumps(triplet.science.wcs))
    assert isinstance(sky, AstSky)
    x, y = np.array([1000.0, 1100.5, 1179.0]), np.array([40.0, 77.7, 199.0])
    exact = rubin.tpv_wcs().pixel_to_world(x, y)
    assert sky.pixel_to_world(x, y).separation(exact).arcsec.max() < 1e-6
    back = sky.world_to_pixel(exact)
    np.testing.assert_allclose(back, (x, y), atol=1e-6)


def test_the_psf_is_a_kernel_that_sums_to_one(repository):
    (triplet,) = ButlerImages(repository).read(sources_on(*rubin.VISITS[:1], 0, 1), Region((9,)))
    for image in triplet:
        assert image.psf.shape == (15, 15)
        assert image.psf.sum() == pytest.approx(1.0, abs=1e-3)


def test_only_requested_planes_are_read(repository):
    region = Region((9,), extras=frozenset())
    (triplet,) = ButlerImages(repository).read(sources_on(*rubin.VISITS[:1], 0, 1), region)
    for image in triplet:
        assert image.pixels.shape == (9, 9)
        assert (image.mask, image.variance, image.psf) == (None, None, None)
        assert image.unread == {"mask", "variance", "psf"}


def test_repr_and_dataset_types_show_the_detected_names(repository):
    store = ButlerImages(repository)
    assert store.dataset_types == rubin.NAMES
    assert "science=preliminary_visit_image" in repr(store)
    other = ButlerImages(repository, science="template_detector")
    assert other.dataset_types["science"] == "template_detector"


def test_a_butler_object_and_an_address_give_the_same_cutouts(repository):
    from lsst.daf.butler import Butler

    butler = Butler.from_config(str(repository))
    source = sources_on(rubin.VISITS[0], 0, 1)
    stores = [
        ButlerImages(butler, "u/test/run", "SimCam"),
        open_images(f"butler:{repository}?collections=u/test/run&instrument=SimCam"),
        open_images(repository),
        pickle.loads(pickle.dumps(ButlerImages(butler, ["u/test/run"]))),
    ]
    answers = [next(iter(store.read(source, Region((7,))))) for store in stores]
    for answer in answers[1:]:
        assert_triplets_equal(answer, answers[0])


def test_rows_of_another_instrument_get_no_images(repository):
    source = replace(sources_on(rubin.VISITS[0], 0, 1)[0], row={"instrument": "OtherCam"})
    (triplet,) = ButlerImages(repository).read([source], Region((7,)))
    assert "no preliminary_visit_image for instrument OtherCam" in triplet.problem_of("science")


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"collections": "no/such"}, "no/such"),
        ({"instrument": "SimCan"}, "no instrument 'SimCan'; did you mean 'SimCam'"),
        ({"template": "template_detectr"}, r"'template_detectr' for template.*'template_detector'"),
        (
            {"science": "dia_source_apdb"},
            r"science='dia_source_apdb' is a table \(ArrowAstropy\); wanted images",
        ),
        (
            {"template": "flat"},
            r"template='flat' has one dataset for each detector, instrument; wanted images",
        ),
    ],
)
def test_invalid_collections_and_dataset_types_are_reported_on_opening(repository, arguments, says):
    with pytest.raises(BadOption, match=says):
        ButlerImages(repository, **arguments)


def test_a_missing_repository_is_reported_on_opening(tmp_path):
    with pytest.raises(BadOption, match=r"no Butler repository at .*nowhere"):
        ButlerImages(tmp_path / "nowhere")


def test_an_unknown_option_is_refused(repository):
    with pytest.raises(BadOption, match="unknown option collection; known are collections"):
        open_images(f"butler:{repository}?collection=a")


@pytest.fixture
def own_repository(repository, tmp_path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(repository, tmp_path / "repo"))


def test_a_missing_or_damaged_file_affects_one_panel(own_repository):
    gone = sorted(own_repository.rglob("template_detector*.fits"))[0]
    hurt = sorted(own_repository.rglob("difference_image*.fits"))[0]
    gone.unlink()
    hurt.write_bytes(hurt.read_bytes()[:30000])
    store = ButlerImages(own_repository)
    problems = [problem for _, triplet in read(all_sources(1), store, 9) for problem in triplet.problems]
    assert sum("the repository lists the file" in problem for problem in problems) == 1
    assert sum(problem.startswith("difference: ") for problem in problems) == 1


def test_an_image_added_later_is_found(own_repository):
    from lsst.daf.butler import Butler

    visit, detector, panel = rubin.MISSING
    store, source = ButlerImages(own_repository), sources_on(visit, detector, 1)
    (before,) = store.read(source, Region((5,)))
    assert before.template is None
    with Butler.from_config(str(own_repository), writeable=True, run="u/test/run") as butler:
        butler.put(
            rubin.lsst_image(visit, detector, panel),
            rubin.NAMES[panel],
            {"instrument": rubin.INSTRUMENT, "visit": visit, "detector": detector},
        )
    (after,) = store.read(source, Region((5,)))
    assert after.problems == ()


@pytest.mark.parametrize("name", [b"OtherCam", 7, "OtherCam"])
def test_instrument_names_are_matched_exactly(repository, name):
    (source,) = sources_on(rubin.VISITS[0], rubin.DETECTORS[0], 1)
    (triplet,) = ButlerImages(repository).read(
        [replace(source, row={**source.row, "instrument": name})], Region((5,))
    )
    said = name.decode() if isinstance(name, bytes) else name
    assert triplet.problems[0].startswith(f"template: no template_detector for instrument {said}")


def put_again(repository, value, run="u/test/run"):
    """Put a science image of one value in place of the first one, or before it in another run."""
    from lsst.daf.butler import Butler

    name, data_id = rubin.NAMES["science"], {"instrument": rubin.INSTRUMENT, "visit": rubin.VISITS[0]}
    data_id["detector"] = rubin.DETECTORS[0]
    with Butler.from_config(str(repository), writeable=True, run=run) as butler:
        if run == "u/test/run":
            found = butler.find_dataset(name, data_id, collections=run)
            butler.pruneDatasets([found], purge=True, unstore=True, disassociate=True)
        image = rubin.lsst_image(rubin.VISITS[0], rubin.DETECTORS[0], "science")
        image.image.array[...] = value
        butler.put(image, name, data_id)


def science_mean(store):
    (triplet,) = store.read(sources_on(rubin.VISITS[0], rubin.DETECTORS[0], 1), Region((5,)))
    return triplet.problems or float(np.nanmean(triplet.science.pixels))


def test_a_replaced_dataset_is_used_at_once(own_repository):
    store = ButlerImages(own_repository)
    before = science_mean(store)
    put_again(own_repository, 7000.0)
    assert science_mean(store) == 7000.0 != before


def test_a_removed_dataset_is_reported_at_once(own_repository):
    from lsst.daf.butler import Butler

    store = ButlerImages(own_repository)
    science_mean(store)
    with Butler.from_config(str(own_repository), writeable=True) as butler:
        found = butler.registry.queryDatasets(rubin.NAMES["science"], collections="u/test/run")
        butler.pruneDatasets(list(found), purge=True, unstore=True, disassociate=True)
    assert science_mean(store)[0].startswith("science: no preliminary_visit_image for instrument SimCam")


def test_a_rewritten_file_is_read_again(own_repository):
    store = ButlerImages(own_repository)
    science_mean(store)
    ours, other = (
        next(own_repository.rglob(f"{rubin.NAMES['science']}*{visit}*S0*.fits")) for visit in rubin.VISITS
    )
    ours.write_bytes(other.read_bytes())
    fresh = science_mean(ButlerImages(own_repository))
    assert science_mean(store) == fresh


def test_a_dataset_of_a_newer_run_is_used_after_a_while(own_repository, monkeypatch):
    from lsst.daf.butler import Butler

    with Butler.from_config(str(own_repository), writeable=True) as butler:
        butler.collections.register("u/newer")
    store = ButlerImages(own_repository, collections=["u/newer", "u/test/run"])
    before = science_mean(store)
    put_again(own_repository, 7000.0, run="u/newer")
    assert science_mean(store) == before
    monkeypatch.setattr("cutout_widgets.stores.butler.datasets.FOUND_FOR_S", -1.0)
    assert science_mean(store) == 7000.0


def test_diasources_of_the_repository_are_read_as_a_table(repository):
    table = ButlerImages(repository).table()
    assert len(table) == 12
    row = table.row(rubin.VISITS[1] * 10_000 + 301)
    assert (row.visit, row.detector, row.flags["pixelFlags_edge"]) == (rubin.VISITS[1], 3, True)
    by_address = SourceTable.read(f"butler:{repository}#dia_source_apdb")
    assert by_address.ids.tolist() == table.ids.tolist()
    assert SourceTable.read(ButlerImages(repository)).ids.tolist() == table.ids.tolist()


def test_a_missing_table_is_refused(repository):
    with pytest.raises(BadTable, match="dia_source_nowhere"):
        SourceTable.read(f"butler:{repository}#dia_source_nowhere")


def test_visits_covering_a_position_come_from_registry_regions(repository):
    store = ButlerImages(repository)
    image = rubin.truth(rubin.VISITS[1], rubin.DETECTORS[0], "science")
    inside = image.wcs.pixel_to_world(*image.box.centre)
    found = store.visits_at(inside.ra.deg, inside.dec.deg)
    assert sorted((one["visit"], one["detector"], one["band"]) for one in found) == [
        (visit, rubin.DETECTORS[0], "r") for visit in rubin.VISITS
    ]
    assert {one["instrument"] for one in found} == {rubin.INSTRUMENT}
    assert store.visits_at(0.0, 0.0) == []
    assert store.visits_at(float("nan"), 0.0) == []
