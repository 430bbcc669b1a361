"""Calls after a delay."""

from __future__ import annotations

import threading

from cutout_widgets.widget.pages.delayed_calls import DelayedCalls


def test_functions_are_called_in_order_in_one_other_thread():
    later, seen, done = DelayedCalls(0.01, "test"), [], threading.Event()
    for number in range(3):
        later.add(lambda number=number: seen.append((number, threading.current_thread().name)))
    later.add(done.set)
    assert done.wait(10)
    assert seen == [(0, "test"), (1, "test"), (2, "test")]


def test_a_function_that_is_dropped_is_not_called():
    later, seen, done = DelayedCalls(0.01, "test"), [], threading.Event()

    def unwanted() -> None:
        seen.append("unwanted")

    later.add(done.set)
    later.add(unwanted)
    later.drop(unwanted)
    assert done.wait(10)
    again = threading.Event()
    later.add(again.set)
    assert again.wait(10)
    assert seen == []


def test_a_function_that_raises_does_not_stop_the_others(caplog):
    later, done = DelayedCalls(0.0, "test"), threading.Event()
    later.add(lambda: 1 // 0)
    later.add(done.set)
    assert done.wait(10)
    assert "a call of test failed" in caplog.text


def test_the_thread_is_used_again_after_a_pause():
    later, threads = DelayedCalls(0.0, "test"), []
    for _ in range(2):
        done = threading.Event()
        later.add(lambda done=done: (threads.append(threading.current_thread()), done.set()))
        assert done.wait(10)
    assert threads[0] is threads[1]
