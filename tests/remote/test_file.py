"""Files at URLs, on the bytes of a real server."""

from __future__ import annotations

import pytest

from cutout_widgets.errors import BadOption, ImageNotFound, UnreadableImage
from cutout_widgets.paths import is_url, local_path, shown_place
from cutout_widgets.remote.connection import connect
from cutout_widgets.remote.copies import local_copy
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions

from .file_server import FileServer

pytest.importorskip("obstore", reason="needs the extra 'remote'")

SMALL = RemoteOptions(block_bytes=4096, held_bytes=10 * 4096, cache=None)
CONTENT = bytes(range(256)) * 400  # 25 blocks of 4096 bytes


@pytest.fixture
def server():
    with FileServer(files={"a.fits": CONTENT}) as one:
        yield one


def test_reading_and_seeking_return_the_bytes_of_the_file(server):
    file = RemoteFile(server.url("a.fits"), SMALL)
    assert file.size == 102400
    file.seek(50_001)
    assert file.read(7) == CONTENT[50_001:50_008]
    assert file.tell() == 50_008
    file.seek(-5, 2)
    assert file.read() == CONTENT[-5:]
    assert file.read(3) == b""


def test_files_of_one_host_share_its_connections():
    store, path, _ = connect("https://a.org/night/1.fits", SMALL)
    assert path == "night/1.fits"
    assert connect("https://a.org/night/2.fits", SMALL)[0] is store
    assert connect("https://b.org/night/2.fits", SMALL)[0] is not store
    assert connect("https://a.org/night/2.fits", SMALL, token="sesame")[0] is not store


def test_files_of_one_bucket_share_its_connections(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sesame")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    store, path, _ = connect("s3://bucket/night/1.fits", SMALL)
    assert path == "night/1.fits"
    assert connect("s3://bucket/night/2.fits", SMALL)[0] is store
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "yours")
    assert connect("s3://bucket/night/2.fits", SMALL)[0] is not store


@pytest.mark.parametrize(
    "path",
    [
        "a%20b.fits",
        "a%2Bb+c=d~.fits",
        "a//b.fits",
        "%C3%A9t%C3%A9.fits",
        "a@b,c;d:e.fits",
        "a.fits?sig=a%2Fb",
    ],
)
def test_a_url_is_requested_as_written(server, path):
    server.files[path.partition("?")[0]] = CONTENT
    assert RemoteFile(server.url(path), SMALL).read() == CONTENT
    assert {one for one, _, _ in server.asked} == {f"/{path}"}


def test_incomplete_credentials_of_a_bucket_are_reported(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(BadOption, match="credentials in the environment are incomplete"):
        connect("s3://bucket/night/1.fits", SMALL)


@pytest.mark.parametrize("url", ["http://exa mple.org/a.fits", "https://a.org:99999999/a.fits?x=1"])
def test_an_invalid_url_is_reported(url):
    with pytest.raises(BadOption):
        RemoteFile(url, SMALL)


def test_a_token_that_cannot_be_sent_is_not_shown(server):
    with pytest.raises(BadOption, match="the token has invalid letters") as caught:
        RemoteFile(server.url("a.fits"), SMALL, token="sesame\nsesame")
    assert "sesame" not in str(caught.value)


def test_bytes_already_read_are_not_requested_again(server):
    file = RemoteFile(server.url("a.fits"), SMALL)  # reads four blocks
    for _ in range(3):
        file.seek(0)
        file.read(16384)
    assert len(server.asked) == file.requests == 1


def test_distant_ranges_are_fetched_together_and_near_ones_merged(server):
    file = RemoteFile(server.url("a.fits"), SMALL)
    file.prefetch([(20_480, 20_490), (28_672, 28_680), (98_304, 98_310)])
    wanted = sorted(wanted for _, wanted, _ in server.asked[1:])
    assert wanted == ["bytes=20480-32767", "bytes=98304-102399"]
    file.seek(98_305)
    assert file.read(2) == CONTENT[98_305:98_307]
    assert file.requests == 2


def test_memory_use_is_bounded(server):
    file = RemoteFile(server.url("a.fits"), SMALL)
    for start in range(0, len(CONTENT), 4096):
        file.seek(start)
        assert file.read(4096) == CONTENT[start : start + 4096]
    assert file.held_bytes <= 10 * 4096
    file.seek(0)
    assert file.read() == CONTENT
    assert file.held_bytes <= 10 * 4096


def test_blocks_are_cached_on_disk_per_file_version(server, tmp_path):
    kept = RemoteOptions(block_bytes=4096, held_bytes=10 * 4096, cache=tmp_path)
    for _ in range(2):
        file = RemoteFile(server.url("a.fits"), kept)
        file.seek(60_000)
        file.read(10)
    assert [wanted for _, wanted, _ in server.asked] == [
        "bytes=0-16383",
        "bytes=57344-61439",
        "bytes=0-16383",  # tells whether it is still the same version
    ]
    assert server.unchanged == 1
    assert (file.fetched_bytes, file.size) == (0, len(CONTENT))
    file.seek(0)
    assert file.read(20) == CONTENT[:20]  # the first blocks too
    assert len(server.asked) == 3
    server.version, server.files["a.fits"] = '"2"', CONTENT[::-1]
    file = RemoteFile(server.url("a.fits"), kept)
    file.seek(60_000)
    assert file.read(10) == CONTENT[::-1][60_000:60_010]


def test_missing_blocks_or_a_damaged_index_are_fetched_again(server, tmp_path):
    kept = RemoteOptions(block_bytes=4096, held_bytes=10 * 4096, cache=tmp_path)
    RemoteFile(server.url("a.fits"), kept)
    for block in tmp_path.glob("??/*.fits"):
        block.unlink()
    file = RemoteFile(server.url("a.fits"), kept)
    assert file.read(20) == CONTENT[:20]
    assert server.unchanged == 1
    (note,) = tmp_path.glob("??/*.json")
    note.write_bytes(b"[" * note.stat().st_size)
    assert RemoteFile(server.url("a.fits"), kept).read(20) == CONTENT[:20]


def test_without_range_support_the_whole_file_is_fetched(server):
    server.ranges = False
    file = RemoteFile(server.url("a.fits"), SMALL)
    file.seek(50_000)
    assert file.read(5) == CONTENT[50_000:50_005]


@pytest.mark.parametrize(
    "status, sentence",
    [
        (404, "there is no file"),
        (410, "there is no file"),
        (403, "may not be read"),
        (401, "may not be read"),
        (400, "cannot be read: 400 Bad Request"),
    ],
)
def test_a_refusal_is_reported_without_the_signature_or_server_text(server, status, sentence):
    server.statuses["a.fits"] = status
    with pytest.raises(ImageNotFound, match=sentence) as caught:
        RemoteFile(server.url("a.fits?signature=sesame"), SMALL)
    assert "sesame" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert server.asked[0][0] == "/a.fits?signature=sesame"


def test_an_empty_file_is_reported(server):
    server.files["a.fits"] = b""
    with pytest.raises(UnreadableImage, match=r"a\.fits is empty"):
        RemoteFile(server.url("a.fits"), SMALL)


def test_an_unresponsive_host_is_reported():
    with FileServer() as gone:
        url = gone.url("a.fits")
    with pytest.raises(ImageNotFound, match="did not respond"):
        RemoteFile(url, SMALL)


def test_the_token_is_sent_only_to_its_own_host(server, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "sesame-sesame-sesame")
    monkeypatch.delenv("EXTERNAL_INSTANCE_URL", raising=False)
    with FileServer(files={"a.fits": CONTENT}) as other:
        server.moved["there.fits"] = other.url("a.fits")
        at_home = RemoteOptions(block_bytes=4096, home=server.origin, cache=None)
        RemoteFile(server.url("a.fits"), at_home)
        RemoteFile(other.url("a.fits"), at_home)
        RemoteFile(server.url("a.fits"), SMALL)
        RemoteFile(server.url("there.fits"), at_home)
    assert [token for _, _, token in server.asked] == [
        "Bearer sesame-sesame-sesame",
        "",
        "Bearer sesame-sesame-sesame",
    ]
    assert [token for _, _, token in other.asked] == ["", ""]
    assert "sesame" not in repr(at_home)


def test_the_token_is_sent_to_the_platform_that_the_notebook_runs_on(server, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "sesame-sesame-sesame")
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", server.origin)
    with FileServer(files={"a.fits": CONTENT}) as other:
        RemoteFile(server.url("a.fits"), SMALL)
        RemoteFile(other.url("a.fits"), SMALL)
    assert server.asked[0][2] == "Bearer sesame-sesame-sesame"
    assert other.asked[0][2] == ""


def test_a_token_is_never_sent_unencrypted():
    with pytest.raises(BadOption, match="https"):
        RemoteOptions(home="http://example.org")


def test_invalid_block_sizes_are_refused():
    with pytest.raises(BadOption, match="got 100 and"):
        RemoteOptions(block_bytes=100)


def test_a_local_copy_is_fetched_once_and_keeps_the_extension(server, tmp_path):
    kept = RemoteOptions(cache=tmp_path)
    first = local_copy(server.url("a.fits?x=1"), kept)
    assert (first.suffix, first.read_bytes()) == (".fits", CONTENT)
    before = len(server.asked)
    assert local_copy(server.url("a.fits?x=1"), kept) == first
    assert len(server.asked) == before + 1  # whether it is still the same


@pytest.mark.parametrize(
    "text, url",
    [
        ("https://a/b", True),
        ("S3://b/k", True),
        ("a:b", False),
        ("C:/x", False),
        ("tap:https://a", False),
        (3, False),
    ],
)
def test_urls_are_recognised(text, url):
    assert is_url(text) is url


def test_a_file_url_becomes_a_path():
    assert local_path("file:///a%20b/c.fits") == "/a b/c.fits"
    assert local_path("/a/b.fits") == "/a/b.fits"


def test_a_url_is_shown_without_user_and_query():
    assert shown_place("https://me:secret@a.org/b.fits?sig=1") == "https://a.org/b.fits"
    assert shown_place("/a?b") == "/a?b"
