"""Quantities and positions in lists, rows and object columns."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from astropy.time import Time

import cutout_widgets as cw
from cutout_widgets.errors import BadTable

PLACES = SkyCoord([10.0, 20.0] * u.deg, [1.0, -2.0] * u.deg)
GALACTIC = PLACES.galactic


@pytest.mark.parametrize(
    "source",
    [
        QTable({"id": [7, 8], "place": PLACES}),
        QTable({"id": [7, 8], "place": GALACTIC}),
        QTable({"id": [7, 8], "ra": [10 / 15, 20 / 15] * u.hourangle, "dec": [60, -120] * u.arcmin}),
        {"id": [7, 8], "place": GALACTIC},
        {"id": [7, 8], "place": list(PLACES)},
        {"id": [7, 8], "ra": list(PLACES.ra), "dec": PLACES.dec},
        {"id": [7, 8], "ra": [10 * u.deg, 1200 * u.arcmin], "dec": [1 * u.deg, -2 * u.deg]},
        [{"id": 7, "place": PLACES[0]}, {"id": 8, "place": GALACTIC[1]}],
        pd.DataFrame({"id": [7, 8], "place": list(PLACES)}),
    ],
)
def test_positions_of_any_form_are_degrees(source):
    table = cw.SourceTable(source)
    assert table.ids.tolist() == [7, 8]
    assert table["ra"] == pytest.approx([10.0, 20.0])
    assert table["dec"] == pytest.approx([1.0, -2.0])


@pytest.mark.parametrize("source", [PLACES, GALACTIC, list(PLACES), [PLACES[0], GALACTIC[1]]])
def test_positions_alone_become_numbered_rows(source):
    table = cw.SourceTable(source)
    assert table.ids.tolist() == [1, 2]
    assert table["ra"] == pytest.approx([10.0, 20.0])


def test_a_single_position_becomes_one_row():
    assert len(cw.SourceTable(PLACES[0])) == 1


def test_fluxes_in_different_units_are_converted_to_one():
    rows = [
        {"id": n, "ra": 0.0, "dec": 0.0, "psfFlux": flux}
        for n, flux in enumerate([3 * u.nJy, 1 * u.uJy, None])
    ]
    table = cw.SourceTable(rows)
    assert table.units["psfFlux"] == "nJy"
    assert table["psfFlux"] == pytest.approx([3.0, 1000.0, np.nan], nan_ok=True)


def test_a_flux_among_angles_is_refused_with_the_column_name():
    rows = [{"id": n, "ra": 0.0, "dec": 0.0, "size": one} for n, one in enumerate([1 * u.arcsec, 1 * u.nJy])]
    with pytest.raises(BadTable, match="the values of column 'size' are inconsistent"):
        cw.SourceTable(rows)


def test_a_row_with_a_missing_position_has_null_coordinates():
    table = cw.SourceTable([{"id": 1, "place": PLACES[0]}, {"id": 2, "place": None}])
    assert np.isnan(table["ra"][1])


def test_a_quantity_table_keeps_units_times_and_gaps():
    rows = QTable({"id": [1, 2], "ra": [1, 2] * u.deg, "dec": [0, 0] * u.deg, "psfFlux": [1.0, 2.0] * u.uJy})
    rows["midpointMjdTai"] = Time([60000.0, 60001.0], format="mjd", scale="tai")
    table = cw.SourceTable(rows)
    assert table.units["psfFlux"] == "uJy"
    assert table["time"].tolist() == [60000.0, 60001.0]
