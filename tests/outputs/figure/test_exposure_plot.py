"""An exposure drawn on the sky, with its detections."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from astropy.wcs import WCS

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.errors import BadOption, BadTable, NoOverlap
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.outputs.figure.exposure_plot import plot_exposure
from cutout_widgets.outputs.figure.marks import Marks
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image, Triplet


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


def test_by_default_there_is_no_legend():
    assert legend_of(plot_exposure(exposure(tangent()))) == []


def test_all_mask_planes_that_are_set_are_drawn():
    assert legend_of(plot_exposure(exposure(None), planes=None)) == ["SAT (100 px)"]


def test_part_of_an_exposure_can_be_drawn():
    figure = plot_exposure(exposure(tangent()), box=Box(530, 560, 1010, 1020))
    assert figure.axes[0].get_ylim() == (529.5, 539.5)
    with pytest.raises(NoOverlap):
        plot_exposure(exposure(tangent()), box=Box(0, 5, 0, 5))


def test_an_unknown_mask_plane_is_named():
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


def test_user_axes_are_used_without_global_state():
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    figure = Figure()
    assert plot_exposure(exposure(None), ax=figure.add_subplot()) is figure
    assert plt.get_fignums() == []


def test_several_catalogues_have_their_own_colours_and_symbols():
    stars = {"x": [1003.0, 1020.0, 1.0], "y": [503.0, 520.0, 1.0]}
    figure = plot_exposure(
        exposure(tangent()),
        sources={"found": [DiaSource(1, 150.0, 2.0)], "stars": stars, "known": Marks(stars, "red", "x", 9)},
    )
    found, drawn, known = figure.axes[0].collections
    assert legend_of(figure) == ["1 found", "2 stars", "2 known"]
    assert drawn.get_offsets().data.tolist() == [[1003.0, 503.0], [1020.0, 520.0]]
    assert known.get_facecolor().tolist() == [[1.0, 0.0, 0.0, 1.0]]
    assert not len(found.get_facecolor())
    assert found.get_edgecolor().tolist() != drawn.get_edgecolor().tolist()


def test_positions_are_found_by_the_column_names_of_any_survey():
    pd = pytest.importorskip("pandas")
    image = exposure(tangent())
    for table in (
        pd.DataFrame({"ra": [150.0], "decl": [2.0]}),
        {"ra": [150.0], "dec": [2.0], "x": [9.0], "y": [9.0]},
    ):
        marks = plot_exposure(image, sources=table).axes[0].collections[0]
        assert marks.get_offsets().data.tolist() == [pytest.approx([1020.0, 520.0], abs=1e-6)]
    with pytest.raises(BadTable, match=r"needs ra and dec, or x and y .*it has flux"):
        plot_exposure(image, sources=pd.DataFrame({"flux": [1.0]}))
    with pytest.raises(BadOption, match="cannot be drawn with colour 'reddish'"):
        plot_exposure(image, sources=Marks({"x": [1010.0], "y": [510.0]}, "reddish"))


def test_drawing_twice_on_the_same_axes_adds_the_catalogue_but_not_the_image():
    image = exposure(tangent())
    figure = plot_exposure(
        image, sources={"a": {"x": [1010.0], "y": [510.0]}}, planes=["SAT"], title="r band"
    )
    axes = figure.axes[0]
    assert (
        plot_exposure(image, sources={"b": {"x": [1015.0], "y": [515.0]}}, planes=["SAT"], ax=axes) is figure
    )
    assert len(axes.images) == 2  # the image and one plane
    assert legend_of(figure) == ["SAT (100 px)", "1 a", "1 b"]
    assert axes.get_title() == "r band"
    first, second = axes.collections
    assert first.get_edgecolor().tolist() != second.get_edgecolor().tolist()


def test_grey_levels_follow_the_stretch_and_the_colorbar_is_in_image_units():
    image = exposure(None)
    stretch = Stretch("user", "asinh", vmin=-1.0, vmax=2.0)
    figure = plot_exposure(replace(image, unit="nJy"), stretch=stretch, colorbar=True)
    drawn = figure.axes[0].images[0]
    levels = stretch.to_bytes(image.pixels)
    shown = np.ma.filled(drawn.norm(drawn.get_array()), np.nan)
    assert np.nanmax(np.abs(shown[levels > 0] * 254 + 1 - levels[levels > 0])) <= 0.5001
    assert np.isnan(shown[0, 0])
    assert drawn.get_clim() == (-1.0, 2.0)
    assert figure.axes[1].get_ylabel() == "nJy"
    assert figure.axes[1].get_ylim() == (-1.0, 2.0)
    figure.savefig(BytesIO())


@pytest.mark.parametrize("value", [np.nan, 3.0, np.inf])
def test_a_constant_image_is_drawn(value):
    plot_exposure(np.full((9, 9), value), colorbar=True).savefig(BytesIO())


def test_several_images_are_drawn_side_by_side():
    image = exposure(tangent())
    figure = plot_exposure(Triplet(image, image, None), planes=["SAT"], title="one night")
    assert [axes.get_title() for axes in figure.axes] == ["Template", "Science"]
    assert figure.get_suptitle() == "one night"
    axes = [figure.add_subplot(), figure.add_subplot()]
    assert plot_exposure({"a": image, "b": exposure(None)}, ax=axes) is figure
    assert [one.get_title() for one in axes] == ["a", "b"]
    assert len(plot_exposure([image, image, image]).axes) == 3
    with pytest.raises(BadOption, match="axes for each of 2 images; got 1"):
        plot_exposure([image, image], ax=axes[0])
    with pytest.raises(BadOption, match="the triplet has no image: science: no file"):
        plot_exposure(Triplet(problems=("science: no file",)))
    with pytest.raises(BadOption, match="there is no image"):
        plot_exposure([])
