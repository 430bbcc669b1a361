"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from cutout_widgets.demo import Demo

# A busy machine must not fail a property: no time limit for one example.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project (or where CUTOUT_WIDGETS_SHARED says)."""
    here = Path(os.environ.get("CUTOUT_WIDGETS_SHARED", Path(__file__).parents[2] / "shared"))
    if not (here / "data").is_dir():
        pytest.skip(f"needs the real data beside the project: no folder {here.name}/data")
    return here


@pytest.fixture(scope="session")
def sky_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demo sky for all tests: FITS, parquet and SQLite, made with core dependencies."""
    from cutout_widgets import demo

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # its folder lies in that of the run
        folder = folder.parent
    return demo.write(folder / "sky" / "demo", repository="never")


@pytest.fixture(scope="session")
def sky_with_repository(sky_on_disk: Demo) -> Demo:
    """The same demo with its Butler repository, added after the rest was made."""
    pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")
    pytest.importorskip("lsst.images", reason="needs the extra 'rubin'")
    from cutout_widgets import demo

    return demo.write(sky_on_disk.folder, repository="always")
