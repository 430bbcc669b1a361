"""Stores, tables and images at URLs give the same as on disk."""

from __future__ import annotations

import gzip
import io
import pickle
import warnings
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable, ImageNotFound
from cutout_widgets.testing import make_sources, make_wcs

from .file_server import FileServer

pytest.importorskip("obstore", reason="needs the extra 'remote'")


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))  # where the default cache lies
    for name in ("AWS_ENDPOINT_URL", "S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with FileServer() as one:
        yield one


def image_bytes(size: int = 600, *, compressed: bool, seed: int = 1) -> bytes:
    """A FITS file with image, mask and variance, `size` pixels a side."""
    random = np.random.default_rng(seed)
    planes = {
        "IMAGE": random.normal(1000, 30, (size, size)).astype("float32"),
        "MASK": random.integers(0, 8, (size, size)).astype("int32"),
        "VARIANCE": random.uniform(1, 2, (size, size)).astype("float32"),
    }
    hdus: list[object] = [fits.PrimaryHDU()]
    for name, plane in planes.items():
        if compressed:
            kind = "GZIP_1" if name == "MASK" else "RICE_1"
            hdu = fits.CompImageHDU(plane, name=name, compression_type=kind)
        else:
            hdu = fits.ImageHDU(plane, name=name)
        hdu.header["EXTTYPE"] = name
        hdus.append(hdu)
    hdus[2].header["MP_BAD"], hdus[2].header["MP_SAT"], hdus[2].header["MP_CR"] = 0, 1, 2
    out = io.BytesIO()
    fits.HDUList(hdus).writeto(out)
    return out.getvalue()


def rows_at(*places: tuple[float, float]) -> cw.SourceTable:
    x, y = zip(*places, strict=True)
    zeros = [0.0] * len(x)
    return cw.SourceTable.read(
        {"id": [*range(1, len(x) + 1)], "ra": zeros, "dec": zeros, "x": [*x], "y": [*y]}
    )


ROWS = rows_at((100.0, 90.0), (300.2, 400.7), (599.0, 20.0))


@pytest.mark.parametrize("compressed", [True, False])
def test_remote_cutouts_equal_local_ones_with_few_requests(server, tmp_path, compressed):
    content = image_bytes(compressed=compressed)
    (tmp_path / "a.fits").write_bytes(content)
    server.files["a.fits"] = content
    small = cw.RemoteOptions(block_bytes=8192, cache=None)
    remote = cw.FitsImages(science=server.url("a.fits?sig=sesame"), remote=small)
    local = cw.FitsImages(science=tmp_path / "a.fits")
    rows = ROWS.page(0, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cw.CutoutWarning)
        pairs = zip(cw.read(rows, remote, 30), cw.read(rows, local, 30), strict=True)
        for (_, one), (_, other) in pairs:
            for name in ("pixels", "mask", "variance"):
                np.testing.assert_array_equal(getattr(one.science, name), getattr(other.science, name))
            assert one.science.planes == other.science.planes
            assert "sesame" not in repr(one.science.origin)
    assert server.sent_bytes < 0.5 * len(content)
    assert "sesame" not in repr(remote)


def test_a_cutout_of_a_large_compressed_image_takes_two_requests(server):
    random = np.random.default_rng(3)
    image = fits.CompImageHDU(random.normal(0, 30, (2048, 2048)).astype("float32"), compression_type="RICE_1")
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(out)
    server.files["a.fits"] = out.getvalue()
    images = cw.FitsImages(science=server.url("a.fits"), remote=cw.RemoteOptions(cache=None))
    (_, triplet) = next(cw.read(rows_at((1000.0, 1500.0)).page(0, 1), images, 30))
    assert np.isfinite(triplet.science.pixels).all()
    assert len(server.asked) == 2
    assert server.sent_bytes < 400_000


def test_planes_that_are_not_needed_are_not_fetched(server):
    sent = []
    server.files["a.fits"] = image_bytes(2000, compressed=True)
    small = cw.RemoteOptions(block_bytes=8192, cache=None)
    rows = rows_at((1000.0, 900.0), (300.0, 1900.0)).page(0, 2)
    for extras in (frozenset(), frozenset({"mask", "variance"})):
        before = server.sent_bytes
        images = cw.FitsImages(science=server.url("a.fits"), remote=small)
        region = replace(cw.Region.of(30), extras=extras)
        assert all(triplet.science is not None for triplet in images.read(rows, region))
        sent.append(server.sent_bytes - before)
    assert sent[0] < 0.5 * sent[1]


def test_a_gzipped_remote_file_is_unpacked(server):
    server.files["a.fits.gz"] = gzip.compress(image_bytes(200, compressed=False))
    image = cw.read_image(server.url("a.fits.gz"))
    assert (image.shape, "SAT" in image.planes) == ((200, 200), True)


def test_a_remote_index_finds_the_images_next_to_it(server, tmp_path):
    server.files |= {
        f"night/{name} 1.fits": image_bytes(200, compressed=True, seed=k) for k, name in enumerate("ts")
    }
    server.files["night/index.csv"] = b"visit,detector,template,science\n7,3,t 1.fits,s 1.fits\n"
    # an address with a blank is asked for as %20
    for name in [*server.files]:
        server.files[name.replace(" ", "%20")] = server.files[name]
    images = cw.open_images("fits:" + server.url("night/index.csv"))
    rows = cw.SourceTable.read(
        {"id": [1], "ra": [0.0], "dec": [0.0], "x": [50.0], "y": [50.0], "visit": [7], "detector": [3]}
    )
    (_, triplet) = next(cw.read(rows.page(0, 1), images, 9))
    assert (triplet.template.shape, triplet.science.shape, triplet.problems) == ((9, 9), (9, 9), ())
    whole = images.exposure(visit=7, detector=3)
    assert whole.shape == (200, 200)


def test_a_missing_file_affects_only_its_panel(server):
    server.files["s.fits"] = image_bytes(200, compressed=True)
    images = cw.FitsImages(template=server.url("t.fits?sig=sesame"), science=server.url("s.fits"))
    (_, triplet) = next(cw.read(rows_at((50.0, 50.0)).page(0, 1), images, 9))
    assert triplet.science.shape == (9, 9)
    assert triplet.template is None
    assert f"there is no file {server.url('t.fits')}" in str(triplet.problems)
    assert "sesame" not in str(triplet.problems)


@pytest.mark.parametrize("ending", ["csv", "parquet", "fits", "ecsv"])
def test_a_table_is_read_from_a_url(server, tmp_path, ending):
    rows = make_sources(5)
    table = cw.SourceTable.read(rows)
    path = tmp_path / f"rows.{ending}"
    if ending == "parquet":
        table.to_pandas().to_parquet(path)
    elif ending == "csv":
        table.to_pandas().to_csv(path, index=False)
    else:
        table.to_table().write(path)
    server.files[path.name] = path.read_bytes()
    found = cw.SourceTable.read(server.url(f"rows.{ending}?sig=sesame"))
    assert found.ids.tolist() == table.ids.tolist()


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz", "a.vot", "a.fits"])
def test_a_damaged_table_is_named_by_its_url(server, tmp_path, name):
    server.files[name] = b"\x1f\x8b damaged" if name.endswith("gz") else b"damaged"
    with pytest.raises(BadTable) as caught:
        cw.SourceTable.read(server.url(f"{name}?signature=secret"))
    assert server.url(name) in str(caught.value)
    assert "secret" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_login_page_in_place_of_a_table_is_reported(server):
    server.files["a.parquet"] = b"<!DOCTYPE html><html>Please log in</html>"
    with pytest.raises(BadTable, match=r"a\.parquet is a web page, not a table; has the session ended"):
        cw.SourceTable.read(server.url("a.parquet"))


def test_a_missing_table_is_reported(server):
    with pytest.raises(BadTable, match="there is no file http"):
        cw.SourceTable.read(server.url("rows.csv?sig=sesame"))


def test_alert_packets_are_read_from_urls(server, tmp_path):
    pytest.importorskip("fastavro", reason="needs the extra 'alerts'")
    from tests.stores.alerts.packet_files import lsst_packet, write_container

    path = write_container(tmp_path / "one.avro", [lsst_packet(1), lsst_packet(2)])
    server.files["one.avro"] = path.read_bytes()
    local, remote = cw.AlertImages(path), cw.open_images("alerts:" + server.url("one.avro"))
    assert cw.SourceTable.read(remote).ids.tolist() == cw.SourceTable.read(local).ids.tolist()


def test_a_folder_of_packets_at_a_url_is_refused(server):
    with pytest.raises(BadOption, match="file by file"):
        cw.AlertImages(server.url("alerts/*.avro"))


def test_without_credentials_a_bucket_is_read_anonymously(server):
    server.files["bucket/night/a.fits"] = image_bytes(200, compressed=True)
    images = cw.FitsImages(
        science="s3://bucket/night/a.fits",
        remote=cw.RemoteOptions(endpoint=server.origin, anonymous=True, cache=None),
    )
    (_, triplet) = next(cw.read(rows_at((50.0, 50.0)).page(0, 1), images, 9))
    assert triplet.science.shape == (9, 9)
    assert {token for _, _, token in server.asked} == {""}


def test_a_bucket_is_read_with_the_credentials_of_the_environment(server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sesame")
    monkeypatch.setenv("S3_ENDPOINT_URL", server.origin)
    server.files["bucket/a.fits"] = image_bytes(200, compressed=True)
    image = cw.read_image("s3://bucket/a.fits")
    assert image.shape == (200, 200)
    assert all(token.startswith("AWS4-HMAC-SHA256 Credential=AKEY/") for _, _, token in server.asked)


def test_a_bucket_url_without_a_file_is_refused(server):
    with pytest.raises(BadOption, match="s3://BUCKET/PATH"):
        cw.read_image("s3://bucket")


def test_a_store_of_urls_can_be_pickled_to_other_processes(server):
    server.files["a.fits"] = image_bytes(200, compressed=True)
    images = pickle.loads(pickle.dumps(cw.FitsImages(science=server.url("a.fits"))))
    (_, triplet) = next(cw.read(rows_at((50.0, 50.0)).page(0, 1), images, 9))
    assert triplet.science.shape == (9, 9)


def test_a_file_that_is_not_fits_is_reported(server):
    server.files["a.fits"] = b"<html>sign in</html>" * 300
    with pytest.raises(cw.UnreadableImage, match="does not begin with SIMPLE"):
        cw.read_image(server.url("a.fits"))


def test_a_truncated_file_is_reported(server):
    server.files["a.fits"] = image_bytes(200, compressed=False)[:100_000]
    with pytest.raises(cw.UnreadableImage, match="truncated"):
        cw.read_image(server.url("a.fits"))


def test_without_obstore_the_error_names_the_extra(server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    with pytest.raises(cw.MissingDependency, match=r"cutout-widgets\[remote\]"):
        cw.read_image(server.url("a.fits"))


def test_images_refused_by_a_server_say_which_credentials_to_give(server):
    server.statuses["a.fits"] = 403
    with pytest.raises(ImageNotFound, match="credentials"):
        cw.read_image(server.url("a.fits"))


def exposures(server, n: int) -> dict[str, list]:
    """An index of `n` visits 0.1 degrees apart along the parallel of -28 degrees, all of one detector."""
    for visit in range(n):
        header = make_wcs(53.0 + 0.1 * visit, -28.0, at=(30.0, 20.0)).to_header()
        header["MJD-OBS"] = 61000.0 + visit
        out = io.BytesIO()
        fits.PrimaryHDU(np.zeros((40, 60), np.float32), header).writeto(out)
        server.files[f"{visit}.fits"] = out.getvalue()
    return {
        "visit": [*range(n)],
        "detector": [5] * n,
        "science": [server.url(f"{visit}.fits") for visit in range(n)],
    }


def test_exposures_covering_a_position_are_found_from_cached_headers(server):
    index = exposures(server, 20)
    for session in range(2):
        with closing(cw.FitsImages.from_index(index)) as store:
            for _ in range(2):
                assert [one["visit"] for one in store.visits_at(53.3, -28.0)] == [3]
        assert len(server.asked) == 20 * (session + 1)
    assert server.unchanged == 20  # asked whether they are still the same: nothing is sent


@pytest.mark.parametrize("kind", ["s_region", "s_fov", "corners", "lists"])
def test_exposures_elsewhere_are_not_opened_if_the_index_has_positions(server, kind):
    index = exposures(server, 20)
    ra = [53.0 + 0.1 * visit for visit in range(20)]
    west, east = [one - 0.01 for one in ra], [one + 0.01 for one in ra]
    south, north = [-28.01] * 20, [-27.99] * 20
    corners = {"llcra": east, "lrcra": west, "urcra": west, "ulcra": east}
    corners |= {"llcdec": south, "lrcdec": south, "urcdec": north, "ulcdec": north}
    index |= {
        "s_region": {"s_region": [f"CIRCLE ICRS {one} -28 0.01" for one in ra]},
        "s_fov": {"s_ra": ra, "s_dec": [-28.0] * 20, "s_fov": [0.02] * 20},
        "corners": corners,
        "lists": {
            "raCorners": [list(one) for one in zip(west, east, east, west, strict=True)],
            "decCorners": [[-28.01, -28.01, -27.99, -27.99]] * 20,
        },
    }[kind]
    for column in index.keys() - {"visit", "detector", "science"}:
        index[column][9] = None  # of this one it is not known
    with closing(cw.FitsImages.from_index(index, key=["visit", "detector"])) as store:
        assert [one["visit"] for one in store.visits_at(53.3, -28.0)] == [3]
        assert store.visits_at(float("nan"), 0.0) == []
    assert {path for path, _, _ in server.asked} == {"/3.fits", "/9.fits"}
