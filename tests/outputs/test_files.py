"""Files of concurrent runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from cutout_widgets.outputs.files import make_folder


def test_a_folder_is_created_while_others_remove_its_parent(tmp_path):
    for turn in range(50):
        folder = tmp_path / f"{turn}" / "mine"
        made = threading.Event()

        def remove(above: Path = folder.parent, made: threading.Event = made) -> None:
            removed = 0
            while removed < 10 and not made.is_set():  # ten runs that end just now
                with suppress(OSError):
                    above.rmdir()
                    removed += 1

        remover = threading.Thread(target=remove)
        remover.start()
        try:
            make_folder(folder)
        finally:
            made.set()
            remover.join()
        assert folder.is_dir()


def test_a_file_in_place_of_a_folder_is_reported(tmp_path):
    Path(tmp_path / "taken").write_bytes(b"")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "taken")
