"""Stamps on disk: complete or absent, the least recently used are removed first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cutout_widgets.disk_cache import DiskCache, cache_in


def test_stored_bytes_are_found_again(tmp_path: Path):
    cache = DiskCache(tmp_path / "stamps", 1000)
    cache.keep("a", b"pixels")
    assert cache.find("a").read_bytes() == b"pixels"
    assert cache.find("b") is None
    assert DiskCache(tmp_path / "stamps", 1000).find("a") is not None


def test_file_names_do_not_reveal_the_request(tmp_path: Path):
    cache = DiskCache(tmp_path, 1000)
    cache.keep("https://host/links?sig=SECRET", b"x")
    assert not any("SECRET" in str(path) for path in tmp_path.rglob("*"))


def test_files_are_readable_only_by_their_owner(tmp_path: Path):
    cache = DiskCache(tmp_path / "stamps", 1000)
    cache.keep("a", b"x")
    assert stat.S_IMODE(cache.find("a").stat().st_mode) == 0o600


def test_the_least_recently_used_files_are_removed_beyond_the_limit(tmp_path: Path):
    cache = DiskCache(tmp_path, 1000)
    for age, name in enumerate("abcdefghi"):  # 900 bytes
        cache.keep(name, bytes(100))
        os.utime(cache.path_of(name, 100), (1000 + age, 1000 + age))
    cache.find("a")  # used now
    cache.keep("j", bytes(100))
    assert all(cache.find(name) for name in "abcdefghij")
    os.utime(cache.path_of("b", 100), (1, 1))
    cache.keep("k", bytes(100))  # 1100 bytes: down to 900
    assert cache.find("b") is None
    assert cache.find("a") is not None
    assert cache.find("k") is not None
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.fits")) <= 900


def test_files_of_earlier_runs_count_towards_the_limit(tmp_path: Path):
    DiskCache(tmp_path, 10_000).keep("old", bytes(900))
    os.utime(DiskCache(tmp_path, 0).path_of("old", 900), (1, 1))
    cache = DiskCache(tmp_path, 1000)
    cache.keep("new", bytes(200))
    assert cache.find("old") is None
    assert cache.find("new") is not None


def test_a_failed_write_leaves_no_file(tmp_path: Path):
    cache = DiskCache(tmp_path, 1000)
    cache.path_of("a", 1).mkdir(parents=True)  # a folder where the file should go
    with pytest.raises(OSError):
        cache.keep("a", b"x")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("length", [0, 3, 5, 7])
def test_a_file_of_the_wrong_length_is_not_used(tmp_path: Path, length: int):
    cache = DiskCache(tmp_path, 1000)
    cache.keep("a", b"pixels")
    cache.path_of("a", 6).write_bytes(b"damaged"[:length])
    assert cache.find("a") is None
    cache.keep("a", b"pixels")
    assert cache.find("a").read_bytes() == b"pixels"


def test_a_new_answer_replaces_one_of_another_length(tmp_path: Path):
    cache = DiskCache(tmp_path, 1000)
    cache.keep("a", b"longer")
    cache.keep("a", b"short")
    assert cache.find("a").read_bytes() == b"short"
    assert len(list(tmp_path.rglob("*.fits"))) == 1
    cache.drop("a")
    assert cache.find("a") is None


def test_a_folder_has_one_cache_per_process(tmp_path):
    first = cache_in(tmp_path, 1000)
    assert cache_in(str(tmp_path), 1000) is first
    assert cache_in(tmp_path, 2000) is not first
    assert cache_in(tmp_path / "other", 1000) is not first
