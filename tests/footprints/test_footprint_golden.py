"""Footprints against the golden vectors: maps, offsets, clips, set operations, detections."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.footprints.heavy import HeavyFootprint
from cutout_widgets.footprints.segmentation import footprints_above, footprints_of_labels, peaks
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image


@pytest.fixture(scope="module")
def golden(shared) -> SimpleNamespace:
    folder = shared / "golden" / "footprints"
    with np.load(folder / "inputs.npz") as arrays:
        inputs = {name: arrays[name] for name in arrays.files}
    return SimpleNamespace(**json.loads((folder / "cases.json").read_text()), inputs=inputs)


def spans_of(footprint: Footprint) -> list[list[int]]:
    return footprint.spans.tolist()


def inclusive(box: Box) -> list[int] | None:
    return [box.x0, box.y0, box.x1 - 1, box.y1 - 1] if box.area else None


def every(golden):
    """Yield (map, footprint of the label, what is expected of it)."""
    for case in golden.cases:
        found = footprints_of_labels(golden.inputs[f"{case['map']}__seg"])
        assert list(found) == case["labels"]
        for label, expected in case["footprints"].items():
            yield case["map"], found[int(label)], expected


def test_shapes(golden):
    for name, footprint, expected in every(golden):
        assert spans_of(footprint) == expected["spans"], name
        assert footprint.area == expected["area"]
        assert inclusive(footprint.box) == expected["bbox"]
        assert list(footprint.centroid) == pytest.approx(expected["centroid"], abs=1e-12)
        assert list(footprint.moments) == pytest.approx(expected["shape_xx_yy_xy"], abs=1e-10)
        assert [indices.tolist() for indices in footprint.pixels()] == expected["indices_yx"]
        assert str(footprint) == expected["text"]
        drawn = ["".join("01"[int(one)] for one in row) for row in footprint.to_array()]
        assert drawn == expected["bitmap"]


def test_pieces_holes_and_edges(golden):
    for name, footprint, expected in every(golden):
        assert len(footprint.split(4)) == expected["ncomp4"], name
        assert len(footprint.split(8)) == expected["ncomp8"], name
        assert len(footprint.holes()) == expected["nholes"], name
        assert spans_of(footprint.edge()) == expected["edge_spans"], name


def test_growing_and_shrinking(golden):
    tried = 0
    for name, footprint, expected in every(golden):
        for key, spans in expected.items():
            what, *rest = key.split("_")
            if what in ("dilate", "erode"):
                stencil, radius = rest
                change = footprint.dilated if what == "dilate" else footprint.eroded
                assert spans_of(change(int(radius), stencil)) == spans, (name, key)
                tried += 1
    assert tried > 100


def test_pixels_under_footprints(golden):
    for name, footprint, expected in every(golden):
        planes = {part: golden.inputs[f"{name}__{part}"] for part in ("image", "mask", "variance")}
        image = Image(
            planes["image"],
            mask=planes["mask"].astype(np.uint32),
            planes=golden.mask_planes,
            variance=planes["variance"],
        )
        heavy = HeavyFootprint.from_image(footprint, image)
        for part in ("image", "mask", "variance"):
            np.testing.assert_array_equal(
                getattr(heavy, part), np.array(expected["heavy"][part], dtype=float)
            )
        unflat = np.array(expected["unflatten_image_0"], dtype=float)
        np.testing.assert_array_equal(heavy.unflatten(), unflat)
        np.testing.assert_array_equal(heavy.unflatten("mask"), expected["unflatten_mask_0"])
        total = np.nan if expected["flux_sum"] is None else expected["flux_sum"]
        assert heavy.flux.total == pytest.approx(total, rel=1e-6, nan_ok=True)
        if heavy.flux.n_nan == 0:
            assert heavy.flux.variance == pytest.approx(expected["flux_var_sum"], rel=1e-6)
        assert heavy.mask_bits == expected["mask_or"]
        assert heavy.mask_counts == expected["mask_counts"]


def test_peaks(golden):
    for name, footprint, expected in every(golden):
        found = peaks(footprint, golden.inputs[f"{name}__image"])
        assert [list(peak) for peak in found] == expected["peaks"], name


def test_offsets(golden):
    for case in golden.offsets:
        x0, y0 = case["xy0"]
        found = footprints_of_labels(golden.inputs[f"{case['map']}__seg"], (y0, x0))[case["label"]]
        assert spans_of(found) == case["spans"]
        assert inclusive(found.box) == case["bbox"]


def test_clips(golden):
    for case in golden.clips:
        footprint = footprints_of_labels(golden.inputs[f"{case['map']}__seg"])[case["label"]]
        x0, y0, x1, y1 = case["box"]
        part = footprint.clipped(Box(y0, y1 + 1, x0, x1 + 1))
        assert (spans_of(part), part.area, inclusive(part.box)) == (case["spans"], case["area"], case["bbox"])


def test_set_operations(golden):
    for case in golden.setops:
        a, b = (
            footprints_of_labels(golden.inputs[f"{name}__seg"])[one] for name, one in (case["a"], case["b"])
        )
        assert spans_of(a | b) == case["union"]
        assert spans_of(a & b) == case["intersection"]
        assert spans_of(a - b) == case["a_minus_b"]
        assert a.overlaps(b) == case["overlaps"]
        assert a.covers(b) == case["a_contains_b"]


def test_detections(golden):
    for case in golden.detections:
        pixels = golden.inputs[f"det_{case['name']}__image"]
        polarity = 1 if case["positive"] else -1
        threshold = case["threshold"]
        if case["per_pixel_stdev"]:
            threshold = threshold * np.sqrt(golden.inputs[f"det_{case['name']}__variance"])
        found = footprints_above(pixels, threshold, polarity=polarity, least_area=case["npixmin"])
        assert len(found) == len(case["footprints"]), case["name"]
        for footprint, expected in zip(found, case["footprints"], strict=True):
            assert spans_of(footprint) == expected["spans"], case["name"]
            assert footprint.area == expected["area"]
            assert inclusive(footprint.box) == expected["bbox"]
            got = [list(peak) for peak in peaks(footprint, pixels, polarity=polarity)]
            assert got == expected["peaks"], case["name"]
