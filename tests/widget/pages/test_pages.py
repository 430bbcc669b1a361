"""Which rows make a page, and their cutouts."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from tests.stores.fits_files import write_afw
from tests.widget.other_end import FIRST_ID, SIDE, make_stamps, make_table

from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadTable
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.testing import SlowImages, make_image, make_wcs
from cutout_widgets.widget.pages.cutout_cache import TripletCache
from cutout_widgets.widget.pages.pages import Pages, WrongField

LOOK = Look.of("rubin")


def make_pages(images: Any = None, memory: TripletCache | None = None) -> Pages:
    return Pages(make_table(), images or make_stamps(), Region.of(16), memory or TripletCache(), "me")


def target(**changes: Any) -> Any:
    return {"page": 0, "page_size": 6, "sort": None, "where": None, "look": "rubin", **changes}


def answer(pages: Pages, wanted: Any, deliver: Any = None, cancelled: Any = lambda: False) -> Any:
    return pages.answer(wanted, LOOK, {}, cancelled=cancelled, deliver=deliver)


def test_a_page_is_a_slice_of_the_filtered_and_sorted_rows():
    page, _ = answer(make_pages(), target(page=1, sort="-snr", where="snr >= 10"))
    assert page["n_rows"] == 20
    assert [int(tile["id"]) - FIRST_ID for tile in page["tiles"]] == [23, 22, 21, 20, 19, 18]
    assert [tile["place"] for tile in page["tiles"]] == [0, 1, 2, 3, 4, 5]


def test_the_last_page_can_be_short_and_later_pages_are_refused():
    pages = make_pages()
    assert pages.within(target(page=99, page_size=7))["page"] == 4
    page, _ = answer(pages, target(page=4, page_size=7))
    assert page["n_tiles"] == 2


def test_a_filter_without_matches_gives_an_empty_page():
    page, data = answer(make_pages(), target(where="snr > 1000"))
    assert (page["n_rows"], page["tiles"], data) == (0, [], b"")


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"where": "snrr > 5"}, "where", "did you mean 'snr'"),
        ({"where": "__import__('os')"}, "where", "cannot filter"),
        ({"sort": "-brightness"}, "sort", "brightness"),
        ({"page_size": 0}, "page_size", "1 to 500"),
        ({"page_size": 10**9}, "page_size", "1 to 500"),
    ],
)
def test_errors_name_the_control_they_belong_to(wrong, field, says):
    with pytest.raises(WrongField, match=says) as caught:
        make_pages().within(target(**wrong))
    assert caught.value.field == field
    assert isinstance(caught.value, BadTable)


def test_a_table_view_keeps_its_own_filter():
    pages = Pages(
        make_table().where("snr < 5").sort("-snr"), make_stamps(), Region.of(16), TripletCache(), "me"
    )
    page, _ = answer(pages, target())
    assert [int(tile["id"]) - FIRST_ID for tile in page["tiles"]] == [4, 3, 2, 1, 0]
    page, _ = answer(pages, target(where="isDipole"))
    assert [int(tile["id"]) - FIRST_ID for tile in page["tiles"]] == [3, 0]


def test_cached_cutouts_are_not_read_again():
    slow = SlowImages(make_stamps(), is_open=True)
    pages = make_pages(slow)
    answer(pages, target())
    answer(pages, target(sort="snr"))
    assert len(slow.asked) == 6


def test_mask_and_variance_are_read_only_when_shown(tmp_path):
    path = write_afw(tmp_path / "science.fits", make_image((SIDE, SIDE), wcs=make_wcs(at=(7.5, 7.5))))
    slow = SlowImages(FitsImages(science=path), is_open=True)
    pages = make_pages(slow)
    source = pages.sources.row(FIRST_ID)
    answer(pages, target(page_size=1))
    assert pages.triplet_of(source).science.has_plane("DETECTED").any()
    assert len(slow.asked) == 2  # the page wanted pixels alone
    sigma, _ = pages.answer(target(page_size=1, look="sigma"), Look.of("sigma"), {}, cancelled=lambda: False)
    assert sigma["tiles"][0]["id"] == str(FIRST_ID)
    assert len(slow.asked) == 2  # all is there now


def test_a_slow_page_shows_ids_first_then_cutouts_as_they_arrive():
    slow = SlowImages(make_stamps())
    pages = make_pages(slow)
    pieces: list[Any] = []
    came = threading.Event()

    def deliver(piece: Any, pixels: bytes) -> None:
        pieces.append((piece, pixels))
        came.set()

    final: list[Any] = []
    reader = threading.Thread(target=lambda: final.append(answer(pages, target(), deliver)))
    reader.start()
    assert came.wait(20)
    heads, pixels = pieces[0]
    assert heads["kind"] == "part"
    assert pixels == b""
    assert [tile["waiting"] for tile in heads["tiles"]] == [True] * 6
    assert heads["tiles"][3]["badges"][0]["name"] == "DIPOLE"
    came.clear()
    slow.allow(2)
    assert came.wait(20)
    first = [tile["place"] for piece, _ in pieces[1:] for tile in piece["tiles"]]
    assert first[0] == 0
    slow.open()
    reader.join(20)
    tiles = [tile["place"] for piece, _ in [*pieces[1:], final[0]] for tile in piece["tiles"]]
    assert tiles == [0, 1, 2, 3, 4, 5]
    assert final[0][0]["kind"] == "done"


def test_a_page_without_a_listener_is_sent_at_once():
    slow = SlowImages(make_stamps())
    final: list[Any] = []
    reader = threading.Thread(target=lambda: final.append(answer(make_pages(slow), target())))
    reader.start()
    assert slow.wait_until_asked(1)
    slow.open()
    reader.join(20)
    assert len(final[0][0]["tiles"]) == 6


def test_a_cancelled_page_stops_at_the_next_row():
    slow = SlowImages(make_stamps())
    gone = threading.Event()
    final: list[Any] = []
    reader = threading.Thread(
        target=lambda: final.append(answer(make_pages(slow), target(), cancelled=gone.is_set))
    )
    reader.start()
    assert slow.wait_until_asked(1)
    gone.set()
    slow.open()
    reader.join(20)
    assert final == [None]
    assert len(slow.asked) == 1


def test_without_templates_the_other_panels_are_shown():
    page, _ = answer(make_pages(make_stamps(template=False)), target())
    panels = page["tiles"][0]["panels"]
    assert "reason" in panels["template"]
    assert panels["science"]["shape"] == (16, 16)


class Recovering:
    """Stamps whose templates are away at first."""

    def __init__(self) -> None:
        self.stamps = make_stamps()
        self.away = True

    def group(self, source: Any) -> Any:
        return self.stamps.group(source)

    def read(self, sources: Any, region: Any) -> Any:
        for triplet in self.stamps.read(sources, region):
            yield replace(triplet, template=None, problems=("template: away",)) if self.away else triplet


def test_a_panel_that_becomes_available_is_shown():
    images = Recovering()
    pages = make_pages(images, TripletCache(bound_bytes=0))  # what is read is not kept
    page, _ = answer(pages, target())
    assert page["tiles"][0]["panels"]["template"] == {"reason": "away"}
    images.away = False
    page, _ = answer(pages, target())
    assert page["tiles"][0]["panels"]["template"]["shape"] == (SIDE, SIDE)
