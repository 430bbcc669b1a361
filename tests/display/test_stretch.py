"""Stretched levels agree with astropy.visualization for any numbers."""

from __future__ import annotations

import json
import math
import pickle
import warnings
from dataclasses import FrozenInstanceError, replace

import astropy.units as u
import numpy as np
import pytest
from astropy import visualization as av
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutout_widgets.display.levels import CURVES
from cutout_widgets.display.stretch import LIMITS, Stretch
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Image

INTERVALS = {
    "minmax": av.MinMaxInterval(),
    "zscale": av.ZScaleInterval(),
    "percentile": av.AsymmetricPercentileInterval(1, 99.5),
}
ASTROPY_CURVES = {
    "linear": av.LinearStretch(),
    "sqrt": av.SqrtStretch(),
    "log": av.LogStretch(),
    "asinh": av.AsinhStretch(),
    "squared": av.SquaredStretch(),
}
SHAPES = [(6, 30, 30), (4, 64, 64), (2, 90, 75), (9, 5, 4), (3, 1, 1), (2, 40, 25)]


def stretch_of(limits: str, curve: str = "linear") -> Stretch:
    return Stretch(limits, curve, lower=1, upper=99.5)


def starfield(shape: tuple[int, int, int], *, damaged: bool) -> np.ndarray:
    """Noise about 100 with a star of its own brightness in each; some have pixels without a value."""
    n, ny, nx = shape
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:ny, :nx]
    star = np.exp(-((y - ny / 2) ** 2 + (x - nx / 2) ** 2) / 8)
    stack = rng.normal(100, 5, shape) + star * rng.uniform(50, 2000, n)[:, None, None]
    stack = stack.astype(np.float32)
    if damaged and ny > 2:
        stack[::2, :2] = np.nan
        stack[0, -1, 0], stack[-1, -1, -1] = np.inf, -np.inf
    return stack


def astropy_bytes(image: np.ndarray, limits: str, curve: str) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        bent = ASTROPY_CURVES[curve](INTERVALS[limits](image, clip=True))
    return np.where(np.isnan(bent), 0, 1 + np.rint(254 * bent)).astype(int)


@pytest.mark.parametrize("damaged", [False, True], ids=["finite", "with NaN and inf"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("limits", list(INTERVALS))
def test_levels_agree_with_astropy_to_one_level(limits, curve, shape, damaged):
    stack = starfield(shape, damaged=damaged)
    expected = np.array([astropy_bytes(image, limits, curve) for image in stack])
    found = stretch_of(limits, curve).to_bytes(stack)
    assert found.dtype == np.uint8
    assert np.abs(found - expected).max() <= 1
    assert ((found == 0) == np.isnan(stack)).all()


@pytest.mark.parametrize("damaged", [False, True], ids=["finite", "with NaN and inf"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("limits", list(INTERVALS))
def test_limits_agree_with_astropy(limits, shape, damaged):
    stack = starfield(shape, damaged=damaged)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # polyfit on a single pixel
        expected = [INTERVALS[limits].get_limits(image) for image in stack]
    np.testing.assert_allclose(stretch_of(limits).limits_of(stack), expected, rtol=2e-6)


def test_zscale_limits_agree_with_astropy_for_integers_steps_gradients_and_outliers():
    rng = np.random.default_rng(11)
    y, x = np.mgrid[:50, :50]
    images = [
        rng.poisson(3, (50, 50)).astype(float),
        (x > 24).astype(float),
        x + 0.01 * y,
        np.where(rng.random((50, 50)) < 0.02, 1e6, rng.normal(0, 1, (50, 50))),
        np.where(rng.random((50, 50)) < 0.4, 50.0, rng.normal(0, 1, (50, 50))),
        rng.standard_cauchy((50, 50)),
        1e9 + rng.normal(0, 1, (50, 50)),
    ]
    expected = [INTERVALS["zscale"].get_limits(image) for image in images]
    np.testing.assert_allclose(Stretch("zscale").limits_of(np.array(images)), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("contrast", [0.05, 0.5, 1.0, 0.0])
def test_zscale_contrast_agrees_with_astropy(contrast):
    stack = starfield((3, 40, 40), damaged=False)
    expected = [av.ZScaleInterval(contrast=contrast).get_limits(image) for image in stack]
    np.testing.assert_allclose(Stretch("zscale", contrast=contrast).limits_of(stack), expected, rtol=2e-6)


def test_an_image_is_stretched_the_same_alone_and_in_a_stack():
    stack = starfield((5, 30, 30), damaged=True)
    for limits in LIMITS[:3]:
        stretch = stretch_of(limits, "asinh")
        together = stretch.to_bytes(stack)
        assert all(
            np.array_equal(stretch.to_bytes(image), one) for image, one in zip(stack, together, strict=True)
        )


def test_linear_levels_have_the_expected_values():
    assert Stretch().to_bytes(np.array([[0.0, 1.0, 2.0, np.nan]])).tolist() == [[1, 128, 255, 0]]


def test_nan_is_no_data_and_infinities_are_clipped_without_affecting_the_limits():
    image = np.array([[0.0, 10.0, np.nan, np.inf, -np.inf]], np.float32)
    for limits in ("minmax", "percentile"):
        assert Stretch(limits).limits_of(image).tolist() == [[0.0, 10.0]]
        assert Stretch(limits).to_bytes(image).tolist() == [[1, 255, 0, 255, 1]]


def test_a_constant_image_is_dark_as_in_astropy():
    image = np.full((8, 8), 3.5, np.float32)
    for limits in ("minmax", "zscale", "percentile"):
        for curve in CURVES:
            assert (stretch_of(limits, curve).to_bytes(image) == 1).all()
            assert (astropy_bytes(image, limits, curve) == 1).all()


def test_a_constant_zero_of_either_sign_is_dark():
    image = np.array([[0.0, -0.0]], np.float32)
    for limits in ("minmax", "zscale", "percentile"):
        assert Stretch(limits).to_bytes(image).tolist() == [[1, 1]]
        assert Stretch(limits).to_bytes(-image).tolist() == [[1, 1]]


def test_equal_limits_separate_lower_from_higher_values():
    stretch = Stretch("user", vmin=5, vmax=5)
    assert stretch.to_bytes(np.array([[4.0, 5.0, 5.000001, np.nan]])).tolist() == [[1, 1, 255, 0]]


@pytest.mark.parametrize("limits", ["minmax", "zscale", "percentile", "sigma"])
def test_an_image_without_a_finite_pixel_has_no_limits(limits):
    image = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    assert np.isnan(Stretch(limits).limits_of(image)).all()
    assert Stretch(limits).to_bytes(image).tolist() == [[0, 255, 1]]
    assert not Stretch(limits).to_bytes(np.full((2, 3, 3), np.nan)).any()


@pytest.mark.parametrize("shape", [(0, 4, 4), (2, 0, 4), (0, 0), (3, 4, 0)])
@pytest.mark.parametrize("limits", ["minmax", "zscale", "percentile", "sigma"])
def test_empty_arrays_stay_empty(limits, shape):
    empty = np.empty(shape, np.float32)
    assert Stretch(limits).to_bytes(empty).shape == shape
    assert Stretch(limits, central_px=3).to_bytes(empty).shape == shape
    assert Stretch(limits).to_bytes(empty).dtype == np.uint8


@pytest.mark.parametrize("dtype", ["f8", ">f4", ">f8", "f2", "u1", ">i2", "i4", "u8"])
def test_levels_do_not_depend_on_the_dtype(dtype):
    image = np.arange(200).reshape(10, 20)
    expected = Stretch("minmax", "asinh").to_bytes(image.astype("f4"))
    assert np.array_equal(Stretch("minmax", "asinh").to_bytes(image.astype(dtype)), expected)


def test_booleans_become_the_lowest_and_highest_level():
    assert Stretch().to_bytes(np.array([[True, False]])).tolist() == [[255, 1]]


def test_hidden_pixels_of_a_masked_array_are_no_data():
    image = np.ma.masked_array([[0.0, 1.0, 1e9]], mask=[[False, False, True]])
    assert Stretch().to_bytes(image).tolist() == [[1, 255, 0]]


def test_strided_views_are_stretched_like_copies():
    stack = starfield((4, 40, 40), damaged=False)[:, ::2, ::-1]
    assert np.array_equal(Stretch().to_bytes(stack), Stretch().to_bytes(stack.copy()))


def test_small_differences_on_a_high_level_are_kept_in_double_precision():
    image = 1e12 + np.array([[0.0, 0.5, 1.0]])
    assert Stretch().to_bytes(image).tolist() == [[1, 128, 255]]


@pytest.mark.parametrize("unit", [1e-38, 1e-33, 1.0, 1e36])
def test_levels_do_not_depend_on_the_unit(unit):
    image = (np.array([[-2.0, 0.0, 1.0, 2.0]]) * unit).astype(np.float32)
    assert Stretch().to_bytes(image).tolist() == [[1, 128, 192, 255]]


def test_the_widest_float32_range_does_not_overflow():
    top = float(np.finfo(np.float32).max)
    assert Stretch().to_bytes(np.array([[-top, 0, top]], np.float32)).tolist() == [[1, 128, 255]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Stretch("zscale").to_bytes(np.array([[-top, 0, top]], np.float32))


def test_the_input_is_not_modified():
    stack = starfield((3, 30, 30), damaged=True)
    before = stack.copy()
    for limits in LIMITS:
        stretch = Stretch(limits, vmin=0) if limits == "user" else Stretch(limits)
        stretch.to_bytes(stack)
    assert np.array_equal(stack, before, equal_nan=True)


def test_numpy_error_settings_are_restored():
    before = np.geterr(), np.getbufsize()
    Stretch().to_bytes(np.ones((2, 2)))
    assert (np.geterr(), np.getbufsize()) == before


def test_user_limits_clip():
    stretch = Stretch("user", vmin=0, vmax=10)
    assert stretch.to_bytes(np.array([[-5.0, 0.0, 5.0, 10.0, 15.0]])).tolist() == [[1, 1, 128, 255, 255]]


def test_with_one_user_limit_the_other_comes_from_the_image():
    image = np.array([[2.0, 4.0]])
    assert Stretch("user", vmin=0).limits_of(image).tolist() == [[0.0, 4.0]]
    assert Stretch("user", vmax=9).limits_of(image).tolist() == [[2.0, 9.0]]
    assert Stretch("user", vmin=7).limits_of(image).tolist() == [[7.0, 7.0]]


def test_central_limits_ignore_pixels_outside_the_centre():
    image = np.zeros((30, 30), np.float32)
    image[15, 15], image[0, 0] = 10.0, 1000.0
    assert Stretch("minmax", central_px=15).limits_of(image).tolist() == [[0.0, 10.0]]
    assert Stretch("minmax", central_px=15).to_bytes(image)[0, 0] == 255


def test_the_central_region_agrees_with_analysis_ap():
    image = np.arange(900.0).reshape(30, 30)
    centre = image[30 // 2 - 7 : 30 // 2 + 8, 30 // 2 - 7 : 30 // 2 + 8]
    assert Stretch(central_px=15).limits_of(image).tolist() == [[centre.min(), centre.max()]]


def test_without_valid_central_pixels_the_whole_image_is_used():
    image = np.array([[1.0, 2, 3], [4, np.nan, 6], [7, 8, 9]])
    assert Stretch(central_px=1).limits_of(image).tolist() == [[1.0, 9.0]]
    assert Stretch(central_px=15).limits_of(image).tolist() == [[1.0, 9.0]]


def test_sigma_limits_use_the_median_variance_and_are_centred_on_zero():
    image = np.array([[-3.0, 0.0, 3.0, 100.0]])
    variance = np.array([[1.0, 1.0, 4.0, np.inf]])
    stretch = Stretch("sigma", k=3)
    assert stretch.limits_of(image, variance=variance).tolist() == [[-3.0, 3.0]]
    assert stretch.to_bytes(image, variance=variance).tolist() == [[1, 128, 255, 255]]


@pytest.mark.parametrize(
    ("variance", "median"),
    [
        ([9.0, 1.0, 4.0, 2.0], 3.0),
        ([9.0, 1.0, 4.0, np.nan], 4.0),
        ([9.0, -1.0, 0.0, 2.0], 5.5),
        ([7.0, np.inf, np.nan, 0.0], 7.0),
        ([9.0, 1.0, 4.0, 2.0, 3.0], 3.0),
        ([5.0], 5.0),
    ],
)
def test_sigma_is_the_median_of_the_positive_variances_alone_and_among_others(variance, median):
    alone = np.array([[variance]])
    others = np.ones_like(alone)
    together = np.concatenate([others, alone, others * np.nan, alone[..., ::-1]])
    sigma = Stretch("sigma", k=1).limits_of(np.zeros_like(together), variance=together)[:, 1]
    assert sigma[0] == 1.0
    assert sigma[[1, 3]].tolist() == [math.sqrt(median)] * 2


@pytest.mark.parametrize("curve", CURVES)
def test_sigma_limits_map_zero_to_the_middle_level_symmetrically(curve):
    image = np.linspace(-20, 20, 41).reshape(1, 41)
    levels = Stretch("sigma", curve).to_bytes(image).astype(int)[0]
    assert levels[20] == 128
    assert (np.abs((levels - 128) + (levels - 128)[::-1]) <= 1).all()


def test_without_variance_sigma_is_the_median_absolute_deviation():
    noise = np.random.default_rng(3).normal(7, 2, (2, 100, 100))
    np.testing.assert_allclose(Stretch("sigma", k=1).limits_of(noise)[:, 1], 2, rtol=0.03)
    hopeless = np.full_like(noise, np.inf)
    found = Stretch("sigma", k=1).limits_of(noise, variance=hopeless)
    np.testing.assert_allclose(found, Stretch("sigma", k=1).limits_of(noise))


def test_the_median_absolute_deviation_is_that_of_the_finite_pixels():
    even = [1.0, 2.0, 3.0, 10.0]  # median 2.5; deviations 0.5, 0.5, 1.5, 7.5
    odd = [1.0, 2.0, 10.0, np.inf]  # median 2; deviations 0, 1, 8
    found = Stretch("sigma", k=1).limits_of(np.array([[even], [odd]]))
    np.testing.assert_allclose(found[:, 1], [1.482602218505602, 1.482602218505602], rtol=1e-15)


def test_sigma_limits_of_a_noiseless_image_are_centred_on_zero():
    assert (Stretch("sigma").to_bytes(np.zeros((4, 4))) == 128).all()
    spike = np.zeros((4, 4))
    spike[0, 0] = 8.0
    assert Stretch("sigma").limits_of(spike).tolist() == [[-8.0, 8.0]]


def test_images_of_many_shapes_come_back_in_order():
    rng = np.random.default_rng(5)
    shapes = [(30, 30), (41, 63), (30, 30), (1, 7), (0, 3)]
    images = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    variances = [None, *(np.ones(shape) for shape in shapes[1:])]
    for limits in ("zscale", "sigma"):
        stretch = Stretch(limits, "asinh")
        together = stretch.to_bytes_each(images, variances=variances)
        for image, noise, found in zip(images, variances, together, strict=True):
            assert np.array_equal(found, stretch.to_bytes(image, variance=noise))


def test_an_empty_stack_gives_no_bytes():
    assert Stretch().to_bytes_each([]) == []


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("limits", ["minmax", "zscale", "sigma"])
def test_thresholds_reproduce_the_levels_exactly(limits, curve):
    for image in starfield((4, 40, 40), damaged=True):
        stretch = Stretch(limits, curve)
        thresholds = stretch.thresholds(image)
        assert thresholds.shape == (254,)
        assert thresholds.dtype == np.float32
        known = ~np.isnan(image)
        levels = 1 + np.searchsorted(thresholds, image[known], side="right")
        assert np.array_equal(levels, stretch.to_bytes(image)[known])


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
anything = st.floats(width=32)


@settings(max_examples=150)
@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=anything),
    st.sampled_from(CURVES),
    st.sampled_from(["minmax", "zscale", "percentile", "sigma"]),
)
def test_thresholds_increase_and_agree_with_the_levels_for_any_float32(image, curve, limits):
    stretch = stretch_of(limits, curve)
    thresholds = stretch.thresholds(image)
    assert (thresholds[1:] >= thresholds[:-1]).all()
    levels = 1 + (thresholds[:, None, None] <= image).sum(axis=0)
    assert np.array_equal(np.where(np.isnan(image), 0, levels), stretch.to_bytes(image))


@settings(max_examples=150)
@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=finite),
    st.sampled_from(CURVES),
    st.sampled_from(LIMITS[:3]),
)
def test_a_brighter_pixel_is_never_darker(image, curve, limits):
    levels = stretch_of(limits, curve).to_bytes(image).ravel()[np.argsort(image, axis=None)]
    assert (np.diff(levels.astype(int)) >= 0).all()
    assert levels.min() >= 1


@settings(max_examples=150)
@given(
    hnp.arrays(np.float64, (3, 4), elements=st.floats()),
    st.sampled_from(CURVES),
    st.sampled_from(["minmax", "zscale", "percentile", "sigma"]),
)
def test_only_nan_becomes_no_data(image, curve, limits):
    levels = stretch_of(limits, curve).to_bytes(image)
    assert np.array_equal(levels == 0, np.isnan(image))
    assert (levels[image == np.inf] == 255).all()
    assert (levels[image == -np.inf] == 1).all()


@settings(max_examples=100)
@given(hnp.arrays(np.float32, (6, 5), elements=anything), st.sampled_from(LIMITS[:3]))
def test_non_finite_pixels_never_affect_the_limits(image, limits):
    finite_pixels = image[np.isfinite(image)]
    found = stretch_of(limits).limits_of(image)
    if finite_pixels.size:
        assert np.array_equal(found, stretch_of(limits).limits_of(finite_pixels[np.newaxis]))
    else:
        assert np.isnan(found).all()


@pytest.mark.parametrize(
    "options",
    [
        {"limits": "maxmin"},
        {"curve": "asin"},
        {"limits": "percentile", "lower": 60, "upper": 40},
        {"limits": "percentile", "upper": 101},
        {"limits": "user"},
        {"limits": "user", "vmin": 3, "vmax": 2},
        {"limits": "user", "vmin": float("nan")},
        {"limits": "user", "vmin": "3"},
        {"vmin": 3},
        {"contrast": -1},
        {"contrast": float("inf")},
        {"k": 0},
        {"curve": "sqrt", "a": 0.1},
        {"curve": "asinh", "a": 0.0},
        {"curve": "log", "a": 1e6},
        {"central_px": 0},
        {"central_px": 1.5},
    ],
    ids=str,
)
def test_invalid_options_are_refused(options):
    with pytest.raises(BadOption):
        Stretch(**options)


@pytest.mark.parametrize(
    "pixels", [np.zeros(4), np.zeros((1, 1, 1, 1)), np.zeros((2, 2), complex), np.array([["a"]])], ids=str
)
def test_something_that_is_not_an_image_is_refused(pixels):
    with pytest.raises(BadOption, match="image"):
        Stretch().to_bytes(pixels)


def test_a_variance_of_another_shape_is_refused():
    with pytest.raises(BadOption, match="variance"):
        Stretch("sigma").to_bytes(np.zeros((2, 2)), variance=np.zeros((3, 3)))


def test_thresholds_of_a_stack_are_refused():
    with pytest.raises(BadOption, match="one image"):
        Stretch().thresholds(np.zeros((2, 3, 3)))


def test_the_asinh_softening_agrees_with_astropy():
    image = np.linspace(0, 1, 300, dtype=np.float32).reshape(1, 300)
    for curve, theirs, a in (("asinh", av.AsinhStretch, 0.01), ("log", av.LogStretch, 100.0)):
        expected = 1 + np.rint(254 * theirs(a)(image))
        assert np.abs(Stretch("minmax", curve, a=a).to_bytes(image) - expected).max() <= 1


def test_equal_stretches_compare_equal_and_hash_alike():
    one, same = Stretch("user", "log", vmin=1), Stretch("user", "log", vmin=1)
    assert one == same
    assert hash(one) == hash(same)
    assert one != replace(one, vmin=2)
    assert pickle.loads(pickle.dumps(one)) == one
    assert Stretch.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    with pytest.raises(FrozenInstanceError):
        one.curve = "linear"


def test_an_unknown_option_is_named():
    with pytest.raises(BadOption, match="softness"):
        Stretch.from_dict({"curve": "log", "softness": 3})


def test_limits_with_a_unit_are_converted_to_the_unit_of_the_image():
    stretch = Stretch("user", "linear", vmin=0 * u.uJy, vmax=1 * u.uJy)
    assert (stretch.vmin, stretch.vmax, stretch.unit) == (0.0, 1.0, "uJy")
    image = Image(np.array([[0.0, 500.0, 1000.0]]), unit="nJy")
    assert stretch.to_bytes(image).tolist() == [[1, 128, 255]]
    assert stretch.to_bytes(image.pixels * u.nJy).tolist() == [[1, 128, 255]]
    assert stretch.limits_of(image)[0] == pytest.approx([0.0, 1000.0])
    assert len(np.unique(stretch.thresholds(image))) == 254


def test_images_of_several_units_get_the_same_limits():
    stretch = Stretch("user", "linear", vmin=0 * u.nJy, vmax=1000 * u.nJy)
    pixels = np.array([[0.0, 1.0]])
    levels = stretch.to_bytes_each([pixels, pixels], units=["uJy", "nJy"])
    assert [one.tolist() for one in levels] == [[[1, 255]], [[1, 1]]]


@pytest.mark.parametrize(("unit", "said"), [(None, "need an image with a unit"), ("adu", "converted to adu")])
def test_limits_with_a_unit_refuse_an_image_in_an_incompatible_unit(unit, said):
    stretch = Stretch("user", "linear", vmax=1 * u.uJy)
    with pytest.raises(BadOption, match=said):
        stretch.to_bytes(Image(np.ones((2, 2)), unit=unit))


def test_both_limits_must_have_a_unit_or_neither():
    with pytest.raises(BadOption, match="vmin and vmax both have a unit or neither has"):
        Stretch("user", "linear", vmin=0.0, vmax=1 * u.uJy)
    with pytest.raises(BadOption, match="vmax must be in nJy, or a Quantity that converts to it; got 1 m"):
        Stretch("user", "linear", vmin=0 * u.nJy, vmax=1 * u.m)


def test_limits_with_a_unit_survive_json():
    stretch = Stretch("user", "linear", vmin=0 * u.uJy, vmax=1 * u.uJy)
    assert Stretch.from_dict(json.loads(json.dumps(stretch.to_dict()))) == stretch
    assert "unit" not in Stretch().to_dict()
