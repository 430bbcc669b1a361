"""Tests that every image store inherits."""

from __future__ import annotations

import gc
import pickle
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import NoOverlap
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.image import NO_DATA, PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import plan, read
from cutout_widgets.stores.open_image import as_float32
from cutout_widgets.testing.makers import assert_images_equal, assert_triplets_equal

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["StoreContract", "read_all"]

THREADS = 8
"""Number of threads that read at once."""


def read_all(sources: Sequence[DiaSource], images: ImageStore, region: Region) -> list[Triplet]:
    """Read all rows in order, for use in threads and processes of tests.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_sources
    >>> image = make_image((100, 100))
    >>> store = cw.ArrayImages.from_images({(1, 0): (None, image, None)})
    >>> [one.science.shape for one in read_all(make_sources(2, image=image), store, cw.Region.of(30))]
    [(30, 30), (30, 30)]
    """
    answers = dict(read(sources, images, region))
    return [answers[place] for place in range(len(sources))]


class StoreContract:
    """The contract of an image store as tests; name your subclass ``Test...``.

    Implement `make_store`, `make_sources` and `whole_image`; the tests are inherited.

    Examples
    --------
    >>> from cutout_widgets.testing import StoreContract, make_image, make_sources
    >>> image = make_image((100, 100))
    >>> class TestMyImages(StoreContract):
    ...     def make_store(self):
    ...         return cw.ArrayImages.from_images({(1, 0): (None, image, None)})
    ...
    ...     def make_sources(self):
    ...         return make_sources(3, image=image)
    ...
    ...     def whole_image(self, source, panel):
    ...         return image if panel == "science" else None
    >>> TestMyImages().test_every_row_is_answered_in_its_place()
    """

    region: Region = Region((15,))
    """Size of the cutouts in the tests."""

    def make_store(self) -> ImageStore:
        """Return a new store, with nothing open."""
        raise NotImplementedError(f"{type(self).__name__} must implement make_store()")

    def make_sources(self) -> list[DiaSource]:
        """Return rows that the store has images of: several, of more than one group if it has groups.

        The test is better if some are at the edge of an image, and one has a missing panel.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement make_sources()")

    def whole_image(self, source: DiaSource, panel: Panel) -> Image | None:
        """Return the whole image that a panel of a row is cut from; None if there should be none.

        Create it independently of the store.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement whole_image()")

    # The tests. Each creates a new store.

    def test_every_row_is_answered_in_its_place(self) -> None:
        """One triplet for each row, in order, the same as when the row is read alone."""
        store, sources = self.make_store(), self.make_sources()
        alone = [_only(store.read([source], self.region)) for source in sources]
        for group in plan(sources, store):
            together = list(store.read(group.sources, self.region))
            assert len(together) == len(group.sources)
            for place, triplet in zip(group.places, together, strict=True):
                assert_triplets_equal(triplet, alone[place])

    def test_rows_in_reverse_order_get_the_same(self) -> None:
        """Results do not depend on the order of rows."""
        store, sources = self.make_store(), self.make_sources()
        forward = dict(read(sources, store, self.region))
        backward = dict(read(sources[::-1], store, self.region))
        for place in range(len(sources)):
            assert_triplets_equal(forward[place], backward[len(sources) - 1 - place])

    def test_a_cutout_is_the_slice_of_the_whole_image(self) -> None:
        """Bit for bit, including mask planes by name, variance and WCS."""
        store, sources = self.make_store(), self.make_sources()
        shown = 0
        for place, triplet in read(sources, store, self.region):
            for panel in PANELS:
                expected = self._expected(sources[place], panel, self.region)
                got = getattr(triplet, panel)
                assert (got is None) == (expected is None), (
                    f"{panel} of {sources[place].id}: {triplet.problems}"
                )
                assert_images_equal(got, expected)
                shown += got is not None
        assert shown, "not one panel could be shown: the contract tested nothing"

    def test_what_else_is_wanted_changes_no_pixel(self) -> None:
        """A mask or variance that is not requested may be omitted; a requested one does not change."""
        sources = self.make_sources()
        everything = dict(read(sources, self.make_store(), self.region))
        wanted: list[frozenset[Extra]] = [frozenset(), frozenset(["mask"]), frozenset(["variance"])]
        for extras in wanted:
            for place, triplet in read(sources, self.make_store(), replace(self.region, extras=extras)):
                assert triplet.problems == everything[place].problems
                for got, expected in zip(triplet, everything[place], strict=True):
                    assert_images_equal(got, None if expected is None else _without(expected, got, extras))

    def test_pixels_beyond_the_edge_are_marked(self) -> None:
        """NaN, ``NO_DATA`` and infinite variance outside; the image itself inside."""
        store, sources = self.make_store(), self.make_sources()
        for place, triplet in read(sources, store, self._more_than_all()):
            for panel in PANELS:
                got = getattr(triplet, panel)
                whole = self.whole_image(sources[place], panel)
                if got is None or whole is None:
                    continue
                outside = np.ones(got.shape, dtype=bool)
                outside[got.box.intersection(whole.box).slices_in(got.box)] = False
                assert outside.any()
                assert np.isnan(got.pixels[outside]).all()
                if got.mask is not None:
                    assert got.has_plane(NO_DATA)[outside].all()
                if got.variance is not None:
                    assert np.isinf(got.variance[outside]).all()
                expected = self._expected(sources[place], panel, self._more_than_all())
                assert_images_equal(got, expected)

    def test_pixels_are_native_contiguous_float32(self) -> None:
        """Buffers can be sent unchanged."""
        for _, triplet in read(self.make_sources(), self.make_store(), self.region):
            for image in triplet:
                if image is None:
                    continue
                assert image.pixels.dtype == np.dtype("=f4")
                assert image.pixels.flags.c_contiguous
                assert image.mask is None or image.mask.dtype == np.dtype("=u4")
                assert image.variance is None or image.variance.dtype == np.dtype("=f4")

    def test_what_is_missing_is_said_for_that_panel_alone(self) -> None:
        """A problem is one line, starts with its panel, and that panel is None."""
        store, sources = self.make_store(), self.make_sources()
        for place, triplet in read(sources, store, self.region):
            for panel in PANELS:
                text = triplet.problem_of(panel)
                assert text is None or (text and "\n" not in text and getattr(triplet, panel) is None)
            assert all(problem.split(": ")[0] in PANELS for problem in triplet.problems), triplet.problems
            assert any(triplet) or triplet.problems, f"{sources[place].id} shows nothing and says nothing"

    def test_rows_it_does_not_know_get_problems_and_raise_nothing(self) -> None:
        """Neither `group` nor `read` raises, and other rows are not affected."""
        store, sources = self.make_store(), self.make_sources()
        strange = [
            DiaSource(id=-1, ra=np.nan, dec=np.nan),
            DiaSource(
                id=2**63 - 1, ra=0.0, dec=90.0, visit=2**62, detector=-3, row={"x": -1e30, "y": np.inf}
            ),
            replace(sources[0], ra=np.nan, dec=np.nan, row={**sources[0].row, "x": None, "y": None}),
        ]
        for source in strange:
            hash(store.group(source))
            triplet = _only(store.read([source], self.region))
            assert any(triplet) or triplet.problems
        # An unknown row between others does not affect them.
        lost = strange[2]
        before, got, after = (
            triplet
            for _, triplet in sorted(read([sources[0], lost, sources[0]], store, self.region), key=_place)
        )
        assert_triplets_equal(before, after)
        assert any(got) or got.problems

    def test_it_pickles_and_reads_the_same(self) -> None:
        """Before and after use; group keys do not change."""
        store, sources = self.make_store(), self.make_sources()
        fresh = pickle.loads(pickle.dumps(store))
        expected = dict(read(sources, store, self.region))
        used = pickle.loads(pickle.dumps(store))
        for one in (fresh, used):
            for place, triplet in read(sources, one, self.region):
                assert one.group(sources[place]) == store.group(sources[place])
                assert_triplets_equal(triplet, expected[place])

    def test_threads_read_the_same(self) -> None:
        """Eight threads on one store at once."""
        store, sources = self.make_store(), self.make_sources()
        expected = dict(read(sources, self.make_store(), self.region))
        together = threading.Barrier(THREADS)

        def read_all(_: int) -> dict[int, Triplet]:
            together.wait()
            return dict(read(sources, store, self.region))

        with ThreadPoolExecutor(THREADS) as threads:
            for answers in threads.map(read_all, range(THREADS)):
                assert answers.keys() == expected.keys()
                for place, triplet in answers.items():
                    assert_triplets_equal(triplet, expected[place])

    def test_reading_is_lazy_and_can_be_left(self) -> None:
        """An iterator, not a list; abandoning it is harmless."""
        store, sources = self.make_store(), self.make_sources()
        for group in plan(sources, store):
            reading = store.read(group.sources, self.region)
            assert not isinstance(reading, Sequence)
            next(reading)
            if hasattr(reading, "close"):
                reading.close()
            assert len(list(store.read(group.sources, self.region))) == len(group.sources)
        assert list(store.read([], self.region)) == []

    def test_no_file_is_left_open(self) -> None:
        """Files are closed when the store is deleted."""
        before = _open_files()
        store, sources = self.make_store(), self.make_sources()
        threads = set(threading.enumerate())
        for _ in range(3):
            list(read(sources, store, self.region))
        for group in plan(sources, store):
            next(store.read(group.sources, self.region))
        del store
        gc.collect()
        for thread in set(threading.enumerate()) - threads:
            thread.join(timeout=10)  # a worker of the store may still be reading an abandoned file
        left = _open_files() - before
        assert not left, f"still open after the store is gone: {sorted(left)}"

    def test_its_repr_is_one_short_line(self) -> None:
        """It contains neither a memory address nor a newline."""
        text = repr(self.make_store())
        assert "\n" not in text
        assert " object at 0x" not in text

    def _more_than_all(self) -> Region:
        """Return a region that extends beyond every whole image of the test on all sides."""
        sides = [
            max(whole.shape)
            for source in self.make_sources()
            for panel in PANELS
            if (whole := self.whole_image(source, panel)) is not None
        ]
        return Region((2 * max(sides) + 5,))

    def _expected(self, source: DiaSource, panel: Panel, region: Region) -> Image | None:
        """Return the expected panel, by the simplest method."""
        whole = self.whole_image(source, panel)
        if whole is None:
            return None
        try:
            box = region.box_on(whole, source)
        except NoOverlap:
            return None
        if not whole.box.overlaps(box):
            return None
        as_floats = replace(
            whole,
            pixels=as_float32(whole.pixels),
            variance=None if whole.variance is None else as_float32(whole.variance),
        )
        return cut(as_floats, box)


def _without(image: Image, got: Image | None, extras: frozenset[Extra]) -> Image:
    """Return an image without the mask and variance that were neither requested nor given."""
    mask, variance = (
        None if got is None or (getattr(got, name) is None and name not in extras) else getattr(image, name)
        for name in ("mask", "variance")
    )
    return replace(image, mask=mask, planes={} if mask is None else image.planes, variance=variance)


def _only(triplets: Iterator[Triplet]) -> Triplet:
    """Return the only triplet of a read."""
    (triplet,) = triplets
    return triplet


def _place(answer: tuple[int, Triplet]) -> int:
    """Return the position in a result."""
    return answer[0]


def _open_files() -> set[str]:
    """Return the regular files that this process has open; empty if the system cannot list them."""
    found = set()
    folder = Path("/proc/self/fd")
    for link in folder.iterdir() if folder.is_dir() else ():
        try:
            target = link.readlink()
        except OSError:  # closed in the meantime
            continue
        if target.is_file():
            found.add(f"{target} ({link.name})")
    return found
