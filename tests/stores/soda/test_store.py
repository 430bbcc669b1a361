"""Cutouts from a service with deliberate faults."""

from __future__ import annotations

import io
import logging
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from tests.stores.soda.server import SodaServer
from tests.wrapped import Wrapped

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.image import PANELS, Image, Panel
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read
from cutout_widgets.stores.soda.store import SodaImages
from cutout_widgets.testing import StoreContract, assert_images_equal, make_image, make_wcs

SECRET = "very-secret-token"


def make_sky() -> dict[str, Image]:
    """Two visits of three images each, parts of detectors, rotated; no template in the second."""
    sky = {}
    for visit, rotation in ((1, 0.0), (2, 30.0)):
        for seed, panel in enumerate(PANELS):
            if (visit, panel) != (2, "template"):
                wcs = make_wcs(53.0, -28.0, at=(1030.0, 2020.0), rotation=rotation)
                sky[f"{panel}-{visit}"] = make_image(
                    (60, 70), seed=10 * visit + seed, yx0=(2000, 1000), wcs=wcs
                )
    return sky


def make_rows(sky: dict[str, Image]) -> list[DiaSource]:
    """Rows in the middle and at the edges of both visits."""
    rows = []
    for number, (x, y) in enumerate([(1030.2, 2020.4), (1001.0, 2001.0), (1068.0, 2058.0), (1040.0, 2030.0)]):
        visit = 1 + number % 2
        ra, dec = sky[f"science-{visit}"].wcs.pixel_to_world_values(x, y)
        rows.append(DiaSource(100 + number, float(ra), float(dec), visit=visit, detector=0))
    return rows


@pytest.fixture
def sky() -> dict[str, Image]:
    return make_sky()


@pytest.fixture
def server(sky: dict[str, Image], tmp_path: Path):
    folder = tmp_path / "server"
    folder.mkdir()
    with SodaServer(sky, folder) as running:
        yield running


@pytest.fixture
def rows(sky: dict[str, Image]) -> list[DiaSource]:
    return make_rows(sky)


def store_of(server: SodaServer, tmp_path: Path, **options) -> SodaImages:
    return SodaImages(server.links, **{"cache": tmp_path / "stamps", "pause_s": 0.0} | options)


class TestSodaImages(StoreContract):
    @pytest.fixture(autouse=True)
    def _running(self, tmp_path: Path):
        self.sky = make_sky()
        self.tmp_path = tmp_path
        (tmp_path / "server").mkdir()
        with SodaServer(self.sky, tmp_path / "server") as self.server:
            yield

    def make_store(self) -> SodaImages:
        return store_of(self.server, self.tmp_path)

    def make_sources(self) -> list[DiaSource]:
        return make_rows(self.sky)

    def whole_image(self, source: DiaSource, panel: Panel) -> Image | None:
        return self.sky.get(f"{panel}-{source.visit}")


def test_a_region_is_cut_from_the_stamp_of_the_service(server, rows, sky, tmp_path):
    (triplet,) = store_of(server, tmp_path).read(rows[:1], Region.of(15))
    expected = cut(sky["science-1"], Region.of(15).box_on(sky["science-1"], rows[0]))
    assert_images_equal(triplet.science, expected)
    assert "maskedimage" in server.cutouts_asked()[0]


@pytest.mark.parametrize("fault", ["busy", "broken", "throttled", "half", "half_unsaid", "hang_up"])
def test_a_temporary_fault_is_retried(server, rows, tmp_path, fault):
    server.faults.append(fault)
    store = SodaImages(science=server.links.replace("{panel}", "science"), cache=None, pause_s=0.0)
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert triplet.problems == ()
    assert triplet.science is not None
    assert len(server.cutouts_asked()) == 2


def test_a_persistent_fault_is_a_problem_of_its_panel(server, rows, tmp_path):
    server.faults.extend(["broken"] * 3)
    store = SodaImages(science=server.links.replace("{panel}", "science"), cache=None, tries=3, pause_s=0.0)
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert triplet.science is None
    assert triplet.problem_of("science") == (
        f"{server.origin}/cutout/cutout-sync-maskedimage answered 500: internal error (3 attempts)"
    )


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("absent", "answered 404: not here"),
        ("page", "did not send FITS but: Please log in; has the session ended?"),
    ],
)
def test_a_refusal_is_reported_and_not_retried(server, rows, fault, said):
    server.faults.append(fault)
    store = SodaImages(science=server.links.replace("{panel}", "science"), cache=None, pause_s=0.0)
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert said in triplet.problem_of("science")
    assert len(server.cutouts_asked()) == 1


def test_a_missing_image_is_reported_as_in_datalink(server, rows, tmp_path):
    (triplet,) = store_of(server, tmp_path).read(rows[1:2], Region.of(15))
    assert "NotFoundFault: no image template-2" in triplet.problem_of("template")
    assert triplet.science is not None


def test_a_position_off_the_image_is_reported_as_by_the_service(server, rows, tmp_path):
    far = DiaSource(7, rows[0].ra + 1, rows[0].dec, visit=1)
    (triplet,) = store_of(server, tmp_path).read([far], Region.of(15))
    assert "UsageError: the circle does not overlap the image" in triplet.problem_of("science")


def test_an_expired_link_is_requested_again(server, rows, tmp_path):
    store = store_of(server, tmp_path, cache=None)
    list(store.read(rows[:1], Region.of(15)))
    server.generation += 1
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert triplet.problems == ()
    links = [path for path, _ in server.asked if path.startswith("/links")]
    assert len(links) == 6  # three images, twice


def test_links_are_requested_once_per_image(server, rows, tmp_path):
    many = [DiaSource(n, rows[0].ra, rows[0].dec + n * 1e-5, visit=1) for n in range(20)]
    assert all(triplet.problems == () for triplet in store_of(server, tmp_path).read(many, Region.of(9)))
    links = [path for path, _ in server.asked if path.startswith("/links")]
    assert sorted(links) == [f"/links?ID={panel}-1" for panel in sorted(PANELS)]


def test_the_number_of_concurrent_requests_is_limited(server, rows, tmp_path):
    many = [DiaSource(n, rows[0].ra, rows[0].dec + n * 1e-5, visit=1) for n in range(20)]
    list(store_of(server, tmp_path, at_once=3).read(many, Region.of(9)))
    assert 2 <= server.busiest <= 3


def test_leaving_a_page_cancels_its_requests(server, rows, tmp_path):
    many = [DiaSource(n, rows[0].ra, rows[0].dec + n * 1e-5, visit=1) for n in range(30)]
    store = store_of(server, tmp_path, at_once=3, timeout_s=600.0)
    list(store.read(many[:1], Region.of(9)))  # on the disk from now on
    server.faults.extend(["slow"] * 50)
    reading = store.read(many, Region.of(9))
    next(reading)
    for _ in range(3):
        assert server.waiting.acquire(timeout=30)
    asked = len(server.asked)
    reading.close()
    # The three workers are free at once, though the server still keeps silent on their requests:
    # the first source's stamps are on the disk, and reading them needs a worker.
    (triplet,) = store.read(many[:1], Region.of(9))
    assert triplet.problems == ()
    assert len(server.asked) == asked


@pytest.mark.parametrize("wrap", [lambda images: images, Wrapped], ids=["plain", "wrapped"])
def test_leaving_a_page_cancels_requests_to_a_silent_service(server, rows, tmp_path, wrap):
    store = wrap(store_of(server, tmp_path, cache=None, at_once=3, timeout_s=600.0))
    server.faults.extend(["slow"] * 3)
    left = threading.Event()
    answers = []
    reading = threading.Thread(
        target=lambda: answers.extend(read(rows, store, 9, cancelled=left.is_set)), daemon=True
    )
    reading.start()
    for _ in range(3):
        assert server.waiting.acquire(timeout=30)
    left.set()
    reading.join(timeout=30)
    assert not reading.is_alive()
    assert answers == []
    # The next page has the workers, though the server still keeps silent on the first.
    assert len(list(read(rows, store, 9))) == len(rows)


def test_cancelling_another_read_does_not_affect_this_one(server, rows, tmp_path):
    store = store_of(server, tmp_path, cache=None)
    first = store.read(rows, Region.of(9))
    next(first)
    second = store.read(rows, Region.of(9))
    first.close()
    assert len(list(second)) == len(rows)


def test_a_cached_stamp_is_not_fetched_again_even_by_another_store(server, rows, tmp_path):
    first = list(store_of(server, tmp_path).read(rows, Region.of(15)))
    asked = len(server.cutouts_asked())
    again = list(pickle.loads(pickle.dumps(store_of(server, tmp_path))).read(rows, Region.of(15)))
    assert len(server.cutouts_asked()) == asked
    for one, other in zip(first, again, strict=True):
        assert_images_equal(one.science, other.science)


def damaged(stamp: bytes) -> bytes:
    """A file of the same length that is no image."""
    return bytes(len(stamp))


def cut_before_the_mask(stamp: bytes) -> bytes:
    """The rest is a valid FITS file: pixels without mask and variance."""
    with fits.open(io.BytesIO(stamp)) as hdus:
        return stamp[: hdus[2].fileinfo()["hdrLoc"]]


@pytest.mark.parametrize("harm", [damaged, cut_before_the_mask])
def test_a_damaged_file_in_the_cache_is_fetched_again(server, rows, tmp_path, harm):
    store = store_of(server, tmp_path)
    (before,) = store.read(rows[:1], Region.of(15))
    for path in (tmp_path / "stamps").glob("*/*.fits"):
        path.write_bytes(harm(path.read_bytes()))
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert triplet.problems == ()
    assert_images_equal(triplet.science, before.science)
    assert len(server.cutouts_asked()) == 6


def test_a_damaged_answer_is_reported_with_service_and_image(server, rows):
    server.faults.extend(["half_unsaid"] * 2)
    store = SodaImages(science=server.links.replace("{panel}", "science"), cache=None, pause_s=0.0)
    (triplet,) = store.read(rows[:1], Region.of(15))
    said = triplet.problem_of("science")
    assert said.startswith(
        f"the stamp from {server.origin}/links of the science image of source {rows[0].id} "
    )
    assert "stamp.fits" not in said


def test_an_unwritable_cache_does_not_lose_the_image(server, rows, tmp_path):
    (tmp_path / "file").write_text("in the way")
    (triplet,) = store_of(server, tmp_path, cache=tmp_path / "file" / "stamps").read(rows[:1], Region.of(15))
    assert triplet.problems == ()


def test_a_stamp_with_coarser_pixels_than_expected_is_requested_larger(server, rows, sky, tmp_path):
    store = store_of(server, tmp_path, scale_arcsec=0.05)
    (triplet,) = store.read(rows[:1], Region.of(15))
    expected = cut(sky["science-1"], Region.of(15).box_on(sky["science-1"], rows[0]))
    assert_images_equal(triplet.science, expected)
    before = len(server.cutouts_asked())
    list(store.read(rows[2:3], Region.of(15)))
    assert len(server.cutouts_asked()) == before + 3  # the scale is known by now


@pytest.mark.parametrize("stencil", ["CIRCLE", "POLYGON", "POS"])
def test_every_stencil_covers_the_region(server, rows, sky, tmp_path, stencil):
    server.stencil = stencil
    (triplet,) = store_of(server, tmp_path).read(rows[:1], Region.of(15))
    expected = cut(sky["difference-1"], Region.of(15).box_on(sky["difference-1"], rows[0]))
    assert_images_equal(triplet.difference, expected)


def test_the_service_can_be_chosen_and_a_missing_one_is_reported(server, rows, tmp_path):
    list(store_of(server, tmp_path, service="cutout-sync").read(rows[:1], Region.of(9)))
    assert all(path.startswith("/cutout/cutout-sync?") for path in server.cutouts_asked())
    (triplet,) = store_of(server, tmp_path, service="cutout-sync-exposure").read(rows[:1], Region.of(9))
    assert "offers no cutout service 'cutout-sync-exposure'; found: cutout-sync, cutout-sync-maskedimage" in (
        triplet.problem_of("science")
    )


def test_the_token_is_sent_only_to_its_host(server, rows, sky, tmp_path, caplog):
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    with SodaServer(sky, other_folder) as other, caplog.at_level(logging.DEBUG):
        server.elsewhere = other.origin
        store = store_of(server, tmp_path, token=SECRET)
        (triplet,) = store.read(rows[:1], Region.of(9))
        assert triplet.problems == ()
        assert {header for _, header in server.asked} == {f"Bearer {SECRET}"}
        assert {header for _, header in other.asked} == {None}
        assert len(other.asked) == 3
    assert SECRET not in repr(store) + str(triplet) + caplog.text
    assert SECRET.encode() not in pickle.dumps(store)
    for path in (tmp_path / "stamps").rglob("*"):
        assert SECRET not in path.name
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_a_failing_request_does_not_show_the_token_or_the_query(server, rows, tmp_path, caplog):
    server.faults.extend(["absent"] * 3)
    with caplog.at_level(logging.DEBUG):
        (triplet,) = store_of(server, tmp_path, token=lambda: SECRET).read(rows[:1], Region.of(9))
    assert len(triplet.problems) == 3
    assert not any(SECRET in said or "CIRCLE" in said for said in triplet.problems)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("fault", ["echo", "echo_late", "echo_200"])
def test_an_answer_echoing_the_token_is_reported_without_it(server, rows, tmp_path, caplog, fault):
    server.faults.extend([fault] * 12)
    store = SodaImages(
        science=server.links.replace("{panel}", "science"), token=SECRET, cache=None, pause_s=0.0
    )
    with caplog.at_level(logging.DEBUG):
        (triplet,) = store.read(rows[:1], Region.of(9))
    said = triplet.problem_of("science")
    assert "***" in said
    assert SECRET[:5] not in said + caplog.text


def test_a_cached_stamp_is_used_only_with_the_token_that_fetched_it(server, rows, tmp_path):
    ask = [SECRET, SECRET, "another-token", None, SECRET]
    asked = []
    for token in ask:
        before = len(server.cutouts_asked())
        list(store_of(server, tmp_path, token=lambda token=token: token).read(rows[:1], Region.of(9)))
        asked.append(len(server.cutouts_asked()) - before)
    assert asked == [3, 0, 3, 3, 0]


def test_public_stamps_are_cached_for_all(server, rows, tmp_path):
    row = DiaSource(1, rows[0].ra, rows[0].dec, row={"url": f"{server.origin}/links?ID=science-1"})
    for token in (SECRET, "another-token"):
        list(SodaImages(science="{url}", token=token, cache=tmp_path / "stamps").read([row], Region.of(9)))
    assert len(server.cutouts_asked()) == 1


def test_the_token_is_not_in_a_stores_repr_pickle_or_errors(server, rows, tmp_path):
    store = store_of(server, tmp_path, token=SECRET)
    assert SECRET not in f"{store!r} {store._fetcher!r} {store._options}"
    assert SECRET.encode() not in pickle.dumps(store)
    again = pickle.loads(pickle.dumps(store))
    server.faults.extend(["absent"] * 3)
    (triplet,) = store.read(rows[:1], Region.of(9))
    assert SECRET.encode() not in pickle.dumps(triplet)
    assert again._token is None


def test_the_token_is_read_from_the_environment(server, rows, tmp_path, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", SECRET)
    list(store_of(server, tmp_path).read(rows[:1], Region.of(9)))
    assert {header for _, header in server.asked} == {f"Bearer {SECRET}"}


def test_a_link_column_cannot_choose_who_gets_the_token(server, rows, tmp_path):
    row = DiaSource(1, rows[0].ra, rows[0].dec, row={"url": f"{server.origin}/links?ID=science-1"})
    options = {"science": "{url}", "token": SECRET, "cache": None}
    (triplet,) = SodaImages(**options).read([row], Region.of(9))
    assert triplet.problems == ()
    assert {header for _, header in server.asked} == {None}
    server.asked.clear()
    list(SodaImages(**options, home=server.origin).read([row], Region.of(9)))
    assert {header for _, header in server.asked} == {f"Bearer {SECRET}"}


def test_a_token_is_refused_for_unencrypted_services(rows):
    store = SodaImages("http://example.org/links?ID={visit}", token=SECRET, cache=None)
    (triplet,) = store.read(rows[:1], Region.of(9))
    assert "the token is not sent to http://example.org/links" in triplet.problem_of("science")


def test_row_values_are_escaped_in_the_link(server, tmp_path):
    row = DiaSource(1, 53.0, -28.0, row={"name": "a&ID=science-1#../x"})
    store = SodaImages(science=f"{server.origin}/links?ID={{name}}", cache=None)
    list(store.read([row], Region.of(9)))
    assert server.asked[0][0] == "/links?ID=a%26ID%3Dscience-1%23..%2Fx"


@pytest.mark.parametrize("value", ["file:///etc/passwd", "ftp://example.org/x", "javascript:1", ""])
def test_a_link_that_is_not_http_is_refused(value):
    row = DiaSource(1, 53.0, -28.0, row={"url": value})
    (triplet,) = SodaImages(science="{url}", cache=None).read([row], Region.of(9))
    assert "a link begins with https:// or http://" in triplet.problem_of("science")


def test_rows_lacking_values_for_the_link_are_reported(server, tmp_path):
    (triplet,) = store_of(server, tmp_path).read([DiaSource(1, 53.0, -28.0)], Region.of(9))
    assert triplet.problem_of("science") == "the row has no 'visit', which the URL pattern needs"


def test_requesting_the_whole_image_is_refused(server, rows, tmp_path):
    (triplet,) = store_of(server, tmp_path).read(rows[:1], Region.whole())
    assert "needs a size" in triplet.problem_of("science")
    assert server.asked == []


@pytest.mark.parametrize(
    "options", [{}, {"links": "no link"}, {"links": "file:///x"}, {"science": "https://x", "tries": 0}]
)
def test_invalid_options_are_refused(options):
    with pytest.raises(BadOption):
        SodaImages(**options)


def test_rows_in_any_order_are_read(server, rows, tmp_path):
    places = [place for place, _ in read(rows[::-1], store_of(server, tmp_path), 9)]
    assert sorted(places) == list(range(len(rows)))


def test_an_unreachable_server_is_one_sentence(rows):
    store = SodaImages("http://127.0.0.1:9/links?ID={visit}", cache=None, tries=2, pause_s=0.0)
    (triplet,) = store.read(rows[:1], Region.of(9))
    assert triplet.problem_of("science") == (
        "http://127.0.0.1:9/links cannot be reached: ConnectionRefusedError (2 attempts)"
    )


def test_threads_end_with_their_store(server, rows, tmp_path):
    import gc

    store = store_of(server, tmp_path)
    list(store.read(rows, Region.of(9)))
    workers = [one for one in threading.enumerate() if one.name.startswith("soda")]
    assert workers
    del store
    gc.collect()
    for worker in workers:
        worker.join(timeout=30)
        assert not worker.is_alive()


def test_pixels_are_finite_inside_the_image(server, rows, tmp_path):
    (triplet,) = store_of(server, tmp_path).read(rows[:1], Region.of(15))
    assert np.isfinite(triplet.science.pixels).all()
