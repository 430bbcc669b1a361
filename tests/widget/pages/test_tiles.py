"""One source becomes one tile."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.display.look import Look
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.testing import make_image, make_sources, make_wcs
from cutout_widgets.widget.pages.tiles import facts_of, heads_of, paint, waiting_tile
from cutout_widgets.widget.protocol.labels import NO_ENTRY

SOURCE = DiaSource(id=2**53 + 1, ra=53.0, dec=-28.0, band="r", row={"snr": -7.25, "flux": None})


def test_levels_follow_the_look_and_nan_is_zero():
    pixels = np.array([[0.0, 1.0], [np.nan, 3.0]], dtype=np.float32)
    triplet = Triplet(difference=Image(pixels))
    look = Look.of("documented")
    (tile,), data = paint([(0, SOURCE, triplet)], look, {})
    about = tile["panels"]["difference"]
    levels = np.frombuffer(data, np.uint8, 4, about["offset"]).reshape(about["shape"])
    assert (levels == look.difference.to_bytes(pixels)).all()
    assert levels[1, 0] == 0


def test_panels_of_any_shape_are_packed_in_order():
    sources = make_sources(2)
    triplets = [
        Triplet(make_image((3, 5)), make_image((4, 4)), make_image((4, 4), seed=1)),
        Triplet(None, make_image((6, 2)), None, problems=("template: it is lost",)),
    ]
    look = Look.of("rubin")
    tiles, data = paint([(place, sources[place], triplets[place]) for place in (0, 1)], look, {})
    assert len(data) == 3 * 5 + 4 * 4 + 4 * 4 + 6 * 2
    for tile, triplet in zip(tiles, triplets, strict=True):
        for panel in ("template", "science", "difference"):
            image = getattr(triplet, panel)
            if image is None:
                continue
            about = tile["panels"][panel]
            got = np.frombuffer(data, np.uint8, image.box.area, about["offset"]).reshape(about["shape"])
            assert (got == look.stretch(panel).to_bytes(image.pixels)).all()


class Knows:
    """A store with one footprint and nothing else."""

    def __init__(self, footprint: Footprint):
        self._footprint = footprint

    def footprint(self, source: DiaSource) -> Footprint:
        return self._footprint


def test_a_footprint_is_outlined_in_the_pixels_of_its_panel():
    triplet = Triplet(template=make_image((9, 9)), science=make_image((5, 7), yx0=(100, 200)))
    placed = [(0, SOURCE, triplet)]
    heads = heads_of(placed, Knows(Footprint.from_box(Box(101, 103, 205, 300))))
    (tile,), _ = paint(placed, Look.of("rubin"), {}, heads=heads)
    # It goes on beyond the edge at 6.5, so its border there is one pixel off the panel.
    assert tile["panels"]["science"]["outlines"] == [[4.5, 0.5, 7.5, 0.5, 7.5, 2.5, 4.5, 2.5, 4.5, 0.5]]
    assert tile["panels"]["template"]["outlines"] == []


@pytest.mark.parametrize(
    ("template", "n"),
    [(make_wcs(at=(3, 3)), 1), (make_wcs(at=(3.05, 3)), 1), (None, 1), (make_wcs(at=(3.2, 3)), 0),
     (make_wcs(at=(3, 3), rotation=90.0), 0), (make_wcs(at=(3, 3), scale=0.25), 0)],
)  # fmt: skip
def test_a_footprint_is_outlined_on_panels_of_the_same_pixels_on_the_sky(template, n):
    triplet = Triplet(make_image((7, 7), wcs=template), make_image((7, 7), wcs=make_wcs(at=(3, 3))))
    (head,) = heads_of([(0, SOURCE, triplet)], Knows(Footprint.from_box(Box(2, 5, 2, 5))))
    assert {panel: len(lines) for panel, lines in head.outlines.items()} == {"template": n, "science": 1}


def test_a_wcs_that_is_not_celestial_does_not_take_the_outlines_away():
    linear = WCS(naxis=2)
    triplet = Triplet(make_image((7, 7), wcs=linear), make_image((7, 7), wcs=make_wcs(at=(3, 3))))
    (head,) = heads_of([(0, SOURCE, triplet)], Knows(Footprint.from_box(Box(2, 5, 2, 5))))
    assert len(head.outlines["template"]) == 1


def test_a_missing_panel_says_why():
    (tile,), _ = paint([(0, SOURCE, Triplet(problems=("template: no such file",)))], Look.of("rubin"), {})
    assert tile["panels"]["template"] == {"reason": "no such file"}
    assert tile["panels"]["science"] == {"reason": "there is no science image"}
    assert tile["problems"] == ["template: no such file"]


def test_a_whole_detector_is_not_sent_as_a_tile():
    triplet = Triplet(science=Image(np.zeros((1025, 8), dtype=np.float32)))
    (tile,), data = paint([(0, SOURCE, triplet)], Look.of("rubin"), {})
    assert "8 x 1025 pixels" in tile["panels"]["science"]["reason"]
    assert data == b""


def test_ids_are_sent_exactly():
    assert waiting_tile(0, SOURCE, {}, None)["id"] == "9007199254740993"


def test_a_tile_shows_its_signal_to_noise_and_the_sort_value():
    assert [one["text"] for one in facts_of(SOURCE, "-psfFlux")] == ["S/N −7.2", "psfFlux n/a"]
    assert [one["text"] for one in facts_of(SOURCE, "-snr")] == ["S/N −7.2"]


@pytest.mark.parametrize(
    ("snr", "text"), [(999.94, "S/N 999.9"), (15062.1, "S/N 15062"), (-2e3, "S/N −2000")]
)
def test_a_large_signal_to_noise_has_no_decimals_which_would_need_the_room_of_a_label(snr, text):
    source = DiaSource(id=1, ra=0.0, dec=0.0, row={"snr": snr})
    assert facts_of(source, None)[0]["text"] == text


def test_a_label_is_on_its_tile():
    assert waiting_tile(0, SOURCE, {SOURCE.id: {**NO_ENTRY, "label": "real"}}, None)["label"] == "real"


def test_text_in_a_numeric_column_only_omits_that_value():
    row = {"snr": "--", "psfFlux": "bad", "psfFluxErr": 2.0, "x": "?", "y": 3.0, "reliability": "high"}
    odd = DiaSource(id=1, ra=0.0, dec=0.0, row=row)
    assert facts_of(odd, "snr") == []
    assert waiting_tile(0, odd, {}, None)["badges"] == []
    assert odd.xy is None
    assert facts_of(DiaSource(id=1, ra=0.0, dec=0.0, row={"snr": "5.5"}), None)[0]["text"] == "S/N 5.5"


def test_masks_are_sent_in_the_smallest_sufficient_type():
    mask = np.zeros((2, 3), dtype=np.uint32)
    mask[0, 1] = 1 << 31 | 1 << 4
    mask[1, 2] = 1 << 4
    image = Image(np.zeros((2, 3), np.float32), mask=mask, planes={"BAD": 4, "CR": 9, "TOP": 31})
    (tile,), data = paint([(0, SOURCE, Triplet(science=image))], Look.of("rubin"), {}, masks=True)
    about = tile["panels"]["science"]["mask"]
    assert [(one["name"], one["bit"], one["count"]) for one in about["planes"]] == [
        ("BAD", 0, 2),
        ("TOP", 1, 1),
    ]
    words = np.frombuffer(data, np.uint8, 6, about["offset"]).reshape(2, 3)
    assert words.tolist() == [[0, 3, 0], [0, 0, 1]]
    assert (about["bytes_a_pixel"], len(data)) == (1, 6 + 6)


def test_nine_planes_take_two_bytes_per_pixel():
    mask = np.array([[(1 << 9) - 1]], dtype=np.uint32)
    image = Image(np.zeros((1, 1), np.float32), mask=mask, planes={f"P{n}": n for n in range(9)})
    (tile,), data = paint([(0, SOURCE, Triplet(science=image))], Look.of("rubin"), {}, masks=True)
    about = tile["panels"]["science"]["mask"]
    assert np.frombuffer(data, "<u2", 1, about["offset"])[0] == 511


def test_planes_with_two_names_keep_a_bit_for_each():
    mask = np.array([[0, 1, 2]], dtype=np.uint32)
    image = Image(np.zeros((1, 3), np.float32), mask=mask, planes={"BAD": 0, "SAT": 1, "SATURATED": 1})
    (tile,), data = paint([(0, SOURCE, Triplet(science=image))], Look.of("rubin"), {}, masks=True)
    about = tile["panels"]["science"]["mask"]
    assert [one["name"] for one in about["planes"]] == ["BAD", "SAT", "SATURATED"]
    assert np.frombuffer(data, np.uint8, 3, about["offset"]).tolist() == [0, 1, 6]


def test_masks_are_sent_only_on_request():
    image = Image(np.zeros((1, 1), np.float32), mask=np.array([[1]], np.uint32), planes={"BAD": 0})
    (tile,), data = paint([(0, SOURCE, Triplet(science=image))], Look.of("rubin"), {})
    assert (tile["panels"]["science"]["mask"], len(data)) == (None, 1)
