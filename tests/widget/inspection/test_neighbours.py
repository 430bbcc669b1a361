"""Other rows of the table on the cutouts of a source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.pixels.image import Triplet
from cutout_widgets.testing import make_image, make_wcs
from cutout_widgets.widget.inspection.neighbours import neighbours_of

WCS = make_wcs(at=(50, 50))
IDS = 2**60 + np.arange(5)


def table(**columns) -> SourceTable:
    """A source at (50, 50), one 3 px right, one 4 px up, one beyond the edge, one unknown."""
    sky = WCS.pixel_to_world([50, 53, 50, 61, 50], [50, 50, 54, 50, 50])
    ra, dec = np.array(sky.ra.deg), np.array(sky.dec.deg)
    ra[4] = np.nan
    return SourceTable.read({"diaSourceId": IDS, "ra": ra, "dec": dec, **columns})


def found(sources: SourceTable, triplet: Triplet):
    return neighbours_of(sources.row(int(IDS[0])), triplet, sources)


def test_neighbours_on_a_panel_are_sent_with_their_pixels():
    science = make_image((20, 20), yx0=(40, 40), wcs=WCS)
    other = found(table(visit=[1, 1, 2, 1, 1], detector=[1] * 5), Triplet(science=science))
    assert [(one["id"], one["same_exposure"]) for one in other] == [
        (str(IDS[1]), True),
        (str(IDS[2]), False),
    ]
    assert other[0]["science"] == pytest.approx((53, 50), abs=1e-6)
    assert other[1]["science"] == pytest.approx((50, 54), abs=1e-6)
    assert other[0]["template"] is None


def test_other_epochs_of_the_same_object_are_no_neighbours():
    science = make_image((20, 20), yx0=(40, 40), wcs=WCS)
    triplet = Triplet(science=science)
    later = table(visit=[1, 2, 2, 1, 1], diaObjectId=[7, 7, 8, 7, 7])
    assert [one["id"] for one in found(later, triplet)] == [str(IDS[2])]
    # Two rows of one exposure, and rows without an object (0 or null), are others.
    assert len(found(table(visit=[1, 1, 2, 1, 1], diaObjectId=[7, 7, 7, 7, 7]), triplet)) == 1
    assert len(found(table(visit=[1, 2, 2, 1, 1], diaObjectId=[0, 0, 0, 0, 0]), triplet)) == 2
    assert len(found(table(visit=[1, 2, 2, 1, 1], diaObjectId=[None, None, None, 7, 7]), triplet)) == 2


def test_a_panel_on_another_grid_has_its_own_neighbour_positions():
    science = make_image((20, 20), yx0=(40, 40), wcs=WCS)
    template = make_image((20, 20), yx0=(0, 0), wcs=make_wcs(at=(10, 10)))
    first = found(table(), Triplet(science=science, template=template))[0]
    assert first["template"] == pytest.approx((13, 10), abs=1e-3)


def test_neighbours_on_an_anchored_stamp_use_sky_positions():
    science = make_image((20, 20), yx0=(40, 40), wcs=WCS)
    first = found(table(), Triplet(science=replace(science, anchor=(50.2, 50.1))))[0]
    assert first["science"] == pytest.approx((53, 50), abs=1e-6)


def test_without_a_wcs_there_are_no_neighbours():
    assert found(table(), Triplet(science=make_image((20, 20), wcs=None))) == []
    assert found(table(), Triplet()) == []
