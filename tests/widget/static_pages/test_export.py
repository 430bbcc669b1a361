"""Exported pages: their content and precision, and that no foreign script runs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.widget.other_end import FIRST_ID, SIDE, make_stamps, make_table

import cutout_widgets as cw
from cutout_widgets.errors import BadOption
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.static_pages.saved_pages import quantised


def read(path: Path) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Return the state, the contents and the arrays of a page."""
    text = path.read_text("utf-8")
    state, data = (
        re.search(rf'id="cutouts-{name}">(.*?)</script>', text, re.S)[1] for name in ("state", "data")
    )
    whole = zlib.decompress(base64.b64decode(data))
    (length,) = struct.unpack("<I", whole[:4])
    return json.loads(state)["state"], json.loads(whole[4 : 4 + length]), whole[4 + length :]


def values_of(codes: np.ndarray, zero: float, step: float) -> np.ndarray:
    """Decode the values of pixels."""
    folded = codes.astype(np.int64) - 1
    steps = np.where(folded % 2 == 0, folded // 2, -(folded + 1) // 2)
    return np.where(codes == 0, np.nan, zero + steps * step)


def test_pixels_are_rounded_to_a_sixteenth_of_the_noise():
    image = np.random.default_rng(1).normal(100, 8, (64, 64)).astype(np.float32)
    image[30, 30] = 1e5  # a star does not make the noise larger
    codes, zero, step = quantised(image)
    assert step == pytest.approx(8 / 16, rel=0.1)
    assert np.abs(values_of(codes, zero, step) - image).max() <= step / 2 + 0.01


def test_integer_and_missing_pixels_are_unchanged():
    image = np.arange(256, dtype=np.float32).reshape(16, 16)
    image[3, 5], image[4, 4] = np.nan, np.inf
    codes, zero, step = quantised(image)
    expected = image.copy()
    expected[4, 4] = np.nan
    np.testing.assert_array_equal(values_of(codes, zero, step), expected)


@pytest.mark.parametrize(
    "image", [np.full((4, 4), 2.5), np.full((4, 4), np.nan), np.eye(9) * 1e-20, [[7.25]]]
)
def test_noiseless_images_are_exact(image):
    image = np.asarray(image, dtype=np.float32)
    codes, zero, step = quantised(image)
    np.testing.assert_allclose(values_of(codes, zero, step), image, atol=1e-24)


def test_an_exported_page_contains_rows_from_the_current_page_in_order(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, page_size=6, sort="-snr", where="snr < 20", page=1)
    state, saved, arrays = read(grid.to_html(tmp_path / "page.html", pages=2))
    ids = [one["tile"]["id"] for one in saved["sources"]]
    assert ids == [str(FIRST_ID + n) for n in range(13, 1, -1)]
    assert (saved["first"], saved["n_passing"], saved["where"]) == (6, 20, "snr < 20")
    assert (state["page"], state["where"], state["sort"], state["n_rows"]) == (0, None, "-snr", 12)
    assert saved["columns"]["diaSourceId"][0] == {"int": str(FIRST_ID + 13)}
    assert saved["columns"]["snr"][:2] == [13, 12]
    assert len(arrays) > 12 * 3 * 4 * SIDE * SIDE
    grid.close()


def test_exported_pages_end_with_the_last_row(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, page_size=8, page=3)
    _, saved, _ = read(grid.to_html(tmp_path / "page.html", pages=100))
    assert len(saved["sources"]) == 6
    grid.close()


def test_an_empty_page_can_be_exported(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, where="snr > 1000")
    state, saved, _ = read(grid.to_html(tmp_path / "page.html"))
    assert (state["n_rows"], saved["sources"]) == (0, [])
    grid.close()


def test_an_exported_page_loads_nothing_and_runs_only_its_own_script(tmp_path):
    table = make_table().to_pandas()
    table["band"] = "</script><script>alert(1)</script>"
    grid = CutoutGrid(table, make_stamps(), SIDE, page_size=6)
    path = grid.to_html(tmp_path / "page.html", title="<b>&")
    text = path.read_text("utf-8")
    assert "<title>&lt;b&gt;&amp;</title>" in text
    assert "<script>alert" not in text
    head, script = text.split('<script type="module">')
    assert not re.search(r"(?:src|href)\s*=", head)
    digest = base64.b64encode(hashlib.sha256(script.split("</script>")[0].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in head
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
    grid.close()


@pytest.mark.parametrize("pages", [0, -1, True, 1.5, "2"])
def test_an_invalid_number_of_pages_is_refused(grid, tmp_path, pages):
    with pytest.raises(BadOption, match="pages is how many"):
        grid.to_html(tmp_path / "page.html", pages=pages)
    assert list(tmp_path.iterdir()) == []


def test_fifty_triplets_of_64_pixels_and_a_hundred_columns_are_below_two_megabytes(tmp_path):
    rng = np.random.default_rng(1)
    ids = np.arange(50) + FIRST_ID
    stamps = rng.normal(0, 10, (3, 50, 64, 64)).astype(np.float32)
    columns = {f"column_{n}": rng.normal(size=50) for n in range(100)}
    table = {"diaSourceId": ids, "ra": np.full(50, 53.0), "dec": np.full(50, -28.0), **columns}
    grid = CutoutGrid(table, cw.ArrayImages.from_stamps(ids, *stamps, unit="nJy"), 64, page_size=10)
    path = grid.to_html(tmp_path / "page.html", pages=5)
    assert path.stat().st_size < 2_000_000
    grid.close()


@pytest.mark.parametrize(("dpi", "times", "dots"), [(100, 1, 6), (300, 3, 16)])
def test_a_printed_picture_shows_each_pixel_as_a_square_of_dots(grid, tmp_path, dpi, times, dots):
    from PIL import Image

    grid.panels, grid.page_size = ["science"], 2
    picture = np.asarray(Image.open(grid.to_png(tmp_path / "page.png", dpi=dpi)).convert("RGB"))
    x, y = 285 * times, 60 * times  # the second source, which has neither scale bar nor compass
    panel = picture[y : y + SIDE * dots, x : x + SIDE * dots].reshape(SIDE, dots, SIDE, dots, 3)
    assert (panel == panel[:, :1, :, :1]).all()
    assert len(np.unique(panel[:, 0, :, 0, 0])) > 50, "these are pixels of noise"
    assert [one.name for one in tmp_path.iterdir()] == ["page.png"]


def test_a_resolution_that_no_print_has_is_refused(grid, tmp_path):
    with pytest.raises(BadOption, match="dpi is a whole number"):
        grid.to_png(tmp_path / "none.png", dpi=0)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_page_makes_no_picture(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, where="snr > 1000")
    with pytest.raises(BadOption, match="no row passes"):
        grid.to_png(tmp_path / "none.png")
    grid.close()
