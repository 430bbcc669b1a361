"""One demo sky, made once for all tests of it."""

from __future__ import annotations

import pytest

from cutout_widgets import demo


@pytest.fixture(scope="session")
def sky_on_disk(tmp_path_factory: pytest.TempPathFactory) -> demo.Demo:
    return demo.write(tmp_path_factory.mktemp("sky") / "demo")
