"""An image and its planes, WCS and metadata have consistent shapes."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from astropy import units as u
from astropy.utils.masked import Masked
from astropy.wcs import WCS

from cutout_widgets.errors import BadOption, CutoutWarning
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import PANELS, Image, Triplet


def tan_wcs() -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [10, -5], [3, 2], [-5e-5, 5e-5]
    wcs.wcs.set()
    return wcs


def test_an_image_of_an_array_starts_at_the_origin():
    assert Image(np.zeros((3, 5))).box == Box(0, 3, 0, 5)
    assert Image(np.zeros((3, 5))).shape == (3, 5)


def test_an_empty_array_makes_an_empty_image():
    assert Image(np.zeros((0, 5))).box == Box(0, 0, 0, 5)


@pytest.mark.parametrize("name", ["mask", "variance", "weight"])
def test_a_mask_or_variance_of_another_shape_is_refused(name):
    with pytest.raises(ValueError, match=name):
        Image(np.zeros((3, 5)), **{name: np.zeros((5, 3), np.uint32)})


def test_a_box_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="pixels has shape"):
        Image(np.zeros((3, 5)), box=Box(0, 5, 0, 3))


@pytest.mark.parametrize("shape", [(), (4,), (1, 2, 3)])
def test_only_two_dimensional_arrays_are_accepted(shape):
    with pytest.raises(ValueError, match="two-dimensional"):
        Image(np.zeros(shape))


def test_a_mask_plane_is_read_by_its_bit():
    image = Image(np.zeros((1, 3)), mask=np.array([[1, 2, 3]], np.uint32), planes={"BAD": 0, "SAT": 1})
    assert image.has_plane("SAT").tolist() == [[False, True, True]]
    assert image.has_plane("BAD").tolist() == [[True, False, True]]


def test_the_highest_bit_can_be_a_plane():
    image = Image(np.zeros((1, 2)), mask=np.array([[1 << 31, 0]], np.uint32), planes={"TOP": 31})
    assert image.has_plane("TOP").tolist() == [[True, False]]


def test_an_unknown_plane_is_not_set_anywhere():
    assert not Image(np.zeros((2, 2))).has_plane("BAD").any()
    assert not Image(np.zeros((2, 2)), mask=np.ones((2, 2), np.uint32)).has_plane("BAD").any()


def test_mask_planes_are_a_read_only_copy():
    planes = {"BAD": 0}
    image = Image(np.zeros((2, 2)), planes=planes)
    planes["BAD"] = 7
    assert image.planes["BAD"] == 0
    with pytest.raises(TypeError):
        image.planes["BAD"] = 7


def test_an_image_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Image(np.zeros((2, 2))).unit = "adu"


def test_the_reference_pixel_has_the_reference_position():
    at = Image(np.zeros((4, 4)), wcs=tan_wcs()).sky_at(2, 1)
    assert (at.ra.deg, at.dec.deg) == pytest.approx((10, -5))
    assert Image(np.zeros((4, 4))).sky_at(2, 1) is None


def test_pickling_keeps_all_of_an_image():
    image = Image(
        np.arange(6.0).reshape(2, 3),
        box=Box(10, 12, 20, 23),
        mask=np.ones((2, 3), np.uint32),
        planes={"BAD": 0},
        variance=np.full((2, 3), 2.0),
        wcs=tan_wcs(),
        unit="nJy",
        anchor=XY(21.0, 11.0),
        origin="packet 7",
    )
    same = pickle.loads(pickle.dumps(image))
    assert np.array_equal(same.pixels, image.pixels)
    assert np.array_equal(same.mask, image.mask)
    assert np.array_equal(same.variance, image.variance)
    assert (same.box, same.planes, same.unit, same.anchor, same.origin) == (
        image.box,
        image.planes,
        "nJy",
        XY(21.0, 11.0),
        "packet 7",
    )
    assert same.sky_at(2, 1).separation(image.sky_at(2, 1)).arcsec == pytest.approx(0, abs=1e-9)


def test_replaced_changes_only_the_copy():
    image = Image(np.zeros((2, 2)), unit="nJy", planes={"BAD": 3})
    other = image.replaced({"unit": "adu"})
    assert (image.unit, other.unit) == ("nJy", "adu")
    assert other.planes == {"BAD": 3}
    assert replace(other, unit="nJy").unit == "nJy"


def test_a_triplet_is_ordered_template_science_difference():
    images = [Image(np.full((1, 1), float(k))) for k in range(3)]
    triplet = Triplet(*images)
    assert list(triplet) == images
    assert [getattr(triplet, panel) for panel in PANELS] == images


def test_a_problem_is_found_by_its_panel():
    triplet = Triplet(problems=("template: no such file", "science: it is: broken"))
    assert triplet.problem_of("science") == "it is: broken"
    assert triplet.problem_of("difference") is None


def test_the_best_panel_is_science_then_difference_then_template():
    template, science, difference = (Image(np.zeros((1, 1))) for _ in range(3))
    assert Triplet(template, science, difference).best is science
    assert Triplet(template, None, difference).best is difference
    assert Triplet(template).best is template
    assert Triplet().best is None


# --- as an array, and as astropy's NDData ------------------------------------------------------------


def full_image() -> Image:
    mask = np.zeros((6, 8), np.uint32)
    mask[0, 0], mask[2, 3], mask[4, 4] = 1 << 1, 1 << 5, 1 << 3
    pixels = np.arange(48, dtype=np.float32).reshape(6, 8)
    return Image(
        pixels,
        box=Box(100, 106, 200, 208),
        mask=mask,
        planes={"BAD": 1, "DETECTED": 5, "SATURATED": 3},
        variance=np.full((6, 8), 4.0, np.float32),
        weight=np.ones((6, 8), np.float32),
        wcs=tan_wcs(),
        unit="nJy",
        psf=np.ones((3, 3)),
    )


def test_numpy_converts_an_image_to_its_pixels():
    image = full_image()
    assert np.asarray(image) is image.pixels
    assert np.array(image) is not image.pixels
    assert np.asarray(image, dtype=float).dtype == float
    assert float(np.mean(image)) == 23.5
    assert (len(image), image.ndim, image.dtype) == (6, 2, np.float32)


def test_a_slice_is_an_image_with_its_parent_position():
    image = full_image()
    part = image[1:5, -6:]
    assert part.box == Box(101, 105, 202, 208)
    assert part.pixels.tolist() == image.pixels[1:5, 2:].tolist()
    assert part.has_plane("DETECTED")[1, 1]
    assert part.weight.shape == part.variance.shape == (4, 6)
    assert part.wcs is image.wcs
    assert image[2:].box == Box(102, 106, 200, 208)
    assert image[1:5][1:2, :3].box == Box(102, 103, 200, 203)


def test_other_indices_return_pixels():
    image = full_image()
    assert image[1, 2] == 10.0
    assert image[image.has_plane("DETECTED")].tolist() == [19.0]
    assert image[0].shape == (8,)


@pytest.mark.parametrize("key", [np.s_[::2], np.s_[:, ::-1], np.s_[4:4], np.s_[9:]])
def test_a_slice_with_steps_or_without_pixels_is_refused(key):
    with pytest.raises(BadOption, match="a rectangle of its"):
        full_image()[key]


def test_matplotlib_shows_an_image():
    from matplotlib.figure import Figure

    shown = Figure().subplots().imshow(full_image(), origin="lower")
    assert shown.get_array().shape == (6, 8)


def test_ccddata_has_the_sky_of_its_own_pixels():
    image = full_image()
    data = image.to_ccddata()
    assert data.wcs.pixel_to_world(3, 2).separation(image.sky_at(203, 102)).arcsec < 1e-6
    assert str(data.unit) == "nJy"
    assert data.uncertainty.array.tolist() == image.variance.tolist()
    assert np.argwhere(data.mask).tolist() == [[0, 0], [4, 4]]
    assert np.argwhere(image.to_ccddata(["DETECTED"]).mask).tolist() == [[2, 3]]


def test_an_image_comes_back_from_ccddata():
    image = full_image()
    back = Image.from_nddata(image.to_ccddata())
    assert (back.box, back.unit, dict(back.planes)) == (image.box, "nJy", dict(image.planes))
    for name in ("pixels", "mask", "variance", "psf"):
        assert getattr(back, name).tolist() == getattr(image, name).tolist()
    assert back.sky_at(203, 102).separation(image.sky_at(203, 102)).arcsec < 1e-6


def test_a_boolean_mask_and_a_standard_deviation_are_understood():
    from astropy.nddata import NDData, StdDevUncertainty

    data = NDData(
        np.ones((2, 3)), mask=np.eye(2, 3, dtype=bool), uncertainty=StdDevUncertainty(np.full((2, 3), 3.0))
    )
    image = Image.from_nddata(data)
    assert image.has_plane("BAD").tolist() == np.eye(2, 3, dtype=bool).tolist()
    assert image.variance.tolist() == [[9.0] * 3] * 2
    assert image.unit is None


def test_a_cube_is_refused():
    from astropy.nddata import NDData

    with pytest.raises(BadOption, match="two-dimensional"):
        Image.from_nddata(NDData(np.ones((2, 3, 4))))


def test_masked_pixels_become_nan_and_a_quantity_sets_the_unit():
    masked = np.ma.array(np.full((5, 5), 7.0), mask=np.eye(5, dtype=bool))
    masked.data[0, 0] = 1e20
    assert np.isnan(np.diag(Image(masked).pixels)).all()
    assert np.isnan(cut(Image(masked), Box(-1, 2, -1, 2)).pixels[1, 1])
    assert np.isnan(Image(masked.astype(int)).pixels[1, 1])
    whole = Image(np.ones((2, 2)) * u.nJy)
    assert (type(whole.pixels), whole.unit) == (np.ndarray, "nJy")
    assert np.isnan(Image(Masked(np.ones((2, 2)) * u.nJy, mask=np.eye(2, dtype=bool))).pixels[0, 0])


@pytest.mark.parametrize(
    ("mask", "planes", "said"),
    [
        (np.full((2, 2), 2**40), {}, "bit 40 of this one is set"),
        (np.zeros((2, 2), int), {"X": 40}, "move the planes X \\(bit 40\\) there"),
        (np.zeros((2, 2)), {}, "got float64"),
    ],
)
def test_a_mask_that_32_bits_cannot_hold_is_refused(mask, planes, said):
    with pytest.raises(BadOption, match=said):
        Image(np.zeros((2, 2)), mask=mask, planes=planes)


def test_masks_of_any_integer_or_boolean_dtype_are_accepted():
    for mask in (np.eye(2, dtype=bool), np.eye(2, dtype=np.int64), np.eye(2, dtype=">i2")):
        image = Image(np.zeros((2, 2)), mask=mask, planes={"X": 0})
        assert image.has_plane("X").tolist() == [[True, False], [False, True]]
    signed = np.array([[-(2**31), 0]], dtype=np.int32)
    assert Image(np.zeros((1, 2)), mask=signed, planes={"X": 31}).has_plane("X").tolist() == [[True, False]]


@pytest.mark.parametrize("have", ["SAT", "SATURATED"])
@pytest.mark.parametrize("asked", ["SAT", "SATURATED"])
def test_mask_planes_are_found_by_old_and_new_names(have, asked):
    image = Image(np.zeros((2, 2)), mask=np.eye(2, dtype=np.uint32) << 3, planes={have: 3})
    assert image.has_plane(asked).tolist() == [[True, False], [False, True]]
    clean = image.without_plane(asked)
    assert not clean.mask.any()
    assert dict(clean.planes) == {}
    assert image.mask.any()


def test_a_known_plane_can_be_absent_but_an_unknown_name_is_reported():
    image = Image(np.zeros((2, 2)), mask=np.ones((2, 2), np.uint32), planes={"BAD": 0})
    assert not image.has_plane("STREAK").any()
    assert image.without_plane("STREAK", "DETECTED").has_plane("BAD").all()
    with pytest.warns(CutoutWarning, match="there is no mask plane 'SATURATE'; did you mean SATURATED"):
        assert not image.has_plane("SATURATE").any()
    with pytest.warns(CutoutWarning, match="no mask plane 'sat'; did you mean SAT"):
        image.without_plane("sat")
