"""The composed figure: agreement with matplotlib, and details of composing."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from cutout_widgets.display.look import LOOKS, Look
from cutout_widgets.outputs.figure.compose import BLUE, DARK, PALE, WHITE, Composer, bar, lookup
from cutout_widgets.outputs.figure.figure import PANEL_PX, Canvas, Text
from cutout_widgets.outputs.figure.picture import Picture, Shown
from cutout_widgets.outputs.figure.png import encode
from outputs.figure.pinned_figures import PINNED

PINNED_FILES = Path(__file__).parent / "pinned"


def similarity(drawn: np.ndarray, wanted: np.ndarray) -> float:
    """Return the structural similarity of two pictures; 1 if they are one."""
    metrics = pytest.importorskip("skimage.metrics")
    return float(metrics.structural_similarity(drawn, wanted, channel_axis=2, data_range=255))


def colours(data: bytes) -> np.ndarray:
    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"))


def composed(picture: Picture, canvas: Canvas, look: str = "documented") -> np.ndarray:
    return colours(encode(Composer(canvas, Look.of(look)).compose(picture), {}))


def one_panel(levels: np.ndarray, **more: float) -> Picture:
    return Picture(((Shown(levels, **more), Shown(None), Shown(None)),))


@pytest.mark.parametrize("name", PINNED)
def test_the_composed_figure_agrees_with_matplotlib(name):
    wanted = colours((PINNED_FILES / f"{name}.png").read_bytes())
    drawn = composed(PINNED[name].picture(), PINNED[name].canvas, PINNED[name].look)
    assert drawn.shape == wanted.shape
    assert similarity(drawn, wanted) >= 0.99


def test_the_similarity_measure_detects_a_text_moved_by_one_pixel():
    wanted = colours((PINNED_FILES / "noflags.png").read_bytes())
    picture = PINNED["noflags"].picture()
    moved = replace(picture, texts=tuple(text._replace(x=text.x + 1) for text in picture.texts))
    drawn = composed(moved, PINNED["noflags"].canvas)
    assert similarity(drawn, wanted) < 0.99


def test_the_first_row_of_pixels_is_at_the_bottom():
    levels = np.full((2, 2), 1, dtype=np.uint8)
    levels[0, 1] = 255
    canvas = Canvas(1, with_header=False)
    drawn = composed(one_panel(levels), canvas)
    panel = drawn[canvas.top(0) :, canvas.left(0) :][:PANEL_PX, :PANEL_PX]
    assert panel[-1, -1].tolist() == [255, 255, 255]
    assert panel[0, -1].tolist() == panel[-1, 0].tolist() == panel[0, 0].tolist() == [0, 0, 0]


def test_columns_are_sampled_at_the_nearest_pixel():
    _, columns, area = lookup(30, 30)
    assert area == (slice(0, 205), slice(0, 205))
    assert columns.tolist() == [int((i + 0.5) * 30 / 205) for i in range(205)]


def test_a_non_square_stamp_keeps_square_pixels():
    rows, columns, area = lookup(10, 40)
    assert (len(rows), len(columns)) == (51, 205)
    assert area == (slice(77, 128), slice(0, 205))


def test_a_non_square_stamp_is_padded_with_white():
    canvas = Canvas(1, with_header=False)
    raster = Composer(canvas, Look.of("documented")).compose(one_panel(np.ones((10, 40), dtype=np.uint8)))
    panel = raster.rows[canvas.top(0) :, 1 + canvas.left(0) :][:PANEL_PX, :PANEL_PX]
    assert (panel[:77] == WHITE).all()
    assert (panel[77:128] == 0).all()
    assert (panel[128:] == WHITE).all()


@pytest.mark.parametrize("look", LOOKS)
def test_no_data_is_hatched_in_its_own_palette_indices(look):
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    canvas = Canvas(1, with_header=False)
    picture = Picture(((Shown(levels), Shown(levels), Shown(levels)),))
    raster = Composer(canvas, Look.of(look)).compose(picture)
    for column in range(3):
        panel = raster.rows[canvas.top(0) :, 1 + canvas.left(column) :][:PANEL_PX, :PANEL_PX]
        rows, columns, _ = lookup(16, 16)
        empty = levels[rows][:, columns] == 0
        assert set(np.unique(panel[empty])) == {PALE, DARK}
        assert not np.isin(panel[~empty], (PALE, DARK)).any()


def test_a_panel_without_image_is_fully_hatched():
    canvas = Canvas(1, with_header=False)
    raster = Composer(canvas, Look.of("documented")).compose(one_panel(np.ones((4, 4), dtype=np.uint8)))
    panel = raster.rows[canvas.top(0) :, 1 + canvas.left(2) :][:PANEL_PX, :PANEL_PX]
    assert set(np.unique(panel)) == {PALE, DARK}


def test_the_scale_bar_is_one_arcsecond_long_between_its_caps():
    blue, yellow = bar(30, 30, 5.0)  # 5 px of 205/30 screen px: 34.2, from 6.8 on
    assert (blue[2], blue[3]) == (7 - 4, 41 + 4)
    assert (yellow[2], yellow[3]) == (7 - 1, 41 + 1)
    assert blue[1] <= 205


def test_the_scale_bar_is_complete_in_the_largest_cutout():
    blue, _ = bar(512, 512, 5.0)
    assert blue[3] - blue[2] >= 8
    assert blue[1] <= 205
    assert blue[2] >= 0


def test_without_room_for_an_arcsecond_there_is_no_scale_bar():
    assert bar(8, 8, 20.0) == ()


def test_an_image_without_pixel_scale_has_no_scale_bar():
    canvas = Canvas(1, with_header=False)
    composer = Composer(canvas, Look.of("documented"))
    levels = np.ones((30, 30), dtype=np.uint8)
    assert not (composer.compose(one_panel(levels)).rows == BLUE).any()
    assert (composer.compose(one_panel(levels, arcsec_px=5.0)).rows == BLUE).any()


def test_a_figure_does_not_depend_on_the_previous_one():
    one, other = PINNED["noflags"], PINNED["flags"]
    composer = Composer(one.canvas, Look.of("documented"))
    first = encode(composer.compose(one.picture()), {})
    encode(composer.compose(other.picture()), {})
    assert encode(composer.compose(one.picture()), {}) == first


def test_colours_beyond_the_palette_size_use_the_nearest_one():
    canvas = Canvas(1, with_header=True)
    inks = [f"#{r}{g}{b}" for r in ("00", "ff") for g in ("00", "cc") for b in ("00", "ff")]
    texts = tuple(Text("I", 20 * i + 20, 60, "bold", ink) for i, ink in enumerate((*inks, "#0000fe")))
    drawn = composed(replace(one_panel(np.ones((4, 4), dtype=np.uint8)), texts=texts), canvas)
    assert (drawn[50:60, 20 * 8 + 15 : 20 * 8 + 35].min(axis=(0, 1)) < 128).any()


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_uses_the_full_range_of_its_colormap(look):
    levels = np.array([[1, 255]], dtype=np.uint8)
    canvas = Canvas(1, with_header=False)
    drawn = composed(one_panel(levels), canvas, look)
    middle = canvas.top(0) + PANEL_PX // 2
    ends = drawn[middle, [canvas.left(0) + 5, canvas.left(0) + 200]].astype(int)
    assert np.abs(ends[0] - ends[1]).sum() > 300
