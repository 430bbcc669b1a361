"""Detecting whether a front end draws a grid."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from tests.widget.other_end import FIRST_ID, SIDE, View, make_stamps, make_table

import cutout_widgets as cw
from cutout_widgets.outputs.figure.png import chunks
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.static_pages.front_end import MISSING, PATIENCE_S, TICK_S, IdleClock


class Loop:
    """An event loop whose time is set by the test."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, object]] = []

    def time(self) -> float:
        return self.now

    def add_callback(self, callback) -> None:
        callback()

    def call_later(self, seconds: float, callback) -> None:
        self.waiting.append((self.now + seconds, callback))

    def run_to(self, end: float, busy_for: float = 0.0) -> None:
        """Run callbacks due until a time; each one runs late by `busy_for`."""
        while self.waiting and self.waiting[0][0] + busy_for <= end:
            due, callback = self.waiting.pop(0)
            self.now = due + busy_for
            callback()
        self.now = max(self.now, end)


def test_the_idle_clock_fires_once_after_an_idle_period():
    loop, rung = Loop(), []
    clock = IdleClock(loop, lambda: rung.append(loop.now), lambda: False)
    loop.run_to(PATIENCE_S - TICK_S / 2)
    assert not rung
    assert not clock.is_over
    loop.run_to(60)
    assert rung == [PATIENCE_S]
    assert clock.is_over


def test_busy_time_does_not_count_as_idle():
    loop, rung = Loop(), []
    IdleClock(loop, lambda: rung.append(loop.now), lambda: False)
    loop.run_to(600, busy_for=20)
    assert not rung, "each tick came late: a cell was running, and no view could be heard"
    loop.run_to(700)
    assert len(rung) == 1


def test_the_idle_clock_stops_when_a_view_connects():
    loop, rung, heard = Loop(), [], []
    IdleClock(loop, lambda: rung.append(loop.now), lambda: bool(heard))
    loop.run_to(2)
    heard.append(True)
    loop.run_to(60)
    assert not rung
    assert not loop.waiting


def test_the_hello_of_a_view_is_recorded_without_an_answer(grid):
    assert grid.check_front_end() == "This Python process has no notebook, so nothing can show a grid."
    view = View(grid)
    view.tell("hello")
    assert grid.check_front_end() == "A front end shows this grid."
    assert view.answers == []


def test_front_ends_without_widgets_show_a_picture_and_instructions(grid):
    bundle, _ = grid._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"{grid!r}\nIf you see this text instead of pictures: {MISSING}"


def test_the_picture_has_every_pixel_at_its_position():
    stack = np.zeros((1, 88, 88), dtype=np.float32)
    stack[0, 0, 0] = 254  # lowest row, first column
    images = cw.ArrayImages.from_stamps([FIRST_ID], stack, stack, stack)
    plain = cw.Stretch("user", "linear", vmin=0, vmax=254)
    grid = CutoutGrid(
        make_table().take([0]), images, None, look=cw.Look("plain", plain, plain, plain, "gray")
    )
    picture = pixels_of(grid._picture())
    grid.close()
    above = 6 + 18 + 2 * 16 + 4  # margin, names of the panels, two lines
    assert picture.shape == (above + 88 + 6, 6 + 3 * 91 - 3 + 6, 3)
    bright = np.argwhere((picture[above:-6, 6 : 6 + 88] == 255).all(axis=2))
    assert bright.tolist() == [[87, 0]]
    assert (picture[24:40] < 100).any(), "the id is written over it"


def test_a_grid_without_a_saved_page_has_no_picture():
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, snapshot=False)
    assert "image/png" not in grid._repr_mimebundle_()[0]
    grid.close()


def test_a_page_without_a_source_has_no_picture():
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, where="snr > 1000")
    assert "image/png" not in grid._repr_mimebundle_()[0]
    grid.close()


def pixels_of(png: bytes) -> np.ndarray:
    """Decode an indexed PNG: filter bytes 0 and 2 (like the row above)."""
    parts = dict(chunks(png))
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    palette = np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1).copy()
    for y in range(1, height):
        if rows[y, 0] == 2:
            rows[y, 1:] += rows[y - 1, 1:]
    return palette[rows[:, 1:]]
