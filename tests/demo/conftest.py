"""One demo sky, made once for all tests of it."""

from __future__ import annotations

import pytest

from cutout_widgets import demo


@pytest.fixture(scope="session")
def sky_on_disk(tmp_path_factory: pytest.TempPathFactory) -> demo.Demo:
    """FITS, parquet and SQLite: what core dependencies can make."""
    return demo.write(tmp_path_factory.mktemp("sky") / "demo", repository="never")


@pytest.fixture(scope="session")
def sky_with_repository(sky_on_disk: demo.Demo) -> demo.Demo:
    """The same demo with its Butler repository, added after the rest was made."""
    pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")
    pytest.importorskip("lsst.images", reason="needs the extra 'rubin'")
    return demo.write(sky_on_disk.folder, repository="always")
