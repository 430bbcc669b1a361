"""Everything about one source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from tests.widget.other_end import FIRST_ID, make_table

from cutout_widgets.display.levels import CURVES
from cutout_widgets.display.look import Look
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.testing import make_image, make_wcs
from cutout_widgets.widget.inspection.inspector import inspect
from cutout_widgets.widget.protocol.labels import NO_ENTRY

LOOK = Look.of("documented")


def inspected(triplet: Triplet):
    table = make_table()
    return inspect(table.row(FIRST_ID), triplet, LOOK, table, {FIRST_ID: {**NO_ENTRY, "label": "real"}})


def test_pixel_values_are_sent_exactly():
    image = make_image((5, 7), yx0=(100, 200))
    answer, buffer = inspected(Triplet(science=image))
    panel = answer["panels"]["science"]
    assert (np.frombuffer(buffer, "<f4", 35, panel["offset"]).reshape(5, 7) == image.pixels).all()
    assert (np.frombuffer(buffer, "<u4", 35, panel["mask"]).reshape(5, 7) == image.mask).all()
    assert (panel["x0"], panel["y0"], panel["unit"]) == (200, 100, "nJy")


def test_the_footprint_outline_follows_its_pixels():
    science, template = make_image((5, 7), yx0=(100, 200)), make_image((9, 9), yx0=(100, 200))
    table, footprint = make_table(), Footprint.from_box(Box(101, 103, 205, 300))
    answer, _ = inspect(
        table.row(FIRST_ID), Triplet(science=science, template=template), LOOK, table, {}, footprint
    )
    square = [204.5, 100.5, 207.5, 100.5, 207.5, 102.5, 204.5, 102.5, 204.5, 100.5]  # on to the next pixel
    assert answer["panels"]["science"]["outlines"] == [square]
    assert answer["panels"]["template"]["outlines"] == []
    unknown, _ = inspected(Triplet(science=science))
    assert unknown["panels"]["science"]["outlines"] == []


def test_arrays_are_aligned_in_the_buffer():
    answer, _ = inspected(Triplet(*(make_image((5, 7), wcs=make_wcs()) for _ in range(3))))
    for panel in answer["panels"].values():
        starts = [panel["offset"], panel["thresholds"], panel["mask"], panel["lattice"]["offset"]]
        assert [start % 8 for start in starts] == [0, 0, 0, 0]


def test_thresholds_reproduce_the_levels_of_the_page():
    image = make_image((20, 20))
    answer, buffer = inspected(Triplet(science=image))
    thresholds = np.frombuffer(buffer, "<f4", 254, answer["panels"]["science"]["thresholds"])
    levels = 1 + np.searchsorted(thresholds, image.pixels.ravel(), side="right")
    assert (levels.reshape(20, 20) == LOOK.science.to_bytes(image.pixels)).all()


def test_sky_positions_are_interpolated_between_the_lattice_nodes():
    image = make_image((60, 90), yx0=(500, 700), wcs=make_wcs(at=(0, 0)))
    answer, buffer = inspected(Triplet(science=image))
    lattice = answer["panels"]["science"]["lattice"]
    ny, nx = lattice["shape"]
    nodes = np.frombuffer(buffer, "<f8", ny * nx * 3, lattice["offset"]).reshape(ny, nx, 3)
    assert lattice["x"] == (699.5, 789.5)
    # Half way between the first nodes, the mean direction is the direction of the middle.
    step_x, step_y = 90 / (nx - 1), 60 / (ny - 1)
    middle = nodes[:2, :2].mean(axis=(0, 1))
    found = image.wcs.world_to_pixel_values(
        np.degrees(np.arctan2(middle[1], middle[0])),
        np.degrees(np.arcsin(middle[2] / np.linalg.norm(middle))),
    )
    assert found == pytest.approx((699.5 + step_x / 2, 499.5 + step_y / 2), abs=1e-6)


def test_only_planes_that_are_set_are_sent():
    mask = np.zeros((4, 4), dtype=np.uint32)
    mask[0, :3] = 1 << 5
    image = Image(np.zeros((4, 4), dtype=np.float32), mask=mask, planes={"BAD": 0, "DETECTED": 5})
    answer, _ = inspected(Triplet(difference=image))
    assert answer["panels"]["difference"]["planes"] == [
        {"name": "DETECTED", "bit": 5, "colour": "#0000ff", "count": 3}
    ]


def test_all_columns_of_the_row_are_sent_with_units():
    answer, _ = inspected(Triplet())
    cells = {cell["name"]: (cell["value"], cell["unit"]) for cell in answer["cells"]}
    assert cells["diaSourceId"] == ("9007199254740993", "")
    assert cells["ra"] == ("53.0", "deg")
    assert cells["isDipole"] == ("true", "")
    assert answer["label"] == "real"


def test_a_panel_that_is_missing_says_why():
    answer, buffer = inspected(Triplet(problems=("difference: the file is torn",)))
    assert answer["panels"]["difference"] == {"reason": "the file is torn"}
    assert answer["problems"] == ["difference: the file is torn"]
    assert buffer == b""


def test_variances_are_sent_exactly():
    image = make_image((5, 7))
    answer, buffer = inspected(Triplet(science=image, template=replace(image, variance=None)))
    offset = answer["panels"]["science"]["variance"]
    assert (np.frombuffer(buffer, "<f4", 35, offset).reshape(5, 7) == image.variance).all()
    assert answer["panels"]["template"]["variance"] is None


@pytest.mark.parametrize("curve", CURVES)
def test_user_limits_and_curve_give_the_levels_of_the_stretch(curve):
    image = make_image((40, 40))
    answer, buffer = inspected(Triplet(science=image))
    (found,) = [one for one in answer["curves"] if one["name"] == curve]
    starts = np.frombuffer(buffer, "<f8", 254, found["offset"])
    low, high = (float(one) for one in np.percentile(image.pixels, [5, 99]))
    thresholds = (low + starts * (high - low)).astype(np.float32)
    levels = 1 + np.searchsorted(thresholds, image.pixels.ravel(), side="right").reshape(40, 40)
    expected = Stretch("user", curve, vmin=low, vmax=high).to_bytes(image.pixels)
    assert np.abs(levels - expected.astype(int)).max() <= 1
    assert (levels == expected).mean() > 0.99


def test_the_limits_and_curve_of_the_look_are_sent():
    image = make_image((20, 20))
    answer, _ = inspected(Triplet(science=image))
    panel = answer["panels"]["science"]
    assert panel["limits"] == (float(image.pixels.min()), float(image.pixels.max()))
    assert panel["curve"] == "asinh"


def test_the_sky_level_and_noise_of_a_stamp_are_measured():
    noise = np.random.default_rng(2).normal(100, 5, (60, 60)).astype(np.float32)
    answer, _ = inspected(Triplet(science=Image(noise)))
    sky = answer["panels"]["science"]["sky"]
    assert sky["fitted"]
    assert (sky["level"], sky["sigma"]) == pytest.approx((100, 5), abs=0.5)
    tiny, _ = inspected(Triplet(science=Image(noise[:3, :3])))
    assert tiny["panels"]["science"]["sky"] is None


@pytest.mark.parametrize(
    ("unit", "factor"), [("nJy", 1.0), ("uJy", 1000.0), ("Jy", 1e9), ("adu", None), (None, None), ("?", None)]
)
def test_flux_density_units_have_their_factor_to_nJy(unit, factor):
    answer, _ = inspected(Triplet(science=Image(np.zeros((4, 4), dtype=np.float32), unit=unit)))
    assert answer["panels"]["science"]["nJy"] == (None if factor is None else pytest.approx(factor))


def test_the_psf_is_sent_as_an_image():
    psf = np.arange(15, dtype=np.float64).reshape(3, 5)
    answer, buffer = inspected(Triplet(science=replace(make_image((9, 9)), psf=psf)))
    found = answer["panels"]["science"]["psf"]
    assert found["shape"] == (3, 5)
    assert (np.frombuffer(buffer, "<f4", 15, found["offset"]).reshape(3, 5) == psf).all()


def _distorted(kind: str):
    """WCS of 0.2 arcsec pixels, turned by 30 degrees; mirrored, or with a distortion."""
    from astropy.io.fits import Header

    turn, scale = np.radians(30), 0.2 / 3600
    parity = 1 if kind == "mirrored" else -1
    matrix = scale * np.array([[parity * np.cos(turn), -np.sin(turn)], [parity * np.sin(turn), np.cos(turn)]])
    projection = {"SIP": "TAN-SIP", "TPV": "TPV"}.get(kind, "TAN")
    header = Header(
        {
            "CTYPE1": f"RA---{projection}",
            "CTYPE2": f"DEC--{projection}",
            "CRVAL1": 53.0,
            "CRVAL2": -28.0,
            "CRPIX1": 2000.0,
            "CRPIX2": 1500.0,
            "RADESYS": "ICRS",
        }
    )
    header.update({f"CD{i + 1}_{j + 1}": matrix[i, j] for i in (0, 1) for j in (0, 1)})
    if kind == "SIP":
        header.update(
            {"A_ORDER": 2, "B_ORDER": 2, "A_2_0": 2e-6, "A_1_1": -3e-6, "B_0_2": 2.5e-6, "B_1_1": 1e-6}
        )
    if kind == "TPV":
        header.update({"PV1_1": 1.0, "PV1_4": 0.01, "PV1_6": -0.02, "PV2_1": 1.0, "PV2_4": 0.015})
    return WCS(header)


def _interpolated(lattice, buffer, x, y):
    """Return sky directions between the nodes of a lattice, as the view interpolates them."""
    ny, nx = lattice["shape"]
    nodes = np.frombuffer(buffer, "<f8", ny * nx * 3, lattice["offset"]).reshape(ny, nx, 3)
    (u, i), (v, j) = (
        np.modf((one - lattice[axis][0]) / (lattice[axis][1] - lattice[axis][0]) * (n - 1))
        for one, axis, n in ((x, "x", nx), (y, "y", ny))
    )
    i, j, u, v = i.astype(int), j.astype(int), u[:, None], v[:, None]
    found = (1 - v) * ((1 - u) * nodes[j, i] + u * nodes[j, i + 1])
    found += v * ((1 - u) * nodes[j + 1, i] + u * nodes[j + 1, i + 1])
    return found / np.linalg.norm(found, axis=1)[:, None]


@pytest.mark.parametrize("kind", ["rotated", "mirrored", "SIP", "TPV"])
def test_interpolated_sky_positions_agree_with_astropy_to_a_milliarcsec(kind):
    wcs = _distorted(kind)
    image = make_image((120, 120), yx0=(300, 400), wcs=wcs)
    answer, buffer = inspected(Triplet(science=image))
    x, y = (one.ravel() for one in np.meshgrid(np.arange(400, 520), np.arange(300, 420)))
    found = _interpolated(answer["panels"]["science"]["lattice"], buffer, x, y)
    expected = wcs.pixel_to_world(x, y).icrs.cartesian.xyz.value.T
    assert np.degrees(np.linalg.norm(found - expected, axis=1).max()) * 3600 < 1e-3


def test_a_wide_field_has_more_nodes_so_that_positions_agree_within_a_thousandth_of_a_pixel():
    header = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 280.0, "CRVAL2": -66.0, "RADESYS": "ICRS"}
    header |= {"CDELT1": -1 / 15, "CDELT2": 1 / 15, "CRPIX1": 150.0, "CRPIX2": 20.0}  # 4 arcmin a pixel
    wcs = WCS(fits.Header(header))
    answer, buffer = inspected(Triplet(science=make_image((30, 30), wcs=wcs)))
    lattice = answer["panels"]["science"]["lattice"]
    assert lattice["shape"] > (3, 3)  # what a usual detector of 30 pixels has
    x, y = (one.ravel() for one in np.meshgrid(np.arange(30.0), np.arange(30.0)))
    found = _interpolated(lattice, buffer, x, y)
    expected = wcs.pixel_to_world(x, y).icrs.cartesian.xyz.value.T
    assert np.degrees(np.linalg.norm(found - expected, axis=1).max()) * 15 < 1e-3
