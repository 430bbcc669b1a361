"""The store that is slow on purpose."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read
from cutout_widgets.testing import SlowImages, StoreContract, assert_images_equal, make_image, make_sources
from cutout_widgets.testing.slow import image_of


class TestSlowImages(StoreContract):
    def make_store(self):
        return SlowImages(is_open=True)

    def make_sources(self):
        return make_sources(3)

    def whole_image(self, source, panel):
        return image_of(source)


def test_rows_wait_until_released():
    slow = SlowImages()
    sources = make_sources(3)
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(lambda: list(slow.read(sources, Region((5,)))))
        assert slow.wait_until_asked(1)
        assert slow.answered == ()
        slow.allow(1)
        assert slow.wait_until_asked(2)
        assert slow.answered == (sources[0].id,)
        assert not reading.done()
        slow.open()
        assert len(reading.result(timeout=30)) == 3
    assert slow.asked == tuple(source.id for source in sources)


def test_a_cancelled_read_requests_nothing_more():
    slow = SlowImages(is_open=True)
    sources = make_sources(5)
    answers = list(read(sources, slow, 5, cancelled=lambda: len(slow.asked) >= 2))
    assert [place for place, _ in answers] == [0, 1]
    assert len(slow.asked) == 2


def test_it_answers_like_the_store_behind_it():
    slow = SlowImages(SlowImages(is_open=True), is_open=True)
    source = make_sources(1)[0]
    (triplet,) = pickle.loads(pickle.dumps(slow)).read([source], Region.whole())
    assert_images_equal(triplet.science, make_image((64, 64), seed=source.id & 0xFFFFFFFF))
