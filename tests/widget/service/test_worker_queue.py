"""The worker queue of a grid."""

from __future__ import annotations

import threading

from cutout_widgets.widget.service.worker_queue import WorkerQueue


def run_through(queue: WorkerQueue) -> None:
    done = threading.Event()
    queue.post(done.set)
    assert done.wait(10)


def test_jobs_run_in_order_on_another_thread():
    queue, seen = WorkerQueue("test"), []
    for number in range(5):
        queue.post(lambda number=number: seen.append((number, threading.current_thread().name)))
    run_through(queue)
    assert seen == [(number, "test") for number in range(5)]


def test_a_job_that_raises_does_not_stop_the_others(caplog):
    queue = WorkerQueue("test")
    queue.post(lambda: 1 // 0)
    run_through(queue)
    assert "a job of test failed" in caplog.text


def test_a_closed_queue_drops_its_jobs():
    queue, gate, seen = WorkerQueue("test"), threading.Event(), []
    started = threading.Event()
    queue.post(lambda: (started.set(), gate.wait(10)))
    queue.post(lambda: seen.append("late"))
    assert started.wait(10)
    queue.close()
    gate.set()
    queue.post(lambda: seen.append("later"))
    assert seen == []


def test_an_abandoned_job_does_not_block_the_next():
    queue, left, gate = WorkerQueue("test"), threading.Event(), threading.Event()
    started = threading.Event()
    queue.post(lambda: (started.set(), gate.wait(10)), is_left=left.is_set)
    assert started.wait(10)
    left.set()
    run_through(queue)
    gate.set()


def test_a_wanted_job_is_waited_for():
    queue, gate, started, seen = WorkerQueue("test"), threading.Event(), threading.Event(), []
    queue.post(lambda: (started.set(), gate.wait(10), seen.append("first")))
    assert started.wait(10)
    queue.post(lambda: seen.append("second"))
    assert seen == []
    gate.set()
    run_through(queue)
    assert seen == ["first", "second"]


def test_the_number_of_hanging_threads_is_limited():
    queue, left, gate = WorkerQueue("crowd"), threading.Event(), threading.Event()
    left.set()
    for _ in range(6):
        queue.post(lambda: gate.wait(10), is_left=left.is_set)
    assert sum(one.name == "crowd" for one in threading.enumerate()) <= 3
    gate.set()
    run_through(queue)


def test_a_hanging_job_does_not_prevent_exit():
    queue, started = WorkerQueue("hangs"), threading.Event()
    queue.post(lambda: (started.set(), threading.Event().wait(60)))
    assert started.wait(10)
    assert all(one.daemon for one in threading.enumerate() if one.name == "hangs")
