"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
