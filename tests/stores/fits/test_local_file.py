"""A file on disk that is open only while being read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cutout_widgets.errors import UnreadableImage
from cutout_widgets.stores.fits.local_file import LocalFile

DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture
def digits(tmp_path):
    path = tmp_path / "digits"
    path.write_bytes(b"0123456789")
    return path


def test_reading_continues_at_the_same_position_after_reopening(digits):
    file = LocalFile(digits)
    assert file.read(3) == b"012"
    file.rest()
    assert file.is_resting
    assert file.read(3) == b"345"
    file.close()


def test_a_suspended_file_has_no_descriptor(digits):
    if not DESCRIPTORS.is_dir():
        pytest.skip("only Linux lists the descriptors of a process")
    before = len(list(DESCRIPTORS.iterdir()))
    files = [LocalFile(digits) for _ in range(5)]
    assert len(list(DESCRIPTORS.iterdir())) == before + 5
    for file in files:
        file.rest()
    assert len(list(DESCRIPTORS.iterdir())) == before


def test_a_file_changed_while_suspended_is_refused(digits):
    file = LocalFile(digits)
    file.rest()
    digits.write_bytes(b"01234")
    with pytest.raises(UnreadableImage, match="digits changed while it was read; read it again"):
        file.read(1)


def test_a_file_deleted_while_suspended_is_reported(digits):
    file = LocalFile(digits)
    file.rest()
    digits.unlink()
    with pytest.raises(FileNotFoundError):
        file.read(1)


def test_a_closed_file_cannot_be_read(digits):
    file = LocalFile(digits)
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.read(1)
