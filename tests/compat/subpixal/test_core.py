"""The same golden vectors through the core itself: `cut`, the projection and the mapping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cutout_widgets.errors import BadOption, NoOverlap, PartialOverlap
from cutout_widgets.footprints.tracked import cut_mapped, cut_segments
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import NO_DATA, Image
from cutout_widgets.pixels.mapping import map_boxes, outlines
from cutout_widgets.pixels.projection import pixels_at, shifted, world_at


def box_of(case: dict[str, Any], shape: tuple[int, int]) -> Box:
    x0, y0 = case["blc"]
    x1, y1 = case["trc"] or (shape[1] - 1, shape[0] - 1)
    return Box(y0, y1 + 1, x0, x1 + 1)


def test_extraction_agrees_with_subpixal(golden):
    inputs, expected = golden.arrays("extraction_inputs"), golden.arrays("extraction_expected")
    errors = {"NoOverlapError": NoOverlap, "PartialOverlapError": PartialOverlap, "OverflowError": BadOption}
    tried = 0
    for case in golden.cases("extraction")["cases"]:
        one, want = case["id"], case["expect"]
        if case["data"] is None or case["group"] == "arguments" or one == "fv_int_nan32":
            continue  # arguments of the old names; NaN in integers, which `cut` refuses
        tried += 1
        flags = None if case["dq"] is None else inputs[case["dq"]].astype(np.uint32)
        image = Image(
            inputs[case["data"]],
            mask=flags,
            weight=None if case["weight"] is None else inputs[case["weight"]],
        )
        fill = None if case["fillval"] == "default" else float(case["fillval"])
        box = box_of(case, image.shape)
        if "error" in want:
            with pytest.raises(errors[want["error"]]):
                cut(image, box, mode=case["mode"], fill=fill)
            continue
        part = cut(image, box, mode=case["mode"], fill=fill)
        assert part.pixels.dtype.str == want["dtype"], one
        assert part.box == box
        compared = ~expected[f"{one}__mask"] if want["compare_data"] == "valid_only" else slice(None)
        np.testing.assert_array_equal(part.pixels[compared], expected[f"{one}__data"][compared])
        if part.weight is not None:
            np.testing.assert_array_equal(part.weight, expected[f"{one}__weight"])
        if part.mask is not None:
            outside = part.has_plane(NO_DATA)
            np.testing.assert_array_equal(np.where(outside, 0, part.mask), expected[f"{one}__dq"])
            assert (outside <= expected[f"{one}__mask"]).all()
    assert tried > 45


def test_world_coordinates_agree_with_subpixal(golden):
    for case in golden.cases("wcs")["cases"]:
        want, one = case["expect"], case["id"]
        image = shifted(Image(np.zeros(case["shape"]), wcs=golden.wcs(case["wcs"])), case["dx"], case["dy"])
        part = cut(image, box_of(case, image.shape))
        corner = np.array([part.box.x0, part.box.y0]) - case["origin"]
        x, y = (np.array(want["pix"]) + corner).T
        world = np.column_stack(world_at(part.wcs, x, y))
        np.testing.assert_allclose(world, want["world"], rtol=0, atol=1e-11, err_msg=one)
        back = np.column_stack(pixels_at(part.wcs, *world.T)) - corner
        np.testing.assert_allclose(back, want["pix"], rtol=0, atol=2e-5, err_msg=one)
        points = outlines([part.box], samples=1)[0]
        np.testing.assert_allclose(
            np.column_stack(world_at(part.wcs, *points.T)), want["bbox_world"], rtol=0, atol=1e-11
        )


def test_mapped_outlines_agree_with_subpixal(golden):
    described = golden.cases("mapping")
    cases = {case["id"]: case for case in described["cases"]}
    inputs, tried = golden.arrays("mapping_inputs"), 0
    for one, case in cases.items():
        if case["function"] != "create_input_image_cutouts" or "error" in case["expect"]:
            continue
        earlier = cases[case["args"]["primary_cutouts"]]
        source = golden.wcs(earlier["args"]["imwcs"])
        boxes = {cutout["src_id"]: box_of(cutout, (0, 0)) for cutout in earlier["expect"]["cutouts"]}
        args = case["args"]
        target = Image(inputs[args["imdata"]], wcs=golden.wcs(args["imwcs"]))
        for expected in case["expect"]["cutouts"]:
            (mapped,) = map_boxes(
                [boxes[expected["src_id"]]], source, target, padding_px=args["pad"] + 0.5, samples=1
            )
            assert mapped.place == "inside", one
            assert mapped.box == box_of(expected, (0, 0)), one
            assert mapped.extent == pytest.approx(expected["footprint"], abs=2e-5), one
            tried += 1
    assert tried > 60


def test_mapping_to_another_image_and_back_agrees_with_subpixal(golden):
    described = golden.cases("mapping")
    inputs = golden.arrays("mapping_inputs")
    case = next(case for case in described["cases"] if case["id"] == "c03")
    rows = described["catalogs"]["all"]
    drz = Image(inputs["drz"], wcs=golden.wcs("drz"))
    flt = Image(inputs["flt"], wcs=golden.wcs("rot30"))
    first = cut_segments(
        drz, inputs["seg"], rows["id"], padding_px=1, positions=list(zip(rows["x"], rows["y"], strict=True))
    )
    there = cut_mapped(first, flt, padding_px=2.5, samples=1)
    back = cut_mapped(there, drz, padding_px=2.5, covers="touch", labels=inputs["seg"], fill=0, samples=1)
    expected = {cutout["src_id"]: cutout for cutout in case["expect"]["drz_cutouts"]}
    found = {one.source_id: one for one in back if one.image is not None}
    assert set(found) == set(expected)
    for source_id, one in found.items():
        want = expected[source_id]
        assert one.image.box == box_of(want, (0, 0))
        assert list(one.image.anchor) == pytest.approx(want["src_pos"], abs=2e-5)
        assert (~one.bad).sum() == want["n_good"]
        assert one.image.source_id == source_id


def test_a_box_mapped_onto_its_own_grid_is_unchanged(golden):
    """Case m01: subpixal's box grows by a pixel on each side although nothing was padded."""
    cases = {case["id"]: case for case in golden.cases("mapping")["cases"]}
    drz = Image(golden.arrays("mapping_inputs")["flt"], wcs=golden.wcs("drz"))
    for cutout in cases["p01"]["expect"]["cutouts"]:
        box = box_of(cutout, (0, 0))
        (same,) = map_boxes([box], golden.wcs("drz"), drz)
        assert same.box == box
        (moved,) = map_boxes([box], golden.wcs("drz"), Image(drz.pixels, wcs=golden.wcs("drz_shift")))
        assert moved.box == box.shifted(-5, 3)


def test_every_source_has_a_status(golden):
    described, inputs = golden.cases("mapping"), golden.arrays("mapping_inputs")
    drz = Image(inputs["drz"], wcs=golden.wcs("drz"))
    ids = [*described["catalogs"]["all"]["id"], 12345, 0]
    cuts = cut_segments(drz, inputs["seg"], ids, padding_px=4)
    assert [one.source_id for one in cuts] == ids
    status = {one.source_id: one.status for one in cuts}
    assert status[3] == "ok"
    assert status[40] == "partial"
    assert {status[41], status[42], status[43], status[44]} == {"edge"}
    assert {status[12345], status[0]} == {"absent"}
    anti = Image(inputs["flt"], wcs=golden.wcs("flt_sip_far"))
    mapped = cut_mapped(cuts, anti)
    assert {one.status for one in mapped} <= {"nowhere", "outside", "edge", "partial", "absent"}
    assert {one.source_id: one.status for one in mapped}[41] == "edge"
    assert "source 41" in mapped[ids.index(41)].reason
