"""Histograms of fluxes and flags, and maps of the sky and the focal plane."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable, MissingDependency

ROWS = pd.DataFrame(
    {
        "diaSourceId": [1, 2, 3, 4],
        "ra": [359.9, 0.1, 0.2, np.nan],
        "dec": [-30.0, -30.1, -30.2, -30.0],
        "visit": [10, 10, 11, 11],
        "detector": [0, 1, 1, 1],
        "psfFlux": [-1.0, 0.5, 0.6, np.nan],
        "snr": [3.0, 5.0, 7.0, 9.0],
        "pixelFlags_bad": [True, False, None, False],
        "isDipole": [True, True, False, True],
        "pixelFlags_streak": [None] * 4,
    }
)


def bars_of(figure) -> list[tuple[str, float, str]]:
    (ax,) = figure.axes
    names = [label.get_text() for label in ax.get_yticklabels()]
    return [
        (name, bar.get_width(), text.get_text())
        for name, bar, text in zip(names, ax.patches, ax.texts, strict=True)
    ]


def test_fluxes_are_binned_within_the_limits():
    figure = cw.plot_flux_histogram(ROWS, bins=2, limits=(-2, 2), title="all")
    (ax,) = figure.axes
    (stairs,) = ax.patches
    assert stairs.get_data().values.tolist() == [1, 2]
    assert stairs.get_data().edges.tolist() == [-2, 0, 2]
    assert (ax.get_xlabel(), ax.get_title()) == ("psfFlux (nJy)", "all")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["table 1: 3 of 4"]


def test_two_tables_share_bins_and_appear_in_the_legend():
    figure = cw.plot_flux_histogram(
        ROWS, ROWS[:2], flux="snr", labels=["all", "first"], bins=3, limits=(2.5, 6), log=True
    )
    (ax,) = figure.axes
    assert [one.get_data().values.sum() for one in ax.patches] == [2, 2]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["all: 2 of 4", "first: 2 of 2"]
    assert (ax.get_xlabel(), ax.get_yscale()) == ("snr", "log")


def test_without_limits_the_tails_are_omitted():
    rows = pd.DataFrame({"diaSourceId": range(1, 1001), "ra": 1.0, "dec": 2.0, "psfFlux": np.arange(1000.0)})
    rows.loc[999, "psfFlux"] = 1e9
    (ax,) = cw.plot_flux_histogram(rows).axes
    assert ax.get_xlim() == pytest.approx((9.99, 989.01))


def test_an_empty_table_makes_an_empty_histogram():
    (ax,) = cw.plot_flux_histogram(ROWS[:0]).axes
    assert ax.patches[0].get_data().values.sum() == 0


@pytest.mark.parametrize(
    "options, error, said",
    [
        ({"flux": "psfFlx"}, BadTable, "no column 'psfFlx'; did you mean 'psfFlux'"),
        ({"flux": "pixelFlags_streak"}, BadTable, "has no number"),
        ({"labels": ["a", "b"]}, BadOption, "one for each table; got 2 for 1"),
        ({"bins": 0}, BadOption, "bins is a whole number"),
        ({"limits": (2, 1)}, BadOption, "the lower first"),
        ({"limits": "wide"}, BadOption, "two numbers"),
    ],
)
def test_an_invalid_histogram_is_refused(options, error, said):
    with pytest.raises(error, match=said):
        cw.plot_flux_histogram(ROWS, **options)


def test_flags_are_counted_and_bad_ones_are_red():
    figure = cw.plot_flag_histogram(ROWS)
    assert bars_of(figure) == [
        ("pixelFlags_bad", 1, "1"),
        ("isDipole", 3, "3"),
        ("pixelFlags_streak", 0, "n/a"),
    ]
    bad, dipole, _ = figure.axes[0].patches
    assert bad.get_facecolor() != dipole.get_facecolor()


def test_selected_flags_are_counted_in_the_given_order():
    assert [one[0] for one in bars_of(cw.plot_flag_histogram(ROWS, flags=["isDipole"]))] == ["isDipole"]
    with pytest.raises(BadTable, match="no flag 'isDipol'; did you mean 'isDipole'"):
        cw.plot_flag_histogram(ROWS, flags=["isDipol"])
    with pytest.raises(BadTable, match="no flags to count"):
        cw.plot_flag_histogram(ROWS[["diaSourceId", "ra", "dec"]])


def test_a_field_across_right_ascension_0_is_contiguous_with_east_left():
    (ax,) = cw.plot_sky(ROWS).axes
    ra = ax.collections[0].get_offsets()[:, 0]
    assert sorted(np.diff(np.sort(ra))) == pytest.approx([0.1, 0.2])
    left, right = ax.get_xlim()
    assert left > right
    assert ax.get_aspect() == pytest.approx(1 / np.cos(np.radians(30.1)))


def test_points_on_the_sky_are_coloured_by_a_column():
    figure = cw.plot_sky(ROWS, colour_by="snr")
    assert figure.axes[0].collections[0].get_array().tolist() == [3.0, 5.0, 7.0]
    assert figure.axes[1].get_ylabel() == "snr"
    with pytest.raises(BadTable, match="no row has a position"):
        cw.plot_sky(ROWS.assign(dec=100.0))


SQUARE = np.array([(0, 0), (0, 1), (1, 1), (1, 0)], dtype=float)
CAMERA = {0: SQUARE, 1: np.add(SQUARE, (2, 0)), 2: np.add(SQUARE, (4, 0))}


def test_detectors_are_coloured_by_sources_per_visit():
    figure = cw.plot_focal_plane(ROWS, CAMERA)
    ax, bar = figure.axes
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2"]
    assert ax.texts[1].get_position() == (2.5, 0.5)
    few, many, none = (patch.get_facecolor() for patch in ax.patches)
    assert sum(many[:3]) < sum(few[:3]) < sum(none[:3]) == 3.0
    assert bar.get_ylabel() == "DiaSources a visit, mean of 2 visits"
    assert bar.get_ylim() == (0, 1.5)


def test_an_lsst_camera_is_accepted(monkeypatch):
    points = [SimpleNamespace(getX=lambda x=x: x, getY=lambda y=y: y) for x, y in SQUARE]
    asked = []
    detectors = [
        SimpleNamespace(getId=lambda n=n: n, getCorners=lambda plane: asked.append(plane) or points)
        for n in range(3)
    ]
    module = ModuleType("lsst.afw.cameraGeom")
    module.FOCAL_PLANE = "focal plane"
    for name, one in (
        ("lsst", ModuleType("lsst")),
        ("lsst.afw", ModuleType("lsst.afw")),
        (module.__name__, module),
    ):
        monkeypatch.setitem(sys.modules, name, one)
    assert len(cw.plot_focal_plane(ROWS, detectors).axes[0].patches) == 3
    assert asked == ["focal plane"] * 3


def test_without_the_lsst_stack_its_camera_cannot_be_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "lsst.afw.cameraGeom", None)
    with pytest.raises(MissingDependency, match=r"lsst\.afw"):
        cw.plot_focal_plane(ROWS, object())


@pytest.mark.parametrize("camera", [{}, {0: [1, 2]}, {"a": SQUARE}, {0: SQUARE[:, :1]}])
def test_something_that_is_not_a_camera_is_refused(camera):
    with pytest.raises(BadOption, match="camera is a mapping"):
        cw.plot_focal_plane(ROWS, camera)


def test_unknown_detectors_and_rows_without_one_are_reported():
    with pytest.raises(BadOption, match="the camera has no detector 1"):
        cw.plot_focal_plane(ROWS, {0: SQUARE})
    with pytest.raises(BadTable, match="no row has a visit and detector"):
        cw.plot_focal_plane(ROWS.drop(columns=["visit", "detector"]), CAMERA)


@pytest.mark.parametrize("draw", [cw.plot_flux_histogram, cw.plot_flag_histogram, cw.plot_sky])
def test_plots_use_the_given_axes_and_are_shown_in_notebooks(draw):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert draw(ROWS, ax=ax) is ax.figure
    assert draw(ROWS)._repr_png_().startswith(b"\x89PNG")
