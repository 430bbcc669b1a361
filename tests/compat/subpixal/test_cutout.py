"""subpixal's names compared with subpixal's results case by case, and cases where we must do better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from cutout_widgets.compat import subpixal
from cutout_widgets.compat.subpixal import Cutout, NoOverlapError, PartialOverlapError

BETTER = {"m15", "b05", "c13", "c17", "fv_int_nan32", "fv_int_over"}
"""Cases the README says not to follow, as far as subpixal's own names can do better; tested below."""


def slices(pair: tuple[slice, slice]) -> list[int]:
    return [pair[0].start, pair[0].stop, pair[1].start, pair[1].stop]


def number(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


def make(case: dict[str, Any], arrays: dict[str, np.ndarray]) -> Cutout:
    """Call the class with the arguments of an extraction case."""
    data = None if case["data"] is None else arrays[case["data"]]
    given = dict(case["kw"])
    for name in ("dq", "weight"):
        if case[name] is not None:
            given[name] = np.zeros(data.shape[::-1], int) if case[name] == "__bad__" else arrays[case[name]]
    if case["fillval"] != "default":
        given["fillval"] = number(case["fillval"])
    trc = None if case["trc"] is None else tuple(case["trc"])
    return Cutout(data, None, tuple(case["blc"]), trc, mode=case["mode"], **given)


def test_extraction_agrees_with_subpixal(golden):
    inputs, expected = golden.arrays("extraction_inputs"), golden.arrays("extraction_expected")
    before = {name: array.copy() for name, array in inputs.items()}
    tried = 0
    for case in golden.cases("extraction")["cases"]:
        if case["id"] in BETTER:
            continue
        tried += 1
        want = case["expect"]
        if "error" in want:
            error = {"NoOverlapError": NoOverlapError, "PartialOverlapError": PartialOverlapError}
            with pytest.raises(error.get(want["error"], ValueError)) as caught:
                make(case, inputs)
            assert isinstance(caught.value, ValueError)
            if want["error"] == "ValueError":
                assert not isinstance(caught.value, (NoOverlapError, PartialOverlapError))
            continue
        cutout = make(case, inputs)
        one = case["id"]
        assert list(cutout.data.shape) == want["shape"], one
        assert cutout.data.dtype.str == want["dtype"], one
        assert (list(cutout.blc), list(cutout.trc)) == (want["blc"], want["trc"]), one
        assert (cutout.width, cutout.height, list(cutout.naxis)) == (
            want["width"],
            want["height"],
            want["naxis"],
        )
        assert slices(cutout.extraction_slice) == want["extraction"], one
        assert slices(cutout.insertion_slice) == want["insertion"], one
        assert cutout.get_bbox("orig").tolist() == want["bbox_orig"], one
        assert cutout.get_bbox("blc").tolist() == want["bbox_blc"], one
        assert list(cutout.src_pos) == want["src_pos"], one
        assert list(cutout.cutout_src_pos) == want["cutout_src_pos"], one
        assert (cutout.src_id, cutout.exptime, cutout.data_units) == (
            want["src_id"],
            want["exptime"],
            want["data_units"],
        )
        assert (~cutout.mask).sum() == want["n_good"], one
        np.testing.assert_array_equal(cutout.mask, expected[f"{one}__mask"])
        compared = np.ones(cutout.data.shape, bool) if want["compare_data"] == "all" else ~cutout.mask
        np.testing.assert_array_equal(cutout.data[compared], expected[f"{one}__data"][compared])
        for name in ("dq", "weight"):
            array = getattr(cutout, name)
            assert (array is None) == (f"{one}__{name}" not in expected), one
            if array is not None:
                assert array.dtype.str == want[f"{name}_dtype"], one
                np.testing.assert_array_equal(array, expected[f"{one}__{name}"])
    assert tried >= 57
    for name, array in inputs.items():
        np.testing.assert_array_equal(array, before[name])


def test_world_coordinates_agree_with_subpixal(golden):
    for case in golden.cases("wcs")["cases"]:
        want, origin, one = case["expect"], case["origin"], case["id"]
        data = np.zeros(case["shape"], np.float32)
        wcs = golden.wcs(case["wcs"])
        cutout = Cutout(data, wcs, tuple(case["blc"]), tuple(case["trc"]), mode=case["mode"])
        cutout.dx, cutout.dy = case["dx"], case["dy"]
        assert cutout.get_bbox("orig").tolist() == want["bbox_orig"], one
        assert cutout.get_bbox("blc").tolist() == want["bbox_blc"], one
        np.testing.assert_allclose(
            cutout.get_bbox("world"), want["bbox_world"], rtol=0, atol=1e-11, err_msg=one
        )
        assert cutout.pscale == pytest.approx(want["pscale"], rel=1e-12)
        pixels = np.array(want["pix"])
        given = pixels.copy()
        world = cutout.pix2world(given, origin=origin)
        np.testing.assert_allclose(world, want["world"], rtol=0, atol=1e-11, err_msg=one)
        np.testing.assert_array_equal(given, pixels)  # subpixal adds the corner to its argument
        back = cutout.world2pix(np.array(want["world"]), origin=origin)
        np.testing.assert_allclose(back, want["pix_back"], rtol=0, atol=1e-6, err_msg=one)
        np.testing.assert_allclose(back, pixels, rtol=0, atol=2e-5, err_msg=one)
        two = cutout.world2pix(*np.array(want["world"]).T, origin=origin)
        assert isinstance(two, list)
        np.testing.assert_array_equal(np.column_stack(two), back)


class Mapping:
    """The mapping cases, run in order, since each uses the results of the previous ones."""

    def __init__(self, golden) -> None:
        self.golden = golden
        self.inputs = golden.arrays("mapping_inputs")
        self.expected = golden.arrays("mapping_expected")
        described = golden.cases("mapping")
        self.cases = {case["id"]: case for case in described["cases"]}
        self.catalogues = {name: Table(columns) for name, columns in described["catalogs"].items()}
        self.results: dict[str, Any] = {}

    def run(self, one: str) -> Any:
        if one not in self.results:
            case = self.cases[one]
            given = {name: self.argument(name, value) for name, value in case["args"].items()}
            self.results[one] = getattr(subpixal, case["function"])(**given)
        return self.results[one]

    def argument(self, name: str, value: Any) -> Any:
        if name == "catalog":
            return self.catalogues[value]
        if name in ("primary_cutouts", "input_cutouts"):
            result = self.run(value)
            return result[0] if isinstance(result, tuple) else result
        if name.endswith("wcs"):
            return self.golden.wcs(value)
        if isinstance(value, str) and not name.endswith(("units", "bitmask")):
            return self.inputs[value]
        return value


@pytest.fixture(scope="module")
def mapping(golden) -> Mapping:
    return Mapping(golden)


def assert_cutouts(mapping: Mapping, one: str, kind: str, cutouts: list[Cutout], want: list[dict]) -> None:
    assert [cutout.src_id for cutout in cutouts] == [expected["src_id"] for expected in want], one
    for k, (cutout, expected) in enumerate(zip(cutouts, want, strict=True)):
        where = f"{one} {kind} {k}"
        for name in ("blc", "trc"):
            assert list(getattr(cutout, name)) == expected[name], where
        assert slices(cutout.extraction_slice) == expected["extraction"], where
        assert slices(cutout.insertion_slice) == expected["insertion"], where
        for name in ("src_pos", "cutout_src_pos"):
            assert list(getattr(cutout, name)) == pytest.approx(expected[name], abs=2e-5), where
        for name in ("src_weight", "exptime", "data_units"):
            assert getattr(cutout, name) == expected[name], where
        assert (~cutout.mask).sum() == expected["n_good"], where
        assert cutout.data.dtype.str == expected["dtype"], where
        for name in ("data", "mask", "dq", "weight"):
            array = mapping.expected.get(f"{one}__{kind}__{k}__{name}")
            if array is None:
                assert name in ("dq", "weight"), where
                assert getattr(cutout, name) is None, where
            else:
                np.testing.assert_array_equal(getattr(cutout, name), array, err_msg=f"{where} {name}")


def test_mapping_agrees_with_subpixal(mapping):
    before = {name: array.copy() for name, array in mapping.inputs.items()}
    for one, case in mapping.cases.items():
        want = case["expect"]
        if one in BETTER:
            continue
        if "error" in want:
            assert want["is_value_error"], one
            with pytest.raises(ValueError, match="weight"):
                mapping.run(one)
            continue
        result = mapping.run(one)
        if case["function"] == "create_primary_cutouts":
            assert_cutouts(mapping, one, "prim", result, want["cutouts"])
        elif case["function"] == "create_cutouts":
            assert_cutouts(mapping, one, "flt", result[0], want["flt_cutouts"])
            assert_cutouts(mapping, one, "drz", result[1], want["drz_cutouts"])
        else:
            kind = "flt" if case["function"] == "create_input_image_cutouts" else "drz"
            assert_cutouts(mapping, one, kind, result[0], want["cutouts"])
            assert [cutout.src_id for cutout in result[1]] == want["valid_input_ids"], one
    for name, array in mapping.inputs.items():
        np.testing.assert_array_equal(array, before[name])


def test_sources_that_cannot_be_projected_are_skipped(mapping):
    assert mapping.run("m15") == ([], [])
    assert mapping.run("c17") == ([], [])


def test_one_source_that_fails_does_not_affect_the_others(mapping):
    good = mapping.run("p01")
    lost = Cutout(good[0].data, mapping.golden.wcs("flt_sip_far"), src_id=77)
    given = mapping.inputs["flt"], mapping.golden.wcs("flt_sip")
    made, valid = subpixal.create_input_image_cutouts([good[0], lost, *good[1:]], *given)
    expected, kept = subpixal.create_input_image_cutouts(good, *given)
    assert [cutout.src_id for cutout in made] == [cutout.src_id for cutout in expected]
    assert valid == kept != []


def test_a_box_off_the_image_only_loses_its_own_source(mapping):
    catalogue = mapping.catalogues["all"]
    given = (mapping.inputs["seg"], mapping.inputs["drz"], mapping.golden.wcs("drz"))
    near = {cutout.src_id for cutout in subpixal.create_primary_cutouts(catalogue, *given, pad=1)}
    far = {cutout.src_id for cutout in subpixal.create_primary_cutouts(catalogue, *given, pad=8)}
    assert {3, 7} <= far < near


def test_large_ids_are_compared_exactly(mapping):
    made, _ = mapping.run("b05")
    assert [cutout.src_id for cutout in made] == [70003, 70007, 70012]
    sources = mapping.run("p16")
    for cutout, source in zip(made, sources, strict=True):
        assert (~cutout.mask).sum() == (~source.mask).sum()


def test_equal_pixel_scales_give_equal_paddings(mapping):
    case = mapping.cases["c13"]
    flt, drz = mapping.run("c13")
    assert_cutouts(mapping, "c13", "flt", flt, case["expect"]["flt_cutouts"])
    wcs = mapping.golden.wcs("drz")
    again, _ = subpixal.drz_from_input_cutouts(
        flt, mapping.inputs["seg"], mapping.inputs["drz"], wcs, pad=2, data_units="rate"
    )
    assert [cutout.blc for cutout in drz] == [cutout.blc for cutout in again]
    assert [cutout.trc for cutout in drz] == [cutout.trc for cutout in again]


@pytest.mark.parametrize("fillval", [np.nan, 70000, -40000, 0.5])
def test_a_fill_value_outside_the_dtype_is_refused(fillval):
    with pytest.raises(ValueError, match="cannot hold the fill value"):
        Cutout(np.zeros((5, 5), np.int16), None, (-1, 0), (3, 3), mode="fill", fillval=fillval)


def test_integral_floats_are_accepted_as_corners():
    cutout = Cutout(np.arange(20.0).reshape(4, 5), None, (1.0, 2.0), (np.float64(3), 3))
    assert cutout.data.tolist() == [[11, 12, 13], [16, 17, 18]]
    with pytest.raises(ValueError, match="whole pixels"):
        Cutout(np.zeros((4, 5)), None, (0.5, 0), (3, 3))


def test_attributes_can_be_set_and_are_validated():
    cutout = Cutout(np.ones((4, 5)), None, (1, 1), (3, 2), dq=np.ones((4, 5), np.uint8))
    cutout.data = np.zeros((2, 3))
    cutout.mask = np.ones((2, 3), int)
    cutout.dq, cutout.weight = None, np.full((2, 3), 2.0)
    cutout.src_pos, cutout.src_weight, cutout.data_units = (2.5, 1.25), 3.0, "Counts"
    assert cutout.mask.dtype == bool
    assert (cutout.cutout_src_pos, cutout.data_units, cutout.dq) == ((1.5, 0.25), "counts", None)
    cutout.cutout_src_pos = None
    assert cutout.src_pos == (2.0, 1.5)
    for name in ("data", "mask", "dq", "weight"):
        with pytest.raises(ValueError, match="has shape"):
            setattr(cutout, name, np.zeros((3, 2)))
    for name in ("data", "mask"):
        with pytest.raises(ValueError, match="cannot be None"):
            setattr(cutout, name, None)
    with pytest.raises(ValueError, match="wrt is"):
        cutout.get_bbox("sky")
    with pytest.raises(ValueError, match="WCS"):
        _ = cutout.pscale


def test_the_cutout_shares_no_memory_with_its_image():
    image = np.ones((4, 5))
    cutout = Cutout(image, None, dq=np.ones((4, 5), int), weight=image)
    cutout.data[:] = 7
    cutout.weight[:] = 8
    assert (image == 1).all()


def test_flags_beyond_32_bits_are_refused(mapping):
    wide = np.full(mapping.inputs["seg"].shape, 2**40)
    with pytest.raises(ValueError, match="32 bits"):
        subpixal.create_primary_cutouts(
            mapping.catalogues["safe"],
            mapping.inputs["seg"],
            mapping.inputs["drz"],
            mapping.golden.wcs("drz"),
            imdq=wide,
        )


def test_the_displacement_shifts_the_mapped_cutout(mapping):
    given = mapping.inputs["flt"], mapping.golden.wcs("drz")
    (still, *_), _ = subpixal.create_input_image_cutouts(mapping.run("p03"), *given)
    moving = subpixal.create_primary_cutouts(
        mapping.catalogues["inner"],
        mapping.inputs["seg"],
        mapping.inputs["drz"],
        mapping.golden.wcs("drz"),
        pad=2,
    )
    for cutout in moving:
        cutout.dx, cutout.dy = 3, -2
    (first, *_), _ = subpixal.create_input_image_cutouts(moving, *given)
    assert first.blc == (still.blc[0] - 3, still.blc[1] + 2)
    assert first.src_pos == pytest.approx((still.src_pos[0] - 3, still.src_pos[1] + 2), abs=1e-5)
