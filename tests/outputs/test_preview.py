"""What a notebook shows: pixels in the documented look, escaped texts, and no scripts."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image as Picture

import cutout_widgets as cw
from cutout_widgets.palette import colormap_table


def pictures(html: str) -> list[np.ndarray]:
    found = re.findall(r"data:image/png;base64,([^\"]+)", html)
    return [np.asarray(Picture.open(io.BytesIO(base64.b64decode(one))).convert("RGB")) for one in found]


def test_an_image_is_shown_with_its_first_row_at_the_bottom():
    pixels = np.array([[0.0, 1.0], [np.nan, 0.5]])
    (picture,) = pictures(cw.Image(pixels)._repr_html_())
    levels = cw.Look.of("documented").science.to_bytes(pixels)
    colours = colormap_table("bone", 255)
    assert picture.shape == (2, 2, 3)
    assert picture[1, 0].tolist() == colours[levels[0, 0] - 1].tolist()
    assert picture[1, 1].tolist() == colours[levels[0, 1] - 1].tolist()
    assert picture[0, 0].tolist() == [160, 160, 160]


def test_a_triplet_shows_its_panels_and_says_what_is_missing():
    image = cw.Image(np.arange(12.0).reshape(3, 4), unit="nJy")
    triplet = cw.Triplet(None, image, image, ("template: <b>no file</b>",))
    html = triplet._repr_html_()
    assert len(pictures(html)) == 2
    assert "template: &lt;b&gt;no file&lt;/b&gt;" in html
    assert "4 x 3 px, nJy" in html
    assert repr(triplet) == "<Triplet science 4x3, difference 4x3; no template>"


def test_a_large_image_is_downsampled():
    (picture,) = pictures(cw.Image(np.zeros((10, 3000), np.float32))._repr_html_())
    assert picture.shape == (4, 1000, 3)


def test_the_unit_of_an_image_is_escaped():
    assert "<script>" not in cw.Image(np.zeros((2, 2)), unit="<script>")._repr_html_()


@pytest.mark.parametrize("name", ["documented", "analysis_ap", "rubin", "ztf", "fink", "sigma"])
def test_a_look_draws_its_three_stretches(name):
    html = cw.Look.of(name)._repr_html_()
    assert len(pictures(html)) == html.count("<polyline") == 3
    assert name in html


def test_a_drawn_stretch_goes_from_dark_to_bright():
    html = cw.Look("mine", *[cw.Stretch("user", "linear", vmin=5.0, vmax=9.0)] * 3)._repr_html_()
    points = [one.split(",") for one in re.search(r'points="([^"]+)"', html)[1].split()]
    assert (points[0], points[85], points[-1]) == (["0", "85.0"], ["85", "42.5"], ["170", "0.0"])
    assert "5 to 9, linear" in html


def report(n: int) -> cw.Report:
    failed = {10**17 + k: f"reason {k} <i>" for k in range(5)}
    return cw.Report(tuple(range(n)), tuple(range(n)), (), failed, None, {7: "no template"})


def test_the_repr_of_a_report_is_short_for_many_rows():
    text = repr(report(10_000))
    assert len(text) < 400
    assert text.startswith("<Report: 10000 written, 0 already there, 5 failed, 1 incomplete>\n")
    assert "100000000000000002: reason 2 <i>\n  ... and 2 more" in text


def test_a_report_in_a_notebook_says_where_the_manifest_is(tmp_path):
    html = cw.Report((1,), (1,), (), {}, tmp_path / "manifest.csv")._repr_html_()
    assert "1 sources: 1 written" in html
    assert "manifest.csv" in html
    assert "reason 0 &lt;i&gt;" in report(3)._repr_html_()


def test_a_store_is_shown_as_an_escaped_table():
    images = cw.ArrayImages.from_images({1: (np.ones((3, 3)), None, None)}, key="<b>")
    assert images._repr_html_() == (
        "<table><caption>ArrayImages</caption>"
        '<tr><th style="text-align:left">arrays</th>'
        '<td style="text-align:left">1 triplet of images by &lt;b&gt;</td></tr></table>'
    )


def test_a_service_store_shows_the_source_of_each_panel():
    images = cw.SodaImages("https://example.org/{panel}/{visit}", cache=None)
    assert list(images.reads()) == ["template", "science", "difference"]
    assert "https://example.org/science/" in images._repr_html_()


def test_an_array_store_shows_how_many_stamps_it_has():
    images = cw.ArrayImages.from_stamps([7, 8], *np.ones((3, 2, 9, 5)))
    assert "2 stamps: template 9x5, science 9x5, difference 9x5" in images._repr_html_()
