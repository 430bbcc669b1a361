"""Rows go in, triplets come out, even if the store fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.wrapped import Wrapped

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption, ImageNotFound
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import plan, read, read_group
from cutout_widgets.stores.base import reading_cancelled
from cutout_widgets.testing import make_sources


class Tuples:
    """A store that forgets to make triplets."""

    def group(self, source):
        return 0

    def read(self, sources, region):
        for _ in sources:
            yield (None, None, None)


def test_a_store_returning_other_objects_is_an_error():
    ((_, triplet),) = read(make_sources(1), Tuples(), 5)
    assert triplet.problem_of("science") == (
        "Tuples.read gave a tuple where each source has a Triplet(template, science, difference)"
    )


def rows(*visits: int) -> list[DiaSource]:
    """One row for each visit; ids count from 1."""
    return [DiaSource(id=k, ra=0.0, dec=0.0, visit=visit) for k, visit in enumerate(visits, start=1)]


def triplet_of(source: DiaSource) -> Triplet:
    return Triplet(science=Image(np.full((1, 1), float(source.id))))


@dataclass
class VisitStore:
    """Answers each row with its id as the pixel; can fail in chosen visits."""

    misbehave: dict[int, Callable[[Sequence[DiaSource]], Iterator[Triplet]]] = field(default_factory=dict)
    asked: list[list[int]] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    def group(self, source: DiaSource) -> int | None:
        return source.visit

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        self.asked.append([source.id for source in sources])
        self.regions.append(region)
        misbehave = self.misbehave.get(sources[0].visit or 0)
        yield from misbehave(sources) if misbehave else map(triplet_of, sources)


def raises_at_once(sources: Sequence[DiaSource]) -> Iterator[Triplet]:
    raise ImageNotFound("the visit is gone")
    yield


def raises_after_one(sources: Sequence[DiaSource]) -> Iterator[Triplet]:
    yield triplet_of(sources[0])
    raise ZeroDivisionError("oops\nwith a second line")


def stops_after_one(sources: Sequence[DiaSource]) -> Iterator[Triplet]:
    yield triplet_of(sources[0])


def never_stops(sources: Sequence[DiaSource]) -> Iterator[Triplet]:
    while True:
        yield triplet_of(sources[0])


def ids_in(found: list[tuple[int, Triplet]]) -> dict[int, float | None]:
    return {
        place: None if triplet.science is None else float(triplet.science.pixels[0, 0])
        for place, triplet in found
    }


def test_groups_are_in_order_of_first_appearance():
    groups = plan(rows(5, 3, 5, 4, 3), VisitStore())
    assert [(group.key, group.places) for group in groups] == [(5, (0, 2)), (3, (1, 4)), (4, (3,))]
    assert [source.id for source in groups[1].sources] == [2, 5]


def test_without_rows_nothing_is_planned():
    assert plan([], VisitStore()) == []
    assert list(read([], VisitStore())) == []


def test_each_group_is_read_once():
    store = VisitStore()
    list(read(rows(5, 3, 5), store))
    assert store.asked == [[1, 3], [2]]


def test_row_indices_restore_table_order():
    found = list(read(rows(5, 3, 5, 4), VisitStore()))
    assert [place for place, _ in found] == [0, 2, 1, 3]
    assert ids_in(found) == {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}


def test_a_size_is_passed_to_the_store_as_a_region():
    store = VisitStore()
    list(read(rows(5), store, (30, 60)))
    list(read(rows(5), store, None))
    assert store.regions == [Region.of((30, 60)), Region.whole()]


def test_an_invalid_size_is_refused_before_anything_is_read():
    store = VisitStore()
    with pytest.raises(BadOption):
        list(read(rows(5), store, -1))
    assert store.asked == []


def test_an_error_in_a_store_affects_only_its_group():
    found = list(read(rows(5, 3, 5), VisitStore({5: raises_at_once})))
    assert ids_in(found) == {0: None, 1: 2.0, 2: None}
    lost = dict(found)[2]
    assert lost.problems == tuple(f"{panel}: the visit is gone" for panel in PANELS)


def test_rows_read_before_a_failure_are_kept():
    found = list(read(rows(5, 5, 5), VisitStore({5: raises_after_one})))
    assert ids_in(found) == {0: 1.0, 1: None, 2: None}
    assert dict(found)[1].problem_of("science") == "ZeroDivisionError: oops with a second line"


def test_a_failure_is_logged_with_its_traceback(caplog):
    with caplog.at_level(logging.WARNING, logger="cutout_widgets"):
        list(read(rows(5, 5), VisitStore({5: raises_after_one})))
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "1 source" in record.getMessage()


def test_rows_missing_from_a_store_get_an_error():
    found = list(read(rows(5, 5), VisitStore({5: stops_after_one})))
    assert ids_in(found) == {0: 1.0, 1: None}
    assert "returned nothing for this source" in dict(found)[1].problem_of("template")


def test_a_store_that_yields_too_many_is_stopped_after_the_last_row():
    found = list(read(rows(5, 5, 3), VisitStore({5: never_stops})))
    assert ids_in(found) == {0: 1.0, 1: 1.0, 2: 3.0}


def test_an_empty_group_reads_nothing():
    assert list(read_group([], VisitStore({0: stops_after_one}), Region.of(30))) == []


def test_cancelling_before_the_start_reads_nothing():
    store = VisitStore()
    assert list(read(rows(5, 3), store, cancelled=lambda: True)) == []
    assert store.asked == []


def test_cancelling_in_the_middle_stops_at_the_next_row():
    seen: list[int] = []
    store = VisitStore()
    for place, _ in read(rows(5, 5, 5, 3), store, cancelled=lambda: len(seen) >= 2):
        seen.append(place)
    assert seen == [0, 1]
    assert store.asked == [[1, 2, 3]]


def test_closing_the_reader_stops_the_store():
    closed: list[bool] = []

    def tells_when_closed(sources: Sequence[DiaSource]) -> Iterator[Triplet]:
        try:
            for source in sources:
                yield triplet_of(source)
        finally:
            closed.append(True)

    reading = read(rows(5, 5), VisitStore({5: tells_when_closed}))
    next(reading)
    reading.close()
    assert closed == [True]


@dataclass
class MeetingStore(VisitStore):
    """Answers a visit only while another one is read too."""

    meeting: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        self.meeting.wait(timeout=20)
        yield from super().read(sources, region)


def test_groups_are_read_in_parallel():
    sources = rows(1, 2, 1, 2)
    answers = dict(read(sources, MeetingStore(), threads=2))
    assert ids_in(list(answers.items())) == {0: 1, 1: 2, 2: 3, 3: 4}


@pytest.mark.parametrize("bad", [raises_at_once, raises_after_one, stops_after_one, never_stops])
def test_several_threads_give_the_same_results_as_one(bad):
    sources = rows(1, 2, 3, 2, 1, 4, 2)
    alone = dict(read(sources, VisitStore({2: bad})))
    together = dict(read(sources, VisitStore({2: bad}), threads=3))
    assert together.keys() == alone.keys() == set(range(7))
    for place, triplet in together.items():
        assert triplet.problems == alone[place].problems
        assert (triplet.science is None) == (alone[place].science is None)


def test_threads_stop_when_the_reader_is_closed():
    gate = threading.Event()

    class Gated(VisitStore):
        def read(self, sources, region):
            self.asked.append([source.id for source in sources])
            if len(self.asked) > 2:
                assert gate.wait(timeout=20)
            yield from map(triplet_of, sources)

    before = set(threading.enumerate())
    store = Gated()
    reading = read(rows(*range(1, 200)), store, threads=2)
    next(reading)
    reading.close()
    gate.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=20)
        assert not thread.is_alive()
    assert len(store.asked) <= 4  # two that passed, and two that were at the gate


def test_threads_stop_when_the_read_is_cancelled():
    asked = iter([False, False])
    store = VisitStore()
    few = list(read(rows(*range(1, 200)), store, threads=2, cancelled=lambda: next(asked, True)))
    assert len(few) <= len(store.asked) <= 2


class Ending(BaseException):
    """As SystemExit, or a panic in a library of another language."""


def test_system_exit_in_a_store_is_raised_by_the_reader():
    class Ended(VisitStore):
        def read(self, sources, region):
            raise Ending

    with pytest.raises(Ending):
        list(read(rows(1, 2, 3, 4), Ended(), threads=2))


def test_threads_do_not_read_far_ahead():
    before = set(threading.enumerate())
    store = VisitStore()
    reading = read(rows(*range(1000)), store, threads=2)
    next(reading)
    workers = set(threading.enumerate()) - before
    reading.close()
    for thread in workers:
        thread.join(timeout=20)
    assert len(workers) == 2
    assert len(store.asked) < 30


def test_a_store_limits_how_many_groups_are_read_at_once():
    class OneByOne(VisitStore):
        side_by_side = 1

        def read(self, sources, region):
            assert threading.current_thread() is threading.main_thread()
            yield from super().read(sources, region)

    found = dict(read(rows(1, 2, 3), OneByOne(), threads=8))
    assert not any(triplet.problems for triplet in found.values())


class GivingUp(VisitStore):
    """Never answers; stops when cancelled."""

    def read(self, sources, region):
        self.asked.append([source.id for source in sources])
        while not reading_cancelled():
            pass
        yield Triplet(problems=("science: gave up",))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_waiting_store_is_notified_of_cancellation_and_its_result_ignored(threads):
    store = GivingUp()
    found = read(
        rows(5, 5, 3), Wrapped(store), cancelled=lambda: len(store.asked) >= threads, threads=threads
    )
    assert list(found) == []
    assert len(store.asked) == threads


def test_cancellation_reaches_only_the_cancelled_read():
    heard: list[bool] = []

    class Asking(VisitStore):
        def read(self, sources, region):
            for source in sources:
                heard.append(reading_cancelled())
                yield triplet_of(source)

    left = threading.Event()
    first = read(rows(5, 5), Asking(), cancelled=left.is_set)
    second = read(rows(5, 5), Asking())
    next(first)
    left.set()
    assert not reading_cancelled()
    next(second)
    assert heard == [False, False]
