"""Each request gets exactly one answer."""

from __future__ import annotations

import gc
import sys
from types import FrameType
from typing import Any

import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.protocol.messages import VERSION
from cutout_widgets.widget.service.broker import OpenRequest, RequestBroker


class Room:
    """A broker whose handlers keep their requests."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.requests: list[OpenRequest] = []
        self.broker = RequestBroker(
            {"wait": self.requests.append, "now": self.answer, "label": self.answer, "break": self.fail},
            lambda answer, _: self.sent.append(answer),
            once=frozenset({"label"}),
        )

    def answer(self, request: OpenRequest) -> None:
        self.requests.append(request)
        request.done({"kind": "done", "n": len(self.requests)})

    def fail(self, request: OpenRequest) -> None:
        raise BadOption("that has no meaning")

    def receive(self, kind: str, number: int, **more: Any) -> None:
        body = {"kind": kind, "request": number, "client": "c", "version": VERSION}
        self.broker.receive({**body, **more})


def test_an_answer_has_the_client_and_number_of_its_request():
    room = Room()
    room.receive("now", 7)
    assert room.sent == [{"kind": "done", "n": 1, "version": VERSION, "client": "c", "request": 7}]


def test_a_repeated_request_in_progress_is_not_executed_again_but_says_that_the_kernel_works():
    room = Room()
    room.receive("wait", 1)
    assert room.sent == []
    room.receive("wait", 1)
    assert len(room.requests) == 1
    assert room.sent == [{"kind": "working", "version": VERSION, "client": "c", "request": 1}]


def test_a_repeated_request_is_answered_again_after_a_lost_answer():
    room = Room()
    room.receive("now", 1)
    room.receive("now", 1)
    assert [one["n"] for one in room.sent] == [1, 2]


def test_a_repeated_label_request_is_applied_once_and_confirmed_twice():
    room = Room()
    room.receive("label", 1)
    room.receive("label", 1)
    assert [one["n"] for one in room.sent] == [1, 1]


def test_only_the_first_final_answer_is_sent():
    room = Room()
    room.receive("wait", 1)
    room.requests[0].done({"kind": "done"})
    room.requests[0].fail("too late")
    room.requests[0].part({"kind": "part"}, [])
    assert [one["kind"] for one in room.sent] == ["done"]


def test_an_exception_in_a_handler_becomes_the_answer():
    room = Room()
    room.receive("break", 1)
    assert room.sent[0]["kind"] == "failed"
    assert room.sent[0]["reason"] == "that has no meaning"


def test_cancelling_answers_at_once_and_stops_the_work():
    room = Room()
    room.receive("wait", 1)
    room.receive("wait", 2)
    room.broker.cancel("c", 1)
    assert room.requests[0].is_cancelled()
    assert not room.requests[1].is_cancelled()
    assert [(one["request"], one["cancelled"]) for one in room.sent] == [(1, True)]


def test_a_front_end_of_another_version_is_asked_to_reload():
    room = Room()
    room.receive("now", 1, version=VERSION + 1)
    assert "reload the page" in room.sent[0]["reason"]
    assert room.requests == []


def test_an_unknown_request_is_answered_with_an_error():
    room = Room()
    room.receive("dance", 1)
    assert room.sent[0]["reason"] == "the kernel does not know the request 'dance'"


def test_an_invalid_request_is_dropped():
    room = Room()
    for body in (None, 3, "page", [], {"kind": "now"}, {"kind": "now", "request": "1"}):
        room.broker.receive(body)
    assert room.sent == []


@pytest.mark.parametrize("kind", [["page"], {"a": 1}, None, 7])
def test_a_request_kind_that_is_not_text_is_refused_without_side_effects(kind: object):
    room = Room()
    room.receive(kind, 1)  # type: ignore[arg-type]  # that is the test
    room.receive("now", 2)
    assert [one["kind"] for one in room.sent] == ["failed", "done"]
    assert "does not know the request" in room.sent[0]["reason"]


def test_older_requests_of_a_kind_are_cancelled_only_for_the_same_client():
    room = Room()
    room.receive("wait", 1)
    room.receive("wait", 2)
    room.receive("wait", 3, client="d")
    room.receive("wait", 4)
    room.broker.cancel_older(room.requests[1])
    assert [one.is_cancelled() for one in room.requests] == [True, False, False, False]


def test_a_repetition_of_a_cancelled_request_is_outdated():
    room = Room()
    for number in (1, 2, 3):
        room.receive("wait", number)
    room.broker.cancel_older(room.requests[1])
    room.broker.cancel("c", 3)
    room.receive("wait", 1)
    room.receive("wait", 3)
    room.receive("wait", 4)
    outdated = [room.broker.is_outdated(one) for one in room.requests]
    assert outdated == [True, True, True, True, True, False]
    assert not room.broker.is_outdated(OpenRequest({"kind": "wait", "request": 1, "client": "d"}, print))


def test_a_repeated_cancellation_is_answered_again():
    room = Room()
    room.receive("wait", 1)
    room.receive("label", 2)
    room.broker.cancel("c", 1)
    room.broker.cancel("c", 1)
    room.broker.cancel("c", 2)
    told = [(one["request"], one["kind"]) for one in room.sent]
    assert told == [(2, "done"), (1, "failed"), (1, "failed"), (2, "done")]


def test_answered_and_dropped_requests_are_forgotten():
    room = Room()
    for number in range(3):
        room.receive("wait", number)
    room.requests[0].done({"kind": "done"})
    room.requests[1].drop()
    room.broker.close()
    assert [(one["request"], one["kind"]) for one in room.sent] == [(0, "done"), (2, "failed")]


def test_the_cost_per_request_does_not_grow_with_open_requests():
    """Counts function calls, not seconds."""
    room = Room()

    def calls(first: int, n: int) -> int:
        count = 0

        def tracer(frame: FrameType, *_: object) -> None:
            nonlocal count
            count += "cutout_widgets" in frame.f_code.co_filename

        gc.disable()  # it would call what other tests left behind
        sys.setprofile(tracer)
        try:
            for number in range(first, first + n):
                room.receive("wait", number)
        finally:
            sys.setprofile(None)
            gc.enable()
        return count

    few = calls(0, 50)
    calls(50, 2000)
    assert calls(2050, 50) == few


def test_a_repeated_label_request_is_recognised_after_many_others():
    room = Room()
    for number in (*range(1, 5001), 1, 4999):
        room.receive("label", number)
    assert len(room.requests) == 5000
    assert room.sent[-1] == room.sent[4998], "a recent answer comes again"
    assert (room.sent[-2]["kind"], room.sent[-2]["request"]) == ("failed", 1)
    assert "before" in room.sent[-2]["reason"]


def test_request_numbers_are_per_client():
    room = Room()
    for number in range(1, 5001):
        room.receive("label", number)
    room.receive("label", 1, client="other")
    assert len(room.requests) == 5001
