"""Regions of DS9 and MOCs against rows."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable

regions = pytest.importorskip("regions", reason="needs the extra 'regions'")

LARGE = [2**63 - 1, 169298432598474793, -5]


@pytest.fixture
def rows():
    return cw.SourceTable(
        {"id": [*LARGE, 9], "ra": [1.0, 359.5, 10.0, np.nan], "dec": [2.0, -30.0, 89.0, 0.0]}
    )


def test_rows_written_to_ds9_regions_are_read_back_with_their_ids(rows, tmp_path):
    rows.to_regions(radius=3.0).write(tmp_path / "rows.reg", format="ds9")
    back = cw.SourceTable.read(tmp_path / "rows.reg")
    assert back.ids.tolist() == LARGE  # the row without position is not there
    assert back["ra"] == pytest.approx([1.0, 359.5, 10.0])
    assert back["radius"] == pytest.approx([3.0] * 3, abs=1e-4)
    assert back.units["radius"] == "arcsec"


def test_region_objects_become_rows(rows):
    assert cw.SourceTable(rows.to_regions(1 * u.arcmin)).ids.tolist() == LARGE
    one = regions.PointSkyRegion(SkyCoord(10.0, 20.0, unit="deg", frame="galactic"))
    table = cw.SourceTable(one)
    assert (table.ids.tolist(), table["region"][0]) == ([1], "point")
    assert table["ra"][0] == pytest.approx(SkyCoord(10.0, 20.0, unit="deg", frame="galactic").icrs.ra.deg)


def test_a_ds9_file_gives_rows_at_the_centres_of_its_regions(tmp_path):
    text = (
        "# Region file format: DS9 version 4.1\nglobal color=green\nfk5\n"
        'circle(10:00:00.0,+20:00:00.0,5") # text={169298432598474793}\n'
        'box(20.0,10.0,3",4",0) # text={169298432598474794}\n'
    )
    (tmp_path / "a.reg").write_text(text)
    table = cw.SourceTable.read(tmp_path / "a.reg")
    assert table.ids.tolist() == [169298432598474793, 169298432598474794]
    assert table["ra"] == pytest.approx([150.0, 20.0], abs=1e-4)
    assert table["region"].tolist() == ["circle", "rectangle"]


def test_regions_without_ids_are_numbered_and_keep_their_labels(tmp_path):
    line = "icrs\npolygon(1,1,3,1,2,4) # text={<script>x</script>}\npoint(5,6)\npoint(7,8) # text={12}\n"
    (tmp_path / "a.reg").write_text(line)
    table = cw.SourceTable.read(tmp_path / "a.reg")
    assert table.ids.tolist() == [1, 2, 3]
    assert table["label"].tolist() == ["<script>x</script>", "", "id=12"]
    assert "<script>" not in table._repr_html_()
    assert (table["ra"][0], table["dec"][0]) == pytest.approx((2.0, 2.0), abs=0.01)


def test_a_polygon_across_right_ascension_zero_has_its_centre_there():
    corners = SkyCoord([359.0, 1.0, 1.0, 359.0], [-1.0, -1.0, 1.0, 1.0], unit="deg")
    table = cw.SourceTable(regions.PolygonSkyRegion(corners))
    assert min(table["ra"][0], 360 - table["ra"][0]) < 1e-9


@pytest.mark.parametrize(
    "text, said", [("image\ncircle(10,20,3)\n", "not on the sky"), ("# nothing\n", "no regions")]
)
def test_a_region_file_without_sky_coordinates_is_refused(tmp_path, text, said):
    (tmp_path / "a.reg").write_text(text)
    with pytest.raises(BadTable, match=said):
        cw.SourceTable.read(tmp_path / "a.reg")


@pytest.mark.parametrize("radius", [0, -1, "wide", 3 * u.nJy, np.nan])
def test_an_invalid_region_radius_is_refused(rows, radius):
    with pytest.raises(BadOption, match="radius is"):
        rows.to_regions(radius)


def test_a_moc_keeps_the_rows_inside_it(rows, tmp_path):
    mocpy = pytest.importorskip("mocpy", reason="needs the extra 'moc'")
    moc = mocpy.MOC.from_cone(lon=359.4 * u.deg, lat=-30 * u.deg, radius=1 * u.deg, max_depth=10)
    assert rows.inside(moc).ids.tolist() == [LARGE[1]]
    moc.save(str(tmp_path / "moc.fits"), format="fits")
    assert rows.inside(tmp_path / "moc.fits").ids.tolist() == [LARGE[1]]
    assert len(rows.where("id < 0").inside(moc)) == 0


def test_something_that_is_not_a_moc_is_refused(rows, tmp_path):
    pytest.importorskip("mocpy", reason="needs the extra 'moc'")
    with pytest.raises(BadOption, match=r"a MOC is a mocpy.MOC"):
        rows.inside(5)
    with pytest.raises(BadOption, match=r"none.fits cannot be read as a MOC"):
        rows.inside(tmp_path / "none.fits")
