"""FITS files as a store."""

from __future__ import annotations

import gzip
import pickle
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from tests.stores.fits_files import damage, write_afw, write_lsst_images

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption, CutoutWarning, ImageNotFound
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.stores.fits.wcs import corner_of, parent_sky
from cutout_widgets.stores.registry import open_images
from cutout_widgets.testing import StoreContract, assert_images_equal, make_image, make_sources, make_wcs

KEYS = [(2025010100001, 3), (2025010100001, 4), (2025010100002, 3)]


@cache
def image_of(visit: int, detector: int, panel: str):
    """The truth: each detector's image has a corner and bit numbers of its own."""
    n = PANELS.index(panel)
    return make_image(
        (70, 80),
        seed=visit % 100 * 100 + detector * 10 + n,
        yx0=(3 * detector, 1000 + n),
        planes={"BAD": n, "SAT": 2 + n, "DETECTED": 8 - n},
        wcs=make_wcs(at=(1040.0, 40.0), rotation=30 * n),
    )


class FitsIndexContract(StoreContract):
    """Files of three exposures by visit and detector; one template is missing."""

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path):
        self.folder = tmp_path
        rows = []
        for visit, detector in KEYS:
            row = {"visit": visit, "detector": detector}
            for panel in PANELS:
                row[panel] = f"{panel}_{visit}_{detector}.fits"
                self.write(tmp_path / row[panel], image_of(visit, detector, panel))
            rows.append(row)
        (tmp_path / rows[2]["template"]).unlink()
        self.index = tmp_path / "index.parquet"
        pd.DataFrame(rows).to_parquet(self.index)

    def make_store(self):
        return FitsImages.from_index(self.index)

    def make_sources(self):
        return [
            source
            for visit, detector in KEYS
            for source in make_sources(
                4, image=image_of(visit, detector, "science"), visit=visit, detector=detector, seed=detector
            )
        ]

    def whole_image(self, source, panel):
        if (source.visit, source.detector, panel) == (*KEYS[2], "template"):
            return None
        return image_of(source.visit, source.detector, panel)


class TestAfwFiles(FitsIndexContract):
    def write(self, path, image):
        write_afw(path, image)


class TestCompressedAfwFiles(FitsIndexContract):
    def write(self, path, image):
        write_afw(path, image, compressed=True, extname=True)


class TestLsstImagesFiles(FitsIndexContract):
    def write(self, path, image):
        write_lsst_images(path, image, planes_an_hdu=2)


class TestGzippedFiles(FitsIndexContract):
    def write(self, path, image):
        write_afw(path, image)
        path.write_bytes(gzip.compress(path.read_bytes(), 1))


def only(store, source=None, region=None):
    (triplet,) = store.read([source or make_sources(1)[0]], region or Region.whole())
    return triplet


def panel_of(path, **options):
    """The whole of one file, or the sentence about it."""
    triplet = only(FitsImages(science=path, **options))
    return triplet.science if triplet.science is not None else triplet.problem_of("science")


ODD = {
    "1904-66_AZP.fits": (192, 192),
    "blank.fits": (1, 1),
    "checksum_false.fits": (40, 30),
    "comp.fits": (300, 440),
    "compressed_float_bzero.fits": "has no 2-d image",
    "compressed_with_nan.fits": (12, 12),
    "dist_lookup.fits.gz": (100, 100),
    "double_ext.fits": (5, 5),
    "header_newlines.fits": (1, 1),
    "m13.fits": (300, 300),
    "m13_gzip.fits": (300, 300),
    "m13_hcomp.fits": (300, 300),
    "m13_plio.fits": (300, 300),
    "m13_rice.fits": (300, 300),
    "scale.fits": (21, 20),
    "sip-wcs.fits": (50, 100),
    "test0.fits": (40, 40),
}


@pytest.mark.parametrize("name", ODD)
def test_every_unusual_file_opens_or_is_refused_in_one_sentence(shared, name):
    path = shared / "data" / "odd_fits" / name
    found = panel_of(path)
    if isinstance(found, str):
        assert name in found
        assert "\n" not in found
        assert isinstance(ODD[name], str)
        assert ODD[name] in found
    else:
        assert found.shape == ODD[name]
        assert found.pixels.dtype == np.float32


def test_the_list_of_unusual_files_is_complete(shared):
    assert {path.name for path in (shared / "data" / "odd_fits").iterdir()} == set(ODD)


@pytest.mark.parametrize("copy", ["m13_gzip.fits", "m13_rice.fits", "m13_plio.fits", "m13_hcomp.fits"])
def test_lossless_copies_give_the_pixels_of_the_original(shared, copy):
    folder = shared / "data" / "odd_fits"
    original, compressed = panel_of(folder / "m13.fits"), panel_of(folder / copy)
    np.testing.assert_array_equal(original.pixels, compressed.pixels)


def write(path, *hdus):
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path, overwrite=True)
    return path


def test_a_real_difference_image_is_cut_at_the_same_sky_position_in_all_panels(shared):
    folder = shared / "data" / "fits_triple_decam"
    files = [folder / f"{name}.fits" for name in ("Stack-DEC-OBS18", "Stack-DEC-OBS04", "FinalDifference")]
    store = FitsImages(*files)
    whole = only(store)
    sky = whole.science.sky_at(100.0, 120.0)
    source = replace(make_sources(1)[0], ra=sky.icrs.ra.deg, dec=sky.icrs.dec.deg, row={})
    triplet = only(store, source, Region((11,)))
    assert triplet.problems == ()
    for cutout, complete in zip(triplet, whole, strict=True):
        assert cutout.shape == (11, 11)
        assert complete.sky_at(*cutout.box.centre).separation(sky).arcsec < 0.3
    assert triplet.science.box.holds(XY(100.0, 120.0))


@pytest.mark.parametrize("name", ["dist_lookup.fits.gz", "sip-wcs.fits", "header_newlines.fits", "m13.fits"])
def test_a_distorted_wcs_is_exact_in_parent_pixels(shared, name):
    with fits.open(shared / "data" / "odd_fits" / name) as hdus:
        image = next(hdu for hdu in hdus if hdu.header["NAXIS"] == 2)
        plain = parent_sky(image.header, hdus, (0, 0)).wcs
        moved = parent_sky(image.header, hdus, (300, -70)).wcs
    x, y = np.linspace(0, 60, 7), np.linspace(40, 3, 7)
    assert moved.pixel_to_world(x - 70, y + 300).separation(plain.pixel_to_world(x, y)).arcsec.max() < 1e-6


def test_a_tpv_wcs_is_exact_in_parent_pixels(shared):
    header = fits.getheader(shared / "data" / "fits_triple_decam" / "Stack-DEC-OBS18.fits")
    assert corner_of(header) == (1, 1)
    in_array = WCS(header)
    sky = parent_sky(header, None, (1, 1)).wcs.pixel_to_world(11.0, 21.0)
    assert sky.separation(in_array.pixel_to_world(10.0, 20.0)).arcsec < 1e-6


@pytest.mark.parametrize(
    "cards, corner",
    [
        ({}, (0, 0)),
        ({"LTV1": -30, "LTV2": -7.0}, (7, 30)),
        ({"LTV1": -30.5, "LTV2": 0}, (0, 0)),
        ({"LTV1": -30, "LTM1_1": 0.5}, (0, 0)),
        ({"CTYPE1A": "LINEAR", "CRPIX1A": 1.0, "CRVAL1A": 30.0}, (0, 30)),
        ({"CTYPE1A": "LINEAR", "CRPIX1A": 0.5, "CRVAL1A": 29.5}, (0, 30)),
        ({"CTYPE1A": "LINEAR", "CRPIX1A": 1.0, "CRVAL1A": 30.0, "CDELT1A": 2.0}, (0, 0)),
        ({"LTV1": "none"}, (0, 0)),
    ],
)
def test_the_parent_origin_is_read_from_ltv_or_the_linear_wcs(cards, corner):
    assert corner_of(fits.Header(cards)) == corner


def test_a_cube_with_one_plane_is_shown_and_other_cubes_are_refused(tmp_path):
    one = write(tmp_path / "one.fits", fits.ImageHDU(np.arange(6.0).reshape(1, 1, 2, 3)))
    assert panel_of(one).pixels.tolist() == [[0, 1, 2], [3, 4, 5]]
    cube = write(tmp_path / "cube.fits", fits.ImageHDU(np.zeros((4, 2, 3))))
    assert panel_of(cube) == f"{cube} has no 2-d image; it has 0 PRIMARY (no data), 1 (4x2x3)"


def test_a_file_that_is_not_fits_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "text.fits").write_text("<html>not found</html>")
    (tmp_path / "empty.fits").touch()
    whole = gzip.compress(bytes(fits_bytes(tmp_path)))
    (tmp_path / "half.fits.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "bad.fits.gz").write_bytes(b"\x1f\x8b\x08garbage")
    assert panel_of(tmp_path / "none.fits") == f"there is no file {tmp_path / 'none.fits'}"
    assert panel_of(tmp_path) == f"{tmp_path} is a folder, not a FITS file"
    assert "is not a FITS file" in panel_of(tmp_path / "text.fits")
    assert "is empty" in panel_of(tmp_path / "empty.fits")
    assert "damaged gzip" in panel_of(tmp_path / "half.fits.gz")
    assert "damaged gzip" in panel_of(tmp_path / "bad.fits.gz")


def fits_bytes(folder) -> bytes:
    return write(folder / "good.fits", fits.ImageHDU(make_image((60, 60)).pixels)).read_bytes()


@pytest.mark.filterwarnings("ignore:File may have been truncated")
def test_a_truncated_file_is_refused_rather_than_shown_as_zeros(tmp_path):
    path = tmp_path / "short.fits"
    path.write_bytes(fits_bytes(tmp_path)[: 2 * 2880 + 5000])
    assert panel_of(path) == f"{path} is truncated: it has 10760 bytes of at least 20160; fetch it again"


@pytest.mark.filterwarnings("ignore:File may have been truncated", "ignore:Error validating header")
@pytest.mark.parametrize(
    "name, part",
    [
        ("IMAGE", "tiles"),
        ("MASK", "header"),
        ("MASK", "tiles"),
        ("MASK", "last block"),
        ("VARIANCE", "header"),
        ("VARIANCE", "tiles"),
    ],
)
def test_a_truncated_compressed_file_is_refused(tmp_path, name, part):
    path = write_lsst_images(tmp_path / "a.fits", make_image((100, 100)))
    with fits.open(path, disable_image_compression=True) as hdus:
        where, size = hdus[name].fileinfo(), hdus[name].size
    start = where["datLoc"]
    end = {"header": where["hdrLoc"] + 500, "tiles": start + size // 2, "last block": start + size + 4}[part]
    assert end % 2880
    path.write_bytes(path.read_bytes()[:end])
    assert f"{path} is truncated: it has {end} bytes of at least " in panel_of(path)


def test_an_unpadded_last_block_and_trailing_bytes_are_allowed(tmp_path):
    path, image = tmp_path / "a.fits", make_image((50, 50))
    write(path, fits.ImageHDU(image.pixels))
    path.write_bytes(path.read_bytes()[: 2 * 2880 + 50 * 50 * 4])
    with pytest.warns(CutoutWarning, match="departs from the rules of its format: .*truncated"):
        np.testing.assert_array_equal(panel_of(path).pixels, image.pixels)
    write_afw(path, image, compressed=True)
    path.write_bytes(path.read_bytes() + bytes(5000))
    assert_images_equal(panel_of(path), image)


def damaged_in_the_middle(path, hdu):
    """A compressed image of 400 rows with some tiles about row 200 of one HDU overwritten."""
    return damage(write_afw(path, make_image((400, 400)), compressed=True), hdu)


@pytest.mark.parametrize("beside", [0, 20], ids=["part by part", "after a full read failed"])
def test_a_damaged_tile_affects_only_sources_on_it(tmp_path, beside):
    path = damaged_in_the_middle(tmp_path / "a.fits", 1)
    low, high = (replace(make_sources(1)[0], row={"x": 30.0, "y": y}) for y in (5.0, 200.0))
    good, bad, *_ = FitsImages(science=path).read([low, high, *[low] * beside], Region((15,)))
    assert good.problems == ()
    assert bad.science is None
    assert "cannot be read" in bad.problem_of("science")


@pytest.mark.parametrize("beside", [0, 20], ids=["part by part", "after a full read failed"])
@pytest.mark.parametrize("hdu, name, other", [(2, "mask", "variance"), (3, "variance", "mask")])
def test_a_damaged_mask_or_variance_is_reported_once_and_the_pixels_kept(tmp_path, hdu, name, other, beside):
    path = damaged_in_the_middle(tmp_path / "a.fits", hdu)
    low, high = (replace(make_sources(1)[0], row={"x": 200.0, "y": y}) for y in (5.0, 200.0))
    with pytest.warns(CutoutWarning) as told:
        bad, good, *_ = FitsImages(science=path).read([high, low, high, *[low] * beside], Region((15,)))
    assert [str(warning.message) for warning in told] == [
        f"the {name} of {path} cannot be read in some places; cutouts there have none; fetch the file again"
    ]
    assert bad.problems == ()
    assert getattr(bad.science, name) is None
    assert name not in bad.science.unread
    assert bad.science.has_plane("BAD").any() == (name != "mask")
    assert getattr(bad.science, other).shape == getattr(good.science, name).shape == (15, 15)
    truth = make_image((400, 400))
    np.testing.assert_array_equal(bad.science.pixels, truth.pixels[bad.science.box.slices_in(truth.box)])


def test_a_damaged_mask_does_not_matter_if_masks_are_not_requested(tmp_path):
    path = damaged_in_the_middle(tmp_path / "a.fits", 2)
    source = replace(make_sources(1)[0], row={"x": 200.0, "y": 200.0})
    good = only(FitsImages(science=path), source, Region((15,), extras=frozenset(["variance"])))
    assert good.problems == ()
    assert good.science.mask is None
    assert good.unread == {"mask"}
    assert good.science.variance.shape == (15, 15)


def test_cutouts_of_a_compressed_file_are_the_same_together_and_alone(tmp_path):
    path = tmp_path / "rows.fits"
    pixels = np.random.default_rng(3).normal(0, 30, (400, 60)).astype(np.float32)
    hdu = fits.CompImageHDU(pixels, make_wcs(at=(30, 200)).to_header(), tile_shape=(1, 60), quantize_level=16)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    rows = [DiaSource(n, 53.0 + n * 1e-4, -28.0 + n * 1e-5) for n in range(4)]
    together = [one.science for one in FitsImages(science=path).read(rows, Region((10,)))]
    for row, image in zip(rows, together, strict=True):
        alone = only(FitsImages(science=path), row, Region((10,))).science
        assert alone.box == image.box
        np.testing.assert_array_equal(alone.pixels, image.pixels)


def test_scaled_integers_become_physical_values(shared):
    path = shared / "data" / "odd_fits" / "scale.fits"
    with fits.open(path, do_not_scale_image_data=True) as hdus:
        stored = hdus[0].data.astype(float)
    np.testing.assert_allclose(panel_of(path).pixels, stored * 0.045777764213996 + 1500, rtol=1e-6)


def test_blank_integers_become_nan(tmp_path):
    unsigned = fits.ImageHDU(np.array([[1, 2], [3, 65535]], dtype=np.uint16))
    unsigned.header["BLANK"] = 3 - 32768
    compressed = fits.CompImageHDU(np.array([[1, 2], [3, 5]], dtype=np.int32))
    compressed.header["BLANK"] = 3
    np.testing.assert_array_equal(
        panel_of(write(tmp_path / "unsigned.fits", unsigned)).pixels, [[1, 2], [np.nan, 65535]]
    )
    np.testing.assert_array_equal(
        panel_of(write(tmp_path / "compressed.fits", compressed)).pixels, [[1, 2], [np.nan, 5]]
    )


def test_the_image_is_found_by_exttype_then_name_then_order(tmp_path):
    def hdu(value, **cards):
        return fits.ImageHDU(np.full((2, 2), value, dtype=np.float32), fits.Header(cards))

    def shown(*hdus, **options):
        return panel_of(write(tmp_path / "a.fits", *hdus), **options).pixels[0, 0]

    assert shown(hdu(1), hdu(2)) == 1
    assert shown(hdu(1), hdu(2, EXTNAME="SCI")) == 2
    assert shown(hdu(1), hdu(2, EXTNAME="SCI"), hdu(3, EXTTYPE="IMAGE")) == 3
    assert shown(hdu(1), hdu(2, EXTNAME="SCI"), hdu=1) == 1
    assert shown(hdu(1, EXTNAME="SCI"), hdu(2, EXTNAME="SCI", EXTVER=2), hdu=("SCI", 2)) == 2
    assert "has no HDU 'WHT'; it has 0 PRIMARY (no data), 1 SCI (2x2)" in panel_of(
        write(tmp_path / "b.fits", hdu(1, EXTNAME="SCI")), hdu="WHT"
    )


def plane(role, value=1, shape=(6, 6), extname=True):
    """An HDU whose pixels tell which one it is."""
    array = np.full(shape, value, dtype=np.int32 if role == "MASK" else np.float32)
    return (
        fits.ImageHDU(array, name=role) if extname else fits.ImageHDU(array, fits.Header({"EXTTYPE": role}))
    )


TABLE = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])], name="T")


@pytest.mark.parametrize("order", ["IVM", "MIV", "VMI", "ITMTV", "MITV", "IMVT", "TIVMT"])
@pytest.mark.parametrize("extname", [True, False])
def test_mask_and_variance_are_found_in_any_order(tmp_path, order, extname):
    kinds = {"I": ("IMAGE", 5), "M": ("MASK", 6), "V": ("VARIANCE", 7)}
    hdus = [TABLE.copy() if n == "T" else plane(*kinds[n], extname=extname) for n in order]
    found = panel_of(write(tmp_path / "a.fits", *hdus))
    assert (found.pixels[0, 0], found.mask[0, 0], found.variance[0, 0]) == (5, 6, 7)


def all_in_one(path, names=("DIFFIM", "SCIENCE", "TEMPLATE")):
    """A file as an alert service answers with; each image is full of its place."""
    images = [fits.ImageHDU(np.full((6, 6), float(n)), name=name) for n, name in enumerate(names, 1)]
    return write(path, *images, fits.BinTableHDU.from_columns([fits.Column("ra", "D")], name="DIASOURCE"))


def levels(store):
    return [None if image is None else image.pixels[0, 0] for image in only(store)]


def test_one_file_can_contain_all_panels(tmp_path):
    path = all_in_one(tmp_path / "a.fits")
    assert levels(FitsImages(path, path, path)) == [3, 2, 1]
    assert levels(FitsImages.from_file(path)) == [3, 2, 1]
    assert levels(open_images(path)) == [3, 2, 1]
    assert levels(open_images(f"fits:{path}")) == [3, 2, 1]
    assert levels(FitsImages(science=path)) == [None, 2, None]
    assert levels(FitsImages(f"{path}[1]", f"{path}[TEMPLATE]", f"{path}[diffim]")) == [1, 3, 1]
    assert levels(FitsImages(path, path, hdu={"template": 2, "science": "DIFFIM"})) == [2, 1, None]
    assert levels(pickle.loads(pickle.dumps(FitsImages.from_file(path)))) == [3, 2, 1]


@pytest.mark.parametrize(
    "names",
    [("SUB", "NEW", "REF"), ("subtraction", "search", "template"), ("DIFF", "SCI", "cutoutReference")],
)
def test_hdu_names_of_other_pipelines_identify_the_panels(tmp_path, names):
    assert levels(FitsImages.from_file(all_in_one(tmp_path / "a.fits", names))) == [3, 2, 1]


def test_ambiguous_hdu_names_are_refused(tmp_path):
    path = all_in_one(tmp_path / "a.fits", names=("A", "B", "SCIENCE"))
    assert levels(FitsImages(path, path, f"{path}[B]")) == [None, 3, 2]
    assert levels(FitsImages(science=path)) == [None, 1, None]  # one image is wanted: the first, as ever
    said = only(FitsImages(path, path)).problem_of("template")
    assert said.startswith(f"{path} has no HDU named after template; it has 0 PRIMARY (no data), 1 A (6x6)")
    assert said.endswith("choose one: 'a.fits[NAME]' or 'a.fits[NUMBER]'")


def test_an_hdu_without_a_panel_is_refused(tmp_path):
    with pytest.raises(BadOption, match="got sciense"):
        FitsImages(science=tmp_path / "a.fits", hdu={"sciense": 1})


def test_mask_and_variance_of_another_image_are_not_used(tmp_path):
    first = [plane("IMAGE", 1), plane("MASK", 2)]
    second = [plane("IMAGE", 3), plane("VARIANCE", 4), plane("MASK", 5)]
    path = write(tmp_path / "a.fits", *first, *second)
    one, two = panel_of(path), panel_of(path, hdu=3)
    assert (one.pixels[0, 0], one.mask[0, 0], one.variance) == (1, 2, None)
    assert (two.pixels[0, 0], two.mask[0, 0], two.variance[0, 0]) == (3, 5, 4)
    path = write(tmp_path / "b.fits", plane("CHIP1", 1), plane("MASK", 2), plane("CHIP2", 3))
    assert panel_of(path, hdu="CHIP2").mask is None
    path = write(tmp_path / "c.fits", plane("MASK", 1), *second[:2], plane("MASK", 9))
    assert panel_of(path).mask[0, 0] == 1


@pytest.mark.parametrize("role", ["MASK", "VARIANCE"])
@pytest.mark.parametrize("shape, said", [((3, 4), "3x4"), ((2, 6, 6), "2x6x6")])
def test_a_mask_or_variance_of_another_shape_is_reported(tmp_path, role, shape, said):
    path = write(tmp_path / "a.fits", plane("IMAGE"), plane(role, shape=shape))
    with pytest.warns(CutoutWarning) as told:
        found = panel_of(path)
    assert [str(w.message) for w in told] == [f"{path}: its {role} is {said}, its image 6x6; not used"]
    assert found.mask is found.variance is None
    fits.append(path, plane(role).data, plane(role).header)
    assert (panel_of(path).mask is None) == (role != "MASK")


def test_planes_beyond_32_bits_are_skipped_with_a_warning_naming_them(tmp_path):
    image = make_image((8, 8), planes={f"P{n}": n for n in range(32)})
    path = write_lsst_images(tmp_path / "many.fits", image, planes_an_hdu=20)
    with pytest.warns(CutoutWarning, match="omitted: P31; choose"):
        found = panel_of(path)
    assert_images_equal(replace(found, planes={**found.planes, "P31": 31}), image_without(image, "P31"))
    chosen = panel_of(path, planes=["P31", "P0"])
    assert set(chosen.planes) == {"P31", "P0"}
    np.testing.assert_array_equal(chosen.has_plane("P31"), image.has_plane("P31"))


def test_planes_are_selected_by_old_or_new_names(tmp_path):
    image = make_image((8, 8), planes={"SATURATED": 0, "BAD": 1, "COSMIC_RAY": 2})
    path = write_lsst_images(tmp_path / "new.fits", image)
    assert set(panel_of(path, planes=["SAT", "CR"]).planes) == {"SATURATED", "COSMIC_RAY"}
    assert set(panel_of(path, planes="SAT").planes) == {"SATURATED"}
    assert set(panel_of(path, planes="SAT, CR").planes) == {"SATURATED", "COSMIC_RAY"}
    np.testing.assert_array_equal(
        panel_of(path, planes="SAT").has_plane("SATURATED"), image.has_plane("SATURATED")
    )


def test_unknown_planes_are_reported_with_the_available_ones(tmp_path):
    path = write_lsst_images(tmp_path / "it.fits", make_image((8, 8), planes={"BAD": 1, "SAT": 0}))
    with pytest.warns(CutoutWarning, match=r"has no mask plane NOPE; it has BAD, SAT$"):
        found = panel_of(path, planes=["NOPE"])
    assert found.planes == {}
    assert not found.mask.any()
    with pytest.warns(CutoutWarning, match=r"has no mask plane NOPE; it has"):
        assert set(panel_of(path, planes=["NOPE", "SAT"]).planes) == {"SAT"}
    with warnings.catch_warnings():
        warnings.simplefilter("error", CutoutWarning)  # a template has no cosmic rays
        assert set(panel_of(path, planes=["SAT", "CR", "COSMIC_RAY"]).planes) == {"SAT"}


@pytest.mark.parametrize("planes", [3, [1, 2], [b"SAT"]])
def test_invalid_plane_names_are_refused(planes, tmp_path):
    with pytest.raises(BadOption, match="planes are names of mask planes"):
        FitsImages(science=tmp_path / "a.fits", planes=planes)


def image_without(image, name):
    return replace(image, mask=image.mask & ~np.uint32(1 << image.planes[name]))


def test_mask_bit_31_is_not_a_sign_bit(tmp_path):
    image = make_image((8, 8), planes={"LAST": 31, "FIRST": 0})
    assert_images_equal(panel_of(write_afw(tmp_path / "a.fits", image)), image)


def test_a_file_without_wcs_is_cut_at_the_catalogue_position(tmp_path):
    path = write(tmp_path / "a.fits", fits.ImageHDU(np.arange(100.0).reshape(10, 10)))
    store = FitsImages(difference=path)
    triplet = only(store, replace(make_sources(1)[0], row={"x": 3.0, "y": 2.0}), Region((1,)))
    assert triplet.difference.pixels.tolist() == [[23.0]]
    assert triplet.template is None
    assert "no position" in only(store, replace(make_sources(1)[0], row={}), Region((1,))).problems[0]


def test_a_replaced_file_is_read_again(tmp_path):
    path = write(tmp_path / "a.fits", fits.ImageHDU(np.zeros((4, 4))))
    store = FitsImages(science=path)
    assert only(store).science.pixels.max() == 0
    write(tmp_path / "b.fits", fits.ImageHDU(np.ones((4, 4)))).replace(path)
    assert only(store).science.pixels.min() == 1


def test_many_sources_of_one_file_read_it_once(tmp_path):
    image = make_image((256, 256))
    path = write_afw(tmp_path / "a.fits", image, compressed=True)
    sources = make_sources(300, image=image)
    store = FitsImages(science=path)
    together = list(store.read(sources, Region((9,))))
    for source, triplet in list(zip(sources, together, strict=True))[::30]:
        assert_images_equal(triplet.science, only(store, source, Region((9,))).science)


def test_an_exposure_is_read_by_its_key(tmp_path):
    header = fits.Header({"MAGZERO": 27.5})
    for detector in (1, 2):
        fits.PrimaryHDU(np.full((4, 5), float(detector)), header).writeto(tmp_path / f"{detector}.fits")
    index = {"visit": [7, 7], "detector": [1, 2], "science": ["1.fits", "2.fits"]}
    store = FitsImages.from_index(index, folder=tmp_path)
    image = store.exposure(visit=7, detector=2)
    assert image.shape == (4, 5)
    assert image.pixels[0, 0] == 2
    assert image.metadata["MAGZERO"] == 27.5
    with pytest.raises(ImageNotFound, match="no row for visit 7, detector 3"):
        store.exposure(visit=7, detector=3)
    with pytest.raises(ImageNotFound, match="names no template file for visit 7, detector 1"):
        store.exposure(visit=7, detector=1, panel="template")
    with pytest.raises(BadOption, match="panel is one of template, science, difference; got 'scince'"):
        store.exposure(visit=7, detector=1, panel="scince")
    with pytest.raises(BadOption, match="visit= is a whole number"):
        store.exposure(visit=7.5, detector=1)
    assert FitsImages(difference=tmp_path / "1.fits").exposure(panel="difference").shape == (4, 5)


def test_an_index_by_visit_finds_exposures_covering_a_position(tmp_path):
    for visit, at in ((1, (30.0, 20.0)), (2, (300.0, 20.0))):
        header = make_wcs(at=at).to_header()
        header["MJD-OBS"], header["FILTER"] = 61000.0 + visit, "r_sim demo"
        fits.PrimaryHDU(np.zeros((40, 60), np.float32), header).writeto(tmp_path / f"{visit}.fits")
    (tmp_path / "3.fits").write_bytes(b"no FITS file")
    index = {"visit": [1, 2, 3], "detector": [5, 5, 5], "science": ["1.fits", "2.fits", "3.fits"]}
    store = FitsImages.from_index(index, folder=tmp_path)
    for one in (store, pickle.loads(pickle.dumps(store))):
        assert one.visits_at(53.0, -28.0) == [{"visit": 1, "detector": 5, "time": 61001.0, "band": "r_sim"}]
    assert store.visits_at(53.0, -28.0 + 1.0) == []
    header = make_wcs(at=(500.0, 20.0)).to_header()
    fits.PrimaryHDU(np.zeros((40, 60), np.float32), header).writeto(tmp_path / "1.fits", overwrite=True)
    assert store.visits_at(53.0, -28.0) == []  # the file was rewritten


def test_files_of_single_sources_are_not_visits(tmp_path):
    fits.PrimaryHDU(np.zeros((40, 60)), make_wcs(at=(30, 20)).to_header()).writeto(tmp_path / "1.fits")
    store = FitsImages.from_index({"diaSourceId": [7], "science": ["1.fits"]}, folder=tmp_path)
    assert store.visits_at(53.0, -28.0) == []


def test_exposures_of_an_index_are_listed_with_its_columns(tmp_path):
    for detector in (1, 2):
        fits.PrimaryHDU(np.full((4, 5), float(detector))).writeto(tmp_path / f"{detector}.fits")
    index = {"visit": [8, 7], "detector": [1, 2], "band": ["r", "g"], "science": ["1.fits", "2.fits"]}
    store = FitsImages.from_index({**index, "template": [None, "3.fits"]}, folder=tmp_path)
    found = store.exposures()
    assert found[["visit", "detector", "band"]].to_numpy().tolist() == [[7, 2, "g"], [8, 1, "r"]]
    assert found["file"].tolist() == [str(tmp_path / "2.fits"), str(tmp_path / "1.fits")]
    assert store.exposures("band == 'r'")["visit"].tolist() == [8]
    assert store.exposures(band="g", panel="template")["visit"].tolist() == [7]
    assert len(store.exposures(panel="template")) == 1
    assert len(store.exposures(panel="difference")) == 0
    assert store.exposure(**found.iloc[0]).pixels[0, 0] == 2
    with pytest.raises(BadOption, match="no column 'tract'"):
        store.exposures(tract=3)
    assert FitsImages(science=tmp_path / "1.fits").exposures()["file"].tolist() == [str(tmp_path / "1.fits")]
    with pytest.raises(ImageNotFound, match="has no point-spread function at x 1, y 2"):
        store.psf(1, 2, **found.iloc[0])


def test_known_files_are_not_kept_open(tmp_path):
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only Linux lists the descriptors of a process")
    for number in range(20):
        write_afw(tmp_path / f"{number}.fits", image_of(*KEYS[0], "science"))
    rows = {"visit": np.arange(20), "science": [f"{number}.fits" for number in range(20)]}
    images = FitsImages.from_index(rows, folder=tmp_path)
    sources = [DiaSource(number, 53.0, -28.0, visit=number) for number in range(20)]
    before = len(list(Path("/proc/self/fd").iterdir()))
    shown = [triplet for _, triplet in read(sources, images, 10)]
    assert all(triplet.science is not None for triplet in shown)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert "20 idle" in repr(images._handles)
    again = [triplet for _, triplet in read(sources, images, 10)]
    for first, second in zip(shown, again, strict=True):
        assert_images_equal(first.science, second.science)
