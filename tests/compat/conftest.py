"""The golden vectors of subpixal, for tests of the compatibility layer and of the core."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS


class Golden:
    """Cases, arrays and WCS of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        cards = json.loads((folder / "wcs.json").read_text())
        self._headers = {
            name: fits.Header([fits.Card.fromstring(card) for card in lines]) for name, lines in cards.items()
        }
        self._wcs: dict[str, WCS] = {}

    def cases(self, which: str) -> dict[str, Any]:
        return json.loads((self.folder / f"{which}_cases.json").read_text())

    def arrays(self, which: str) -> dict[str, np.ndarray]:
        with np.load(self.folder / f"{which}.npz") as file:
            return {name: file[name] for name in file.files}

    def wcs(self, name: str) -> WCS:
        if name not in self._wcs:
            self._wcs[name] = WCS(self._headers[name])
        return self._wcs[name]


@pytest.fixture(scope="session")
def golden(shared: Path) -> Golden:
    return Golden(shared / "golden" / "subpixal")
