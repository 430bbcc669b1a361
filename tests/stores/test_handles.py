"""Open files are used by one caller at a time, and limited in number."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import pickle

import pytest

from cutout_widgets.errors import UnreadableImage
from cutout_widgets.stores.handles import Handles


class Door:
    """A handle that records whether it was closed."""

    opened: list[Door] = []  # noqa: RUF012  each test empties it

    def __init__(self, key, held_bytes=0):
        if key == "missing":
            raise FileNotFoundError(key)
        self.key, self.held_bytes, self.is_open = key, held_bytes, True
        Door.opened.append(self)

    def close(self):
        assert self.is_open, "closed twice"
        self.is_open = False


@pytest.fixture(autouse=True)
def _nothing_open():
    Door.opened.clear()


def still_open():
    return [door.key for door in Door.opened if door.is_open]


def test_a_handle_is_reused_by_the_next_caller():
    doors = Handles(Door)
    for _ in range(3):
        with doors.borrow("a") as door:
            assert door.key == "a"
    assert len(Door.opened) == 1


def test_two_callers_at_once_get_two_handles():
    doors = Handles(Door)
    with doors.borrow("a") as one, doors.borrow("a") as two:
        assert one is not two


def test_the_least_recently_used_is_closed_first():
    doors = Handles(Door, idle=2)
    for key in ("a", "b", "a", "c"):
        with doors.borrow(key):
            pass
    assert still_open() == ["a", "c"]


def test_memory_of_idle_handles_is_bounded():
    doors = Handles(lambda size: Door(size, held_bytes=size), idle_bytes=100)
    for size in (60, 50, 1000):
        with doors.borrow(size):
            pass
    assert still_open() == []


def test_a_handle_that_failed_is_not_reused():
    doors = Handles(Door)
    with pytest.raises(RuntimeError), doors.borrow("a"):
        raise RuntimeError
    assert still_open() == []


def test_an_abandoned_reader_returns_its_handle():
    doors = Handles(Door)

    def reading():
        with doors.borrow("a"):
            yield 1
            yield 2

    going = reading()
    next(going)
    going.close()
    assert still_open() == ["a"]
    with doors.borrow("a"):
        assert len(Door.opened) == 1


def test_a_failure_to_open_is_raised_and_not_cached():
    doors = Handles(Door)
    for _ in range(2):
        with pytest.raises(FileNotFoundError), doors.borrow("missing"):
            pass


def test_handles_are_closed_with_their_pool():
    doors = Handles(Door)
    with doors.borrow("a"):
        pass
    del doors
    gc.collect()
    assert still_open() == []


def test_a_pool_is_pickled_without_its_handles():
    doors = Handles(Door, idle=3)
    with doors.borrow("a"):
        pass
    again = pickle.loads(pickle.dumps(doors))
    with again.borrow("a") as door:
        assert door is Door.opened[1]


def in_child(doors, answers):
    with doors.borrow("a") as door:
        answers.put((len(Door.opened), door is Door.opened[0]))


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
def test_a_forked_child_does_not_share_open_files():
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system cannot fork")
    fork = multiprocessing.get_context("fork")
    doors = Handles(Door)
    with doors.borrow("a"):
        pass
    answers = fork.Queue()
    child = fork.Process(target=in_child, args=(doors, answers))
    child.start()
    assert answers.get(timeout=60) == (2, False)
    child.join(timeout=60)
    assert still_open() == ["a"]


def test_idle_files_of_all_pools_are_closed_at_the_descriptor_limit():
    class Scarce(Door):
        """A handle of which at most three may be open in the process."""

        now_open = 0

        def __init__(self, key):
            if Scarce.now_open == 3:
                raise UnreadableImage("cannot be read") from OSError(errno.EMFILE, "Too many open files")
            Scarce.now_open += 1
            super().__init__(key)

        def close(self):
            super().close()
            Scarce.now_open -= 1

    one: Handles[str, Scarce] = Handles(Scarce)
    other: Handles[str, Scarce] = Handles(Scarce)
    for key in "abc":
        with one.borrow(key):
            pass
    with other.borrow("d") as door:
        assert Scarce.now_open == 1
        assert door.is_open
    with one.borrow("a"), one.borrow("b"), pytest.raises(UnreadableImage), one.borrow("c"), one.borrow("e"):
        pass


def test_a_pool_keeps_at_most_its_share_of_open_files(monkeypatch):
    resource = pytest.importorskip("resource", reason="a limit on open files is a thing of POSIX")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (40, 4096))
    doors = Handles(Door)
    for key in "abcdefgh":
        with doors.borrow(key):
            pass
    assert still_open() == ["d", "e", "f", "g", "h"]


def test_the_repr_of_a_pool_shows_its_number_of_handles():
    assert repr(Handles(Door, idle=2)) == "<Handles: 0 idle, 2 at most>"


def test_handles_without_descriptors_are_not_limited(monkeypatch):
    resource = pytest.importorskip("resource", reason="a limit on open files is a thing of POSIX")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (40, 4096))
    doors = pickle.loads(pickle.dumps(Handles(Door, files_each=0)))
    for key in "abcdefgh":
        with doors.borrow(key):
            pass
    assert still_open() == list("abcdefgh")


def test_of_two_idle_handles_the_most_recently_used_is_reused():
    doors = Handles(Door)
    with doors.borrow("a") as one, doors.borrow("a") as two:
        pass
    with doors.borrow("a") as next_one:
        assert next_one is one
        with doors.borrow("a") as other:
            assert other is two
