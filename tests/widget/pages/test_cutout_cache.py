"""The cache of cutouts has a size limit."""

from __future__ import annotations

from cutout_widgets.pixels.image import Triplet
from cutout_widgets.testing import make_image
from cutout_widgets.widget.pages.cutout_cache import TripletCache, size_of


def triplet() -> Triplet:
    """10 x 10 float32 pixels, uint32 mask and float32 variance: 1200 bytes, and 1024 for the rest."""
    return Triplet(science=make_image((10, 10)))


def test_the_cache_size_counts_every_array():
    assert size_of(triplet()) == 1024 + 3 * 400


def test_the_most_recently_used_cutouts_are_kept():
    memory = TripletCache(bound_bytes=4 * 2224)
    for key in range(4):
        memory.put("grid", key, triplet())
    assert memory.get("grid", 0) is not None
    memory.put("grid", 4, triplet())
    assert memory.get("grid", 1) is None
    assert memory.get("grid", 0) is not None
    assert memory.nbytes == 4 * 2224


def test_replacing_an_entry_does_not_count_twice():
    memory = TripletCache(bound_bytes=100_000)
    memory.put("grid", 0, triplet())
    memory.put("grid", 0, triplet())
    assert memory.nbytes == 2224


def test_a_cutout_larger_than_the_cache_is_not_kept():
    memory = TripletCache(bound_bytes=4000)
    memory.put("grid", 0, triplet())
    assert memory.nbytes == 0


def test_releasing_one_owner_leaves_the_others():
    memory = TripletCache(bound_bytes=100_000)
    memory.put("one", 0, triplet())
    memory.put("other", 0, triplet())
    memory.release("one")
    assert memory.get("one", 0) is None
    assert memory.get("other", 0) is not None
    assert memory.nbytes == 2224


def test_failed_cutouts_are_tried_again_after_a_while():
    now = 0.0
    memory = TripletCache(clock=lambda: now)
    memory.put("grid", 0, Triplet(problems=("science: there is no file",)))
    memory.put("grid", 1, triplet())
    now = 29.0
    assert memory.get("grid", 0) is not None
    now = 31.0
    assert memory.get("grid", 0) is None
    assert memory.get("grid", 1) is not None
    assert memory.nbytes == 2224
