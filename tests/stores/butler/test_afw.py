"""Exposures of afw, using a fake afw."""

from __future__ import annotations

import pickle
import types
from functools import cache

import numpy as np
import pytest
from astropy import units as u
from tests.stores.butler import fake_afw, fake_stack

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable, ImageNotFound, UnreadableImage
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.butler.afw import _scale_on, afw_is_here
from cutout_widgets.stores.butler.store import ButlerImages
from cutout_widgets.stores.fits.ast_sky import ast_dump_of
from cutout_widgets.testing import StoreContract, assert_images_equal, make_image, make_sources, make_wcs

NAMES = ("goodSeeingDiff_templateExp", "calexp", "goodSeeingDiff_differenceExp")


@cache
def truth(visit, detector, panel):
    """Each detector in nJy, with a corner of its own."""
    n = PANELS.index(panel)
    return make_image(
        (60, 70), seed=visit * 10 + detector + n, yx0=(4, 500), wcs=make_wcs(at=(530.0, 30.0), rotation=visit)
    )


def find(name, visit, detector):
    """One calexp in counts of 4 nJy; one template missing."""
    if name not in NAMES or visit not in (1, 2):
        return None
    panel = PANELS[NAMES.index(name)]
    if (visit, panel) == (2, "template"):
        return None
    image = truth(visit, detector, panel)
    return image, fake_afw.SkyWcs(image.wcs), fake_afw.PhotoCalib(4.0 if panel == "science" else 1.0)


def make_butler():
    return fake_stack.FakeButler(find, NAMES)


@pytest.fixture(autouse=True)
def _stack(monkeypatch):
    fake_stack.install(monkeypatch)


class TestExposures(StoreContract):
    def make_store(self):
        return ButlerImages(make_butler())

    def make_sources(self):
        return [
            source
            for visit in (1, 2)
            for detector in (0, 1)
            for source in make_sources(
                3, image=truth(visit, detector, "science"), visit=visit, detector=detector, seed=detector
            )
        ]

    def whole_image(self, source, panel):
        if (source.visit, panel) == (2, "template"):
            return None
        return truth(source.visit, source.detector, panel)


def test_afw_is_detected_if_importable():
    assert afw_is_here()


def test_dp0_2_dataset_names_are_detected():
    assert tuple(ButlerImages(make_butler()).dataset_types.values()) == NAMES


def test_a_calexp_in_counts_becomes_nanojansky():
    source = make_sources(1, image=truth(1, 0, "science"))[0]
    (triplet,) = ButlerImages(make_butler()).read([source], Region((5,)))
    assert triplet.science.unit == "nJy"
    part = triplet.science.box.intersection(truth(1, 0, "science").box)
    np.testing.assert_array_equal(
        triplet.science.pixels[part.slices_in(triplet.science.box)],
        truth(1, 0, "science").pixels[part.slices_in(truth(1, 0, "science").box)],
    )


def sloping(name, visit, detector):
    """A calexp whose calibration varies over the detector."""
    found = find(name, visit, detector)
    return found and (*found[:2], fake_afw.PhotoCalib(4.0, slope=1e-3))


@pytest.mark.parametrize("region", [Region((5,)), Region.whole()], ids=["cutout", "whole"])
def test_a_calibration_that_varies_is_applied_pixel_by_pixel(region, monkeypatch):
    monkeypatch.setattr("cutout_widgets.stores.butler.afw._AT_ONCE", 150)  # rows of 70 pixels: two at once
    image = truth(1, 0, "science")
    source = make_sources(1, image=image)[0]
    (triplet,) = ButlerImages(fake_stack.FakeButler(sloping, NAMES)).read([source], region)
    part = triplet.science.box.intersection(image.box)
    for found, wanted in (
        (triplet.science.pixels, image.pixels),
        (triplet.science.variance, image.variance),
    ):
        np.testing.assert_allclose(
            found[part.slices_in(triplet.science.box)], wanted[part.slices_in(image.box)], rtol=3e-7
        )


def test_without_per_pixel_calibration_the_mean_is_used(monkeypatch):
    monkeypatch.delattr(fake_afw.PhotoCalib, "getLocalCalibrationArray")
    assert _scale_on(fake_afw.PhotoCalib(4.0), Box(0, 2, 0, 3)) == 4.0


def test_the_psf_is_returned_where_the_model_is_valid():
    image = truth(1, 0, "science")
    sources = make_sources(20, image=image)
    triplets = list(ButlerImages(make_butler()).read(sources, Region((5,))))
    inside = [triplet for triplet in triplets if image.box.holds(triplet.science.box.centre)]
    assert len(inside) > 10
    assert all(triplet.science.psf.sum() == pytest.approx(1) for triplet in inside)
    assert all(triplet.science is not None for triplet in triplets)


def test_many_sources_read_each_exposure_whole_once():
    sources = make_sources(100, image=truth(1, 0, "science"))
    butler = make_butler()
    triplets = list(ButlerImages(butler).read(sources, Region((5,))))
    assert sorted(butler.whole_reads) == sorted(NAMES)
    assert all(triplet.problems == () for triplet in triplets)
    first, again = triplets[0].science, triplets[1].science
    assert not np.shares_memory(first.pixels, again.pixels)


def bare(name, visit, detector):
    """An exposure without WCS and calibration."""
    found = find(name, visit, detector)
    return found and (found[0], None, None)


def test_an_exposure_without_wcs_and_calibration_is_cut_by_pixels_and_has_no_unit():
    image = truth(1, 0, "science")
    (source,) = make_sources(1, image=image, columns={"x": 530.0, "y": 30.0})
    (triplet,) = ButlerImages(fake_stack.FakeButler(bare, NAMES)).read([source], Region((5,)))
    assert triplet.science.unit is None
    assert triplet.science.wcs is None
    np.testing.assert_array_equal(
        triplet.science.pixels, image.pixels[triplet.science.box.slices_in(image.box)]
    )


def test_mask_planes_use_the_bits_of_the_class_including_the_sign_bit():
    (source,) = make_sources(1, image=truth(1, 0, "science"))
    (triplet,) = ButlerImages(make_butler()).read([source], Region((5,)))
    assert triplet.science.planes == fake_afw.Mask.planes
    assert triplet.science.planes["DETECTED"] == 31
    image = truth(1, 0, "science")
    part = triplet.science.box.intersection(image.box)
    np.testing.assert_array_equal(
        triplet.science.has_plane("DETECTED")[part.slices_in(triplet.science.box)],
        image.has_plane("DETECTED")[part.slices_in(image.box)],
    )


@pytest.mark.parametrize(
    "region",
    [
        Region((np.int64(5),)),
        Region.of(np.array([5, 9])),
        Region.angle(2 * u.arcsec),
        Region.whole(),
        Region((5,), align="science", resample="interp"),
    ],
    ids=["numpy", "several", "angle", "whole", "aligned"],
)
def test_boxes_passed_to_afw_have_python_integers(region):
    """And visits and detectors may be numpy's: lsst.geom takes none of its integers."""
    sources = make_sources(3, image=truth(1, 0, "science"), visit=np.int64(1), detector=np.int16(0))
    for triplet in ButlerImages(make_butler()).read(sources, region):
        assert triplet.problems == ()


def test_an_afw_error_is_reported_in_one_line(monkeypatch):
    (source,) = make_sources(1, image=truth(1, 0, "science"))

    def broken(self, bbox):
        raise fake_afw.LengthError("\n  File 'src/fits.cc', line 1\nFitsError: 'cfitsio error'\n")

    store = ButlerImages(make_butler())
    monkeypatch.setattr(fake_afw.Exposure, "__getitem__", broken)
    (triplet,) = store.read([source], Region((5,)))
    assert triplet.science is None
    assert len(triplet.problems) == 3
    assert all("cannot be read" in one and "\n" not in one for one in triplet.problems)


def test_a_wcs_that_fits_cannot_represent_keeps_its_exact_mapping():
    ast = pytest.importorskip(
        "starlink.Ast", reason="needs starlink-pyast: pip install 'cutout-widgets[rubin]'"
    )
    image = truth(1, 0, "science")
    channel = ast.FitsChan([f"{card!s:<80}" for card in image.wcs.to_header().cards])
    frames = channel.read()
    frames.addframe(1, ast.ShiftMap([-1.0, -1.0]), ast.Frame(2, "Domain=PIXELS"))
    frames.Base = frames.Nframe
    frames.Current = 2
    wcs = fake_afw.SkyWcs(image.wcs, dump=str(frames))

    from cutout_widgets.stores.butler.afw import sky_of_wcs

    sky = pickle.loads(pickle.dumps(sky_of_wcs(wcs, image.box)))
    assert type(sky).__name__ == "AstSky"
    x, y = np.array([500.0, 569.0]), np.array([4.0, 63.0])
    assert sky.pixel_to_world(x, y).separation(image.wcs.pixel_to_world(x, y)).arcsec.max() < 1e-6


def test_something_that_is_not_a_skywcs_is_refused():
    assert ast_dump_of("1 SkyWcs 0 Begin FrameSet\nEnd FrameSet") == "Begin FrameSet\nEnd FrameSet"
    with pytest.raises(UnreadableImage, match="not understood"):
        ast_dump_of("1 TanWcs 3 4")


def test_an_exposure_is_read_by_data_id():
    store = ButlerImages(make_butler())
    image = store.exposure(visit=1, detector=0)
    assert image.box == truth(1, 0, "science").box
    assert image.unit == "nJy"
    assert image.psf is not None
    with pytest.raises(ImageNotFound, match="visit 2, detector 0"):
        store.exposure(visit=2, detector=0, panel="template")


def test_exposures_of_a_repository_are_listed_and_read_by_row():
    store = ButlerImages(make_butler())
    found = store.exposures("detector == 0", band="r", tract=1, skymap="cells")
    assert found[["instrument", "visit", "detector", "band"]].to_numpy().tolist() == [
        ["FakeCam", 1, 0, "r"],
        ["FakeCam", 2, 0, "r"],
    ]
    assert found["exposure_time"].tolist() == [30.0, 30.0]
    assert found["mjd"].isna().all()
    assert_images_equal(store.exposure(**found.iloc[0]), store.exposure(visit=1, detector=0))
    assert len(store.exposures(tract=2)) == 0
    assert "visit" in store.exposures(tract=2)
    with pytest.raises(BadTable, match="there is no column 'vist'; did you mean 'visit'"):
        store.exposures("vist == 1")
    with pytest.raises(BadOption, match="Unknown dimension"):
        store.exposures(trakt=1)


def test_the_psf_of_an_exposure_is_evaluated_at_a_point():
    store = ButlerImages(make_butler())
    box = truth(1, 0, "science").box
    psf = store.psf(box.x0 + 3, box.y0 + 2.5, visit=1, detector=0)
    assert psf.kernel.shape == (5, 5)
    assert psf.noise_area == pytest.approx(25)
    with pytest.raises(ImageNotFound, match="has no point-spread function at x -5, y 0"):
        store.psf(-5, 0, visit=1, detector=0)


def test_a_separate_background_dataset_is_converted_to_the_image_unit(monkeypatch):
    butler = make_butler()
    image = truth(1, 0, "science")
    sky = types.SimpleNamespace(array=np.full(image.shape, 3.0), getBBox=lambda: fake_afw.box2i(image.box))
    find, get = fake_stack.FakeButler.find_dataset, fake_stack.FakeButler.get

    def found(self, name, data_id, collections=None):
        return name if name == "calexpBackground" else find(self, name, data_id, collections)

    def got(self, ref, parameters=None):
        known = ref == "calexpBackground"
        return types.SimpleNamespace(getImage=lambda: sky) if known else get(self, ref, parameters)

    monkeypatch.setattr(fake_stack.FakeButler, "find_dataset", found)
    monkeypatch.setattr(fake_stack.FakeButler, "get", got)
    store = ButlerImages(butler)
    background = store.background(visit=1, detector=0)
    exposure = store.exposure(visit=1, detector=0)
    assert background.unit == "nJy"
    assert (background.pixels == 3 * 4).all()  # one count is 4 nJy
    back = cw.add_background(exposure, background)
    assert (back.pixels == exposure.pixels + 12).all()
    with pytest.raises(
        ImageNotFound, match=r"no goodSeeingDiff_differenceExp_background or .*Background for"
    ):
        store.background(visit=1, detector=0, panel="difference")
