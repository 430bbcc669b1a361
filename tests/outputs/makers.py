"""Small data sets to save: a table and images, and the contents of a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import make_image, make_sources, make_wcs

FIRST_ID = 506428274000265570
VISITS = (2025069184737, 2025069184738)


def make_world(n: int = 12, *, seed: int = 0, **columns: Any) -> tuple[SourceTable, ArrayImages]:
    """Rows that alternate between two visits, and the visits' images, 80 x 90 pixels."""
    wcs = make_wcs(at=(45, 40))
    images = {
        (visit, 3): tuple(make_image((80, 90), seed=seed + 10 * k + panel, wcs=wcs) for panel in range(3))
        for k, visit in enumerate(VISITS)
    }
    rows = make_sources(n, image=images[VISITS[0], 3][1], seed=seed)
    table: dict[str, Any] = {
        "diaSourceId": FIRST_ID + 7 * np.arange(n),
        "ra": np.array([row.ra for row in rows]),
        "dec": np.array([row.dec for row in rows]),
        "visit": np.array([VISITS[k % 2] for k in range(n)]),
        "detector": np.full(n, 3),
        "band": np.full(n, "r"),
        "snr": np.arange(n, dtype=float),
        "psfFlux": 100.0 * np.arange(n),
        "psfFluxErr": np.full(n, 20.0),
        "isDipole": np.arange(n) % 2 == 0,
        "reliability": np.linspace(0, 1, n),
        **columns,
    }
    return SourceTable.read(table), ArrayImages.from_images(images)


def files_of(root: Path) -> dict[str, bytes]:
    """Everything below a directory: path -> content; empty folders too."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"folder"
        for path in sorted(root.rglob("*"))
    }


def figures_of(root: Path) -> list[str]:
    """The figures below a directory."""
    return [name for name in files_of(root) if name.startswith("images/") and name.endswith(".png")]
