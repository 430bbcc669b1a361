"""The columns of a row as text."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.widget.inspection.cells import as_python, cells_of, exact_words, group_of


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (169298432598474793, "169298432598474793"),
        (float(np.float32(0.682)), "0.682"),
        (60924.33041372549, "60924.33041372549"),
        (-28.5, "−28.5"),
        (float("nan"), "n/a"),
        (None, "n/a"),
        (True, "true"),
        (1e300, "1e+300"),
        ("<b>", "<b>"),
        (b"abc", "3 bytes"),
        ([1, 2], "a list of 2"),
        ({"rband": 1}, "rband: 1"),
    ],
)
def test_displayed_values_have_their_significant_digits(value, words):
    assert exact_words(value) == words


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("ids", "diaSourceId diaObjectId visit detector band candid objectId"),
        ("position", "ra dec raErr ra_dec_Cov x yErr coord_ra glat"),
        ("fluxes", "psfFlux psfFluxErr apFlux trailFlux snr psfChi2 magpsf imagErr reliability scienceFlux"),
        ("shape", "ixx iyyPSF trailLength dipoleAngle bboxSize extendedness fwhm aimage bimagerat"),
        ("flags", "isDipole pixelFlags_saturatedCenter centroid_flag"),
        ("time", "midpointMjdTai timeProcessedMjdTai jd exposureTime"),
        ("other", "parallax_curious"),
    ],
)
def test_columns_are_grouped_by_topic(group, names):
    assert {name: group_of(name) for name in names.split()} == dict.fromkeys(names.split(), group)


def test_a_flag_is_set_unset_or_null_and_names_its_badge():
    table = SourceTable.read(
        {
            "diaSourceId": [2**60 + 1],
            "ra": [1.0],
            "dec": [2.0],
            "isDipole": [True],
            "pixelFlags_edge": [False],
            "pixelFlags_cr": [None],
        }
    )
    cells = {cell["name"]: cell for cell in cells_of(table.row(2**60 + 1), table)}
    flags = {name: (one["value"], one["null"], one["badge"]) for name, one in cells.items() if one["flag"]}
    assert flags["isDipole"] == ("true", False, "DIPOLE")
    assert flags["pixelFlags_edge"] == ("false", False, None)
    assert flags["pixelFlags_cr"] == ("n/a", True, None)


def test_a_row_copied_as_python_evaluates_to_the_row():
    values = [2**60 + 1, 1.5, float(np.float32(0.682)), None, True, "<b>'", [1, 2], {"a": 1}]
    read = [ast.literal_eval(as_python(one)) for one in values]
    assert read[:2] == [2**60 + 1, 1.5]
    assert np.float32(read[2]) == np.float32(0.682)
    assert read[3:] == values[3:]
    assert as_python(float("nan")) == 'float("nan")'
    assert as_python(b"a stamp") is None
