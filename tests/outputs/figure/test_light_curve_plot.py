"""A light curve is one call, also coloured by the zero point."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadTable
from cutout_widgets.outputs.figure.light_curve_plot import plot_light_curve

POINTS = pd.DataFrame(
    {
        "expMidptMjd": [60000.5, 60001.5, 60002.5],
        "psfMag": [18.0, 18.5, np.nan],
        "psfMagErr": [0.1, 0.2, np.nan],
        "band": ["r", "g", None],
        "zeroPoint": [31.4, 31.2, 31.3],
    }
)


def test_points_are_coloured_by_a_column_and_magnitudes_are_brightest_up():
    figure = plot_light_curve(POINTS, colour_by="zeroPoint", title="star 547")
    curve, scale = figure.axes
    assert (curve.get_ylabel(), scale.get_ylabel(), curve.get_title()) == ("psfMag", "zeroPoint", "star 547")
    assert curve.yaxis_inverted()
    points = [one for one in curve.collections if one.get_array() is not None]
    assert sorted(one for some in points for one in some.get_array().compressed()) == [31.2, 31.4]
    assert {one.get_clim() for one in points} == {(31.2, 31.4)}
    figure.savefig(BytesIO())


def test_by_default_points_are_coloured_by_band_and_fluxes_increase_upwards():
    frame = pd.DataFrame(
        {"time": [1.0, 2.0], "flux": [5.0, -3.0], "flux_err": [1.0, 1.0], "band": ["r", "g"]}
    )
    figure = plot_light_curve(frame)
    (curve,) = figure.axes
    assert not curve.yaxis_inverted()
    assert [text.get_text() for text in curve.get_legend().get_texts()] == ["g", "r"]
    dates = plot_light_curve({"jd": [2460000.5], "psfFlux": [5.0]}, ax=curve).axes[0].collections[-1]
    assert dates.get_offsets().data.tolist() == [[60000.0, 5.0]]


def test_a_source_table_is_plotted_in_its_units():
    rows = SourceTable.read(
        {"id": [1], "ra": [0.0], "dec": [0.0], "midpointMjdTai": [60000.0], "psfFlux": [7.0]}
    )
    assert plot_light_curve(rows).axes[0].get_ylabel().startswith("psfFlux")


def test_something_that_is_not_a_light_curve_is_refused():
    with pytest.raises(BadTable, match=r"needs a column of times \(MJD\), which is not there; it has flux"):
        plot_light_curve({"flux": [1.0]})
    with pytest.raises(BadTable, match=r"needs a column of colours named 'zeropoint'.*zeroPoint"):
        plot_light_curve(POINTS, colour_by="zeropoint")
    with pytest.raises(BadTable, match="'band' of a light curve has no numbers"):
        plot_light_curve(POINTS, colour_by="band")
    assert len(plot_light_curve(POINTS[:0], colour_by="zeroPoint").axes) == 1
