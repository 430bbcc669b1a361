"""A service that is down is detected once; saving waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.stores.soda.test_store import make_sky, rows, server, sky, store_of  # noqa: F401  fixtures

import cutout_widgets as cw
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.soda.health import FAILURES, Health
from cutout_widgets.stores.soda.http import _seconds
from cutout_widgets.stores.waiting import waiting_for_service, waits_for_service

HOST = "https://a.org"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def science_of(server, tmp_path, **options):  # noqa: F811  a fixture's value
    options = {"cache": None, "at_once": 1, "pause_s": 0.0, "tries": 2} | options
    return cw.SodaImages(science=server.links.replace("{panel}", "science"), **options)


def test_a_service_is_down_after_three_failures_in_a_row():
    health = Health(30.0, Clock())
    for _ in range(FAILURES - 1):
        health.failed(HOST, "silent")
        assert health.outage(HOST) is None
    health.failed(HOST, "silent")
    assert health.outage(HOST) == ("silent", 30.0, 0.0)
    assert health.outage("https://b.org") is None


def test_a_success_resets_the_failure_count():
    health = Health(30.0, Clock())
    for _ in range(2 * FAILURES):
        health.failed(HOST, "silent")
        health.answered(HOST)
    assert not health.is_down(HOST)


def test_after_the_pause_one_request_probes_the_service():
    clock = Clock()
    health = Health(30.0, clock)
    for _ in range(FAILURES):
        health.failed(HOST, "silent")
    clock.now += 31
    assert health.outage(HOST) is None
    assert health.outage(HOST) == ("silent", 30.0, 31.0)
    health.answered(HOST)
    assert health.outage(HOST) is None


def test_retry_after_is_respected_by_all_requests():
    clock = Clock()
    health = Health(30.0, clock)
    health.hold(HOST, 5.0)
    clock.now += 2
    assert health.held_s(HOST) == 3.0
    clock.now += 4
    assert health.held_s(HOST) == 0.0


def test_rows_of_a_service_that_is_down_fail_at_once_with_the_reason(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 1000)
    store = science_of(server, tmp_path)
    many = [rows[0]] * 31
    problems = {triplet.problem_of("science") for triplet in store.read(many, Region.of(15))}
    assert problems == {
        f"{server.origin}/cutout/cutout-sync-maskedimage answered 503: try again later (2 attempts)"
    }
    assert len(server.cutouts_asked()) == 2 * FAILURES


def test_datalink_responses_do_not_hide_that_cutouts_fail(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 1000)
    store = store_of(server, tmp_path, tries=1, at_once=1)
    list(store.read(rows[:2], Region.of(15)))
    links = [path for path, _ in server.asked if path.startswith("/links")]
    assert len(links) == 6  # each asks for another image
    assert len(server.cutouts_asked()) == FAILURES


def test_a_service_that_is_down_is_tried_again_after_a_pause(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 2 * FAILURES)
    store = science_of(server, tmp_path, rest_s=0.0)
    answers = [triplet.science is not None for triplet in store.read([rows[0]] * 5, Region.of(15))]
    assert answers == [False] * FAILURES + [True] * 2


def test_an_image_that_makes_the_service_fail_does_not_affect_the_others(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["broken"] * 2 * FAILURES)
    store = science_of(server, tmp_path)
    answers = [triplet.science is not None for triplet in store.read([rows[0]] * 5, Region.of(15))]
    assert answers == [False] * FAILURES + [True] * 2


def test_a_service_closed_for_an_hour_is_asked_once(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["closed"] * 100)
    store = science_of(server, tmp_path)
    for triplet in store.read([rows[0]] * 3, Region.of(15)):
        assert "down for maintenance; it asks to wait for 3600 s" in triplet.problem_of("science")
    assert len(server.cutouts_asked()) == 1


def test_saving_waits_for_a_service_that_is_down(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 40)
    store = science_of(server, tmp_path, rest_s=0.0)
    report = cw.fetch_stamps(rows, store, tmp_path / "out", 15, progress=False)
    assert len(report.written) == len(rows)
    assert report.incomplete == {}
    assert cw.verify(tmp_path / "out") == []


def test_saving_gives_up_after_the_limit(server, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 1000)
    store = science_of(server, tmp_path, rest_s=1000.0, patience_s=0.0)
    report = cw.fetch_stamps(rows, store, tmp_path / "out", 15, progress=False)
    assert len(report.failed) == len(rows)
    assert all("answered 503" in why for why in report.failed.values())


def test_cached_stamps_are_read_without_the_service(server, rows, sky, tmp_path):  # noqa: F811
    store = store_of(server, tmp_path, cache=None)
    cw.fetch_stamps(rows[:2], store, tmp_path / "out", 15, progress=False)
    asked = len(server.cutouts_asked())
    report = cw.fetch_stamps(rows, store, tmp_path / "out", 15, progress=False)
    assert report.present == tuple(row.id for row in rows[:2])
    assert len(server.cutouts_asked()) - asked < 3 * len(rows)
    server.faults.extend(["absent"] * 1000)
    offline = dict(cw.read(rows, cw.open_images(tmp_path / "out"), 15))
    assert all(triplet.science.shape == (15, 15) for triplet in offline.values())


def test_only_saving_waits_for_the_service():
    assert not waits_for_service()
    with waiting_for_service():
        assert waits_for_service()
    assert not waits_for_service()


@pytest.mark.parametrize(("said", "seconds"), [("120", 120.0), ("", None), ("soon", None), ("٣", None)])
def test_retry_after_in_seconds_is_parsed(said, seconds):
    assert _seconds(said) == seconds


def test_retry_after_as_a_date_is_parsed():
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3500 < _seconds(until) <= 3600
    assert _seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
