"""The page that `to_html` writes, opened as a file without any server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.testing import make_wcs

from .drawn import assert_inspected, assert_no_overlap, assert_pixels
from .lab import Lab

FIRST_ID = 2**53 + 1
SIDE = 16


def make_grid(labels: Path | None = None) -> cw.CutoutGrid:
    """20 sources; pixel (x, y) of panel p of source n is (16 y + x + 7 n + 50 p) mod 255."""
    n = 20
    ids = np.arange(n) + FIRST_ID
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    stacks = [
        np.stack([(16 * y + x + 7 * one + 50 * p) % 255 for one in range(n)]).astype(np.float32)
        for p in range(3)
    ]
    images = cw.ArrayImages.from_stamps(ids, *stacks, wcs=make_wcs(at=(7.5, 7.5)), unit="nJy")
    rows = {
        "diaSourceId": ids,
        "ra": np.full(n, 53.0),
        "dec": np.full(n, -28.0),
        "snr": np.arange(n, dtype=float),
        "isDipole": np.arange(n) % 3 == 0,
    }
    plain = cw.Stretch("user", "linear", vmin=0, vmax=254)
    look = cw.Look("plain", plain, plain, plain, "gray")
    return cw.CutoutGrid(rows, images, SIDE, page_size=6, look=look, labels=labels, label_after_ms=0)


@pytest.fixture
def opened(lab: Lab, tmp_path: Path) -> Iterator[Callable[[Path], Any]]:
    """Open a file in a separate browser; errors and network requests fail the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_file(path: Path) -> Any:
        context = lab.page.context.browser.new_context(accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda one: None if one.url == path.as_uri() else faults.append(one.url))
        page.goto(path.as_uri())
        page.locator("[data-state=ready][data-page='0']").wait_for(state="attached")
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert [one for one in faults if not one.startswith("blob:")] == []


def ids(page: Any) -> list[int]:
    return [int(one.get_attribute("data-id")) - FIRST_ID for one in page.get_by_test_id("tile").all()]


def test_pages_turn_sort_and_filter_without_a_kernel(opened, tmp_path):
    page = opened(make_grid().to_html(tmp_path / "page.html", pages=3))
    page.get_by_test_id("next").click()
    page.locator("[data-state=ready][data-page='1']").wait_for(state="attached")
    assert ids(page) == [6, 7, 8, 9, 10, 11]
    page.get_by_test_id("where").fill("not isDipole and snr >= 10")
    page.get_by_test_id("where").press("Enter")
    page.locator("[data-place='0'][data-id='9007199254741003']").wait_for()
    assert ids(page) == [10, 11, 13, 14, 16, 17]
    page.get_by_test_id("where").fill("snr >")
    page.get_by_test_id("where").press("Enter")
    page.get_by_test_id("problem").filter(has_text="ends too early").wait_for()


def test_the_page_shows_the_expected_pixels(opened, tmp_path):
    page = opened(make_grid().to_html(tmp_path / "page.html"))
    assert_pixels(page, hole=None)
    assert_no_overlap(page)


def test_a_click_shows_the_values_of_a_source(opened, tmp_path):
    page = opened(make_grid().to_html(tmp_path / "page.html"))
    page.get_by_test_id("tile").nth(2).click()
    page.locator("[data-testid=inspector][data-state=ready]").wait_for()
    assert_inspected(page, 2)


def test_labels_set_in_the_page_are_downloaded_as_a_journal(opened, tmp_path):
    page = opened(make_grid(tmp_path / "labels.jsonl").to_html(tmp_path / "page.html", pages=3))
    page.get_by_test_id("labeller").fill("vera")
    page.get_by_test_id("cutouts").press("Home")
    page.keyboard.press("1")
    page.locator("[data-place='0'][data-label=real]").wait_for()
    page.keyboard.press("2")
    page.locator("[data-place='1'][data-label=bogus]").wait_for()
    page.keyboard.press("u")
    page.locator("[data-place='1']:not([data-label])").wait_for()
    page.get_by_test_id("where").fill("label == 'real'")
    page.get_by_test_id("where").press("Enter")
    page.locator("[data-place='1']").wait_for(state="detached")
    assert ids(page) == [0]
    with page.expect_download() as download:
        page.get_by_test_id("download").click()
    download.value.save_as(tmp_path / "downloaded.jsonl")
    journal = cw.LabelJournal(tmp_path / "downloaded.jsonl")
    assert {one.id: (one.label, one.who) for one in journal.current().values()} == {
        FIRST_ID: ("real", "vera")
    }
    assert journal.unreadable == ()
