from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.demo.htm import htm_index


def test_the_first_octant_is_face_15_and_each_level_adds_two_bits():
    assert htm_index(45.0, 35.0, level=0) == [15]
    assert htm_index(45.0, -35.0, level=0) == [8]
    fine, coarse = htm_index(45.0, 35.0, level=7), htm_index(45.0, 35.0, level=6)
    assert fine // 4 == coarse


def test_indices_agree_with_sphgeom():
    sphgeom = pytest.importorskip("lsst.sphgeom", reason="needs the extra 'rubin'")
    rng = np.random.default_rng(5)
    ra, dec = rng.uniform(0, 360, 500), np.degrees(np.arcsin(rng.uniform(-1, 1, 500)))
    theirs = sphgeom.HtmPixelization(20)
    expected = [
        theirs.index(sphgeom.UnitVector3d(sphgeom.LonLat.fromDegrees(float(a), float(d))))
        for a, d in zip(ra, dec, strict=True)
    ]
    assert htm_index(ra, dec).tolist() == expected
