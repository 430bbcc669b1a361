"""The reference figures; their content is made here, the same for both renderers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutout_widgets.catalog.flags import BADGES, FLUX_LABELS
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.display.look import Look
from cutout_widgets.outputs.figure.figure import Canvas, header
from cutout_widgets.outputs.figure.picture import Picture, pictures
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.testing import make_wcs

ROW: Mapping[str, Any] = {
    "instrument": "LSSTCam",
    "psfFlux": 1493.9,
    "psfFluxErr": 90.1,
    "apFlux": -847.5,
    "apFluxErr": 378.3,
    "scienceFlux": 239177.8,
    "scienceFluxErr": 275.3,
    "snr": 223.7,
    "psfChi2": 1312.0,
    "psfNdata": 1681,
    "reliability": 0.854,
}
NO_FLAGS = dict.fromkeys((name for rule in BADGES for name in (*rule.columns, *rule.centre)), False)
ALL_FLAGS = dict.fromkeys((*NO_FLAGS, *(name for names in FLUX_LABELS.values() for name in names)), True)


def make_row(flags: Mapping[str, bool] = NO_FLAGS, **columns: Any) -> DiaSource:
    """The row of the layout that was measured, or one with other columns."""
    known = {"id": 506428274000265573, "visit": 2025069184737, "detector": 80, "band": "g"}
    given = {name: columns.pop(name, value) for name, value in known.items()}
    ra, dec = columns.pop("ra", 53.12345678), columns.pop("dec", -28.2)
    return DiaSource(ra=ra, dec=dec, flags=flags, row={**ROW, **columns}, **given)


def make_triplet(side: int = 30, *, noise: float = 30.0) -> Triplet:
    """A star that brightened, on noise; 0.2 arcsec a pixel."""
    random = np.random.default_rng(7)
    y, x = np.indices((side, side)) - (side - 1) / 2
    star = np.exp(-(x**2 + y**2) / 18)
    images = (
        1000 * star,
        1400 * star + noise * random.normal(size=star.shape),
        400 * star + noise * random.normal(size=star.shape),
    )
    wcs = make_wcs(53.12345678, -28.2, at=(side / 2, side / 2))
    return Triplet(*(Image(one.astype(np.float32), wcs=wcs) for one in images))


@dataclass(frozen=True)
class Pinned:
    """One pinned figure."""

    source: DiaSource
    sizes: tuple[int, ...] = (30,)
    with_header: bool = True
    look: str = "documented"

    @property
    def canvas(self) -> Canvas:
        return Canvas(len(self.sizes), self.with_header)

    def picture(self) -> Picture:
        region = Region.of(self.sizes)
        parts = region.split(make_triplet(max(self.sizes)), self.source)
        texts = header(self.source) if self.with_header else []
        return pictures([parts], [texts], Look.of(self.look))[0]


PINNED = {
    "plain": Pinned(make_row(), with_header=False),
    "noflags": Pinned(make_row()),
    "flags": Pinned(make_row(ALL_FLAGS)),
    "multisize-plain": Pinned(make_row(), (30, 60), with_header=False),
    "multisize-flags": Pinned(make_row(ALL_FLAGS), (30, 60)),
    "sigma": Pinned(make_row(), look="sigma"),
}
