"""Cutouts from whole files by byte ranges, where there is no cutout service or it is down."""

from __future__ import annotations

import pytest
from tests.remote.file_server import FileServer
from tests.stores.fits_files import write_afw
from tests.stores.soda.server import FILE, LINKS
from tests.stores.soda.test_store import make_sky, rows, server, sky, store_of  # noqa: F401  fixtures

import cutout_widgets as cw
from cutout_widgets.errors import ImageNotFound
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.soda.datalink import read_links
from cutout_widgets.stores.soda.health import FAILURES
from cutout_widgets.testing import assert_images_equal

pytest.importorskip("obstore", reason="needs the extra 'remote'")


@pytest.fixture
def files(server, sky, tmp_path):  # noqa: F811
    """The whole images on another host, which the DataLink documents name."""
    with FileServer() as running:
        for name, image in sky.items():
            write_afw(tmp_path / f"{name}.fits", image)
            running.files[f"{name}.fits"] = (tmp_path / f"{name}.fits").read_bytes()
            server.files[name] = running.url(f"{name}.fits")
        yield running


def test_without_a_cutout_service_the_file_is_read(server, files, rows, sky, tmp_path):  # noqa: F811
    server.services = []
    triplets = list(store_of(server, tmp_path).read(rows, Region.of(15)))
    assert [triplet.problems for triplet in triplets[::2]] == [(), ()]
    assert ["NotFoundFault" in triplet.problem_of("template") for triplet in triplets[1::2]] == [True, True]
    for row, triplet in zip(rows, triplets, strict=True):
        whole = sky[f"science-{row.visit}"]
        assert_images_equal(triplet.science, cut(whole, Region.of(15).box_on(whole, row)))
    assert server.cutouts_asked() == []


def test_a_source_outside_the_file_is_reported(server, files, rows, tmp_path):  # noqa: F811
    server.services = []
    far = cw.DiaSource(7, rows[0].ra + 0.1, rows[0].dec, visit=1)
    first, second = store_of(server, tmp_path).read([far, rows[0]], Region.of(15))
    assert "outside" in first.problem_of("science") or "overlap" in first.problem_of("science")
    assert second.problems == ()


def test_while_a_service_is_down_files_on_another_host_are_read(server, files, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 1000)
    store = store_of(server, tmp_path, tries=1, at_once=1)
    many = [rows[0]] * 20
    assert all(triplet.problems == () for triplet in store.read(many, Region.of(15)))
    assert len(server.cutouts_asked()) == FAILURES


def test_a_run_that_saves_does_not_wait_if_there_are_files(server, files, rows, tmp_path):  # noqa: F811
    server.faults.extend(["closed"] * 1000)
    report = cw.fetch_stamps(rows[:1], store_of(server, tmp_path), tmp_path / "out", 15, progress=False)
    assert (len(report.written), report.incomplete) == (1, {})


def test_the_service_error_is_reported_if_the_file_fails_too(server, files, rows, tmp_path):  # noqa: F811
    server.faults.extend(["busy"] * 1000)
    files.statuses = dict.fromkeys(files.files, 403)
    (triplet,) = store_of(server, tmp_path, tries=1).read(rows[:1], Region.of(15))
    assert "answered 503: try again later" in triplet.problem_of("science")


def test_an_expired_link_to_a_file_is_requested_again(server, files, rows, tmp_path):  # noqa: F811
    server.services = []
    store = store_of(server, tmp_path)
    list(store.read(rows[:1], Region.of(15)))
    for name in ("template-1", "science-1", "difference-1"):
        files.files[f"new/{name}.fits"] = files.files.pop(f"{name}.fits")
        server.files[name] = files.url(f"new/{name}.fits")
    store._files._handles.close()
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert triplet.problems == ()


def test_a_file_host_that_is_down_is_detected_once(server, rows, tmp_path):  # noqa: F811
    server.services = []
    with FileServer() as gone:
        nowhere = gone.url("a.fits")
    server.files = dict.fromkeys(server.sky, nowhere)
    store = store_of(server, tmp_path, at_once=1)
    for triplet in store.read([rows[0]] * 10, Region.of(15)):
        assert triplet.problem_of("science") == f"{nowhere} cannot be read: the host did not respond"
    assert store._fetcher.health.is_down(f"{gone.origin} files")


@pytest.mark.parametrize("at_home", [True, False])
def test_the_token_is_sent_with_a_file_only_to_its_home(server, files, rows, tmp_path, at_home):  # noqa: F811
    server.services = []
    home = {"home": files.origin} if at_home else {}
    store = store_of(server, tmp_path, token="very-secret-token", **home)
    (triplet,) = store.read(rows[:1], Region.of(15))
    assert triplet.problems == ()
    assert {token for _, _, token in files.asked} == {"Bearer very-secret-token" if at_home else ""}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:///etc/passwd", "application/fits"),
        ("s3://bucket/a.fits", "application/fits"),
        ("https://a/b", "image/png"),
    ],
)
def test_only_fits_files_on_the_web_are_read(url, kind):
    text = LINKS.format(rows=FILE.format(name="a", url=url, kind=kind), services="").encode()
    with pytest.raises(ImageNotFound, match="no cutout service and no FITS file"):
        read_links(text, "https://host/links")


def test_a_service_chosen_by_name_is_not_replaced_by_the_file(server, files, rows, tmp_path):  # noqa: F811
    (triplet,) = store_of(server, tmp_path, service="mine").read(rows[:1], Region.of(15))
    assert "offers no cutout service 'mine'" in triplet.problem_of("science")
