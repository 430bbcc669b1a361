"""An exposure drawn on the sky, with what was found on it."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption, NoOverlap
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.outputs.figure.exposure_plot import plot_exposure
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image


def tangent(kind: str = "RA---TAN") -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"] if kind == "RA---TAN" else ["GLON-TAN", "GLAT-TAN"]
    wcs.wcs.crval, wcs.wcs.crpix = [150.0, 2.0], [1021.0, 521.0]
    wcs.wcs.cd = [[-0.2 / 3600, 0], [0, 0.2 / 3600]]
    return wcs


def exposure(wcs: WCS | None) -> Image:
    mask = np.zeros((40, 50), np.uint32)
    mask[10:12] = 1 << 3
    pixels = np.random.default_rng(0).normal(0, 1, (40, 50)).astype(np.float32)
    pixels[0, 0] = np.nan
    return Image(pixels, box=Box(500, 540, 1000, 1050), mask=mask, planes={"SAT": 3, "CR": 4}, wcs=wcs)


def legend_of(figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def test_everything_is_drawn_in_parent_pixels(tmp_path):
    image = exposure(tangent())
    inside, outside = DiaSource(1, 150.0, 2.0), DiaSource(2, 150.5, 2.0)
    footprint = Footprint.from_box(Box(505, 508, 1003, 1006))
    figure = plot_exposure(
        image, sources=[inside, outside], footprints={1: footprint}, planes=["SATURATED"], title="r band"
    )
    axes = figure.axes[0]
    assert (axes.get_xlim(), axes.get_ylim()) == ((999.5, 1049.5), (499.5, 539.5))
    assert legend_of(figure) == ["SAT (100 px)", "1 sources"]
    outline, marks = axes.collections
    assert outline.get_segments()[0].min(axis=0).tolist() == [1002.5, 504.5]
    assert marks.get_offsets().data.tolist() == [pytest.approx([1020.0, 520.0], abs=1e-6)]
    assert axes.get_title() == "r band"
    figure.savefig(tmp_path / "one.png")


def test_without_options_there_is_no_legend():
    assert legend_of(plot_exposure(exposure(tangent()))) == []


def test_all_planes_that_are_set():
    assert legend_of(plot_exposure(exposure(None), planes=None)) == ["SAT (100 px)"]


def test_a_part_of_it():
    figure = plot_exposure(exposure(tangent()), box=Box(530, 560, 1010, 1020))
    assert figure.axes[0].get_ylim() == (529.5, 539.5)
    with pytest.raises(NoOverlap):
        plot_exposure(exposure(tangent()), box=Box(0, 5, 0, 5))


def test_a_plane_that_is_not_there_is_named():
    with pytest.raises(BadOption, match="no plane STREAK; it has SAT, CR"):
        plot_exposure(exposure(None), planes=["STREAK"])


def test_without_a_wcs_the_axes_are_pixels():
    assert plot_exposure(exposure(None)).axes[0].get_xlabel() == "x (px)"


def test_other_frames_get_an_icrs_grid():
    axes = plot_exposure(exposure(tangent("GLON-TAN"))).axes[0]
    assert axes.get_xlabel() == "galactic longitude"
    overlay = axes._all_coords[1]
    assert [coordinate.default_label for coordinate in overlay] == ["ra", "dec"]


def test_a_notebook_shows_the_figure():
    assert plot_exposure(exposure(None))._repr_png_().startswith(b"\x89PNG")


def test_axes_of_ones_own_and_no_global_state():
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    figure = Figure()
    assert plot_exposure(exposure(None), ax=figure.add_subplot()) is figure
    assert plt.get_fignums() == []
