"""A region says how much to cut, in pixels or on the sky, with one size or several."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS, Sip

from cutout_widgets.errors import BadOption, NoOverlap
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.pixels.region import LARGEST_SIDE_PX, Region, locate, pixel_scale


@dataclass(frozen=True)
class Place:
    """A source with a position and nothing else."""

    ra: float = np.nan
    dec: float = np.nan
    xy: tuple[float, float] | None = None


def tan_wcs(scale_arcsec: float = 0.2, *, kind: str = "TAN") -> WCS:
    """A WCS whose pixel (1000, 500) looks at (150, 2) degrees; north up, east left."""
    scale = scale_arcsec / 3600
    if kind == "TPV":
        header = fits.Header(
            {
                "NAXIS": 2,
                "CTYPE1": "RA---TPV",
                "CTYPE2": "DEC--TPV",
                "CRVAL1": 150.0,
                "CRVAL2": 2.0,
                "CRPIX1": 1001.0,
                "CRPIX2": 501.0,
                "CD1_1": -scale,
                "CD1_2": 0.0,
                "CD2_1": 0.0,
                "CD2_2": scale,
                "PV1_0": 0.0,
                "PV1_1": 1.0,
                "PV1_4": 0.02,
                "PV2_0": 0.0,
                "PV2_1": 1.0,
                "PV2_4": -0.03,
            }
        )
        return WCS(header)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [f"RA---{kind}", f"DEC--{kind}"]
    wcs.wcs.crval, wcs.wcs.crpix = [150.0, 2.0], [1001.0, 501.0]
    wcs.wcs.cd = [[-scale, 0], [0, scale]]
    if kind == "TAN-SIP":
        a = np.zeros((3, 3))
        a[2, 0] = 2e-6
        wcs.sip = Sip(a, a.T.copy(), None, None, wcs.wcs.crpix)
    wcs.wcs.set()
    return wcs


def detector(**others) -> Image:
    return Image(np.zeros((1024, 2048), np.float32), **others)


def test_a_number_is_a_size_in_pixels():
    assert Region.of(30) == Region((30.0,)) == Region.of(30.0)
    assert Region.of(np.int64(30)) == Region.of(30)


def test_several_sizes_keep_their_order():
    assert Region.of([60, 30]).sizes == (60.0, 30.0)


def test_none_is_the_whole_image():
    image = Image(np.zeros((4, 5)), box=Box(10, 14, 20, 25))
    assert Region.of(None).boxes_on(image, [Place(), Place()]) == [image.box] * 2


def test_a_region_is_returned_unchanged():
    region = Region.angle(5 * u.arcsec)
    assert Region.of(region) is region


def test_an_angle_is_kept_in_arcsec():
    assert Region.of(0.1 * u.arcmin) == Region((6.0,), unit="arcsec")
    assert Region.of([3, 6] * u.arcsec).sizes == (3.0, 6.0)


@pytest.mark.parametrize(
    "wrong", [0, -3, 2.5, float("nan"), float("inf"), LARGEST_SIDE_PX + 1, "30", True, (), [], [30, "x"], {}]
)
def test_an_invalid_size_is_refused(wrong):
    with pytest.raises(BadOption):
        Region.of(wrong)


def test_a_length_is_refused_as_a_size():
    with pytest.raises(BadOption, match="angle"):
        Region.of(3 * u.m)


def test_regions_compare_by_value():
    region = Region.of((30, 60))
    assert pickle.loads(pickle.dumps(region)) == region
    assert hash(region) == hash(Region.of([30, 60]))


def test_the_box_covers_the_largest_size():
    place = Place(xy=(100.0, 50.0))
    assert Region.of((30, 60)).box_on(detector(), place) == Box(20, 80, 70, 130)


def test_boxes_agree_with_box_centred():
    places = [Place(xy=(x, y)) for x, y in np.random.default_rng(8).uniform(-20, 900, (200, 2)).tolist()]
    places.append(Place(xy=(10.5, 20.5)))
    for side in (29, 30):
        expected = [Box.centred(XY(*place.xy), (side, side)) for place in places]
        assert Region.of(side).boxes_on(detector(), places) == expected


@pytest.mark.parametrize("noise", [-1e-8, 0.0, 1e-8])
def test_rounding_errors_of_a_position_do_not_move_a_box(noise):
    place = Place(xy=(100.0 + noise, 50.5 + noise))
    assert Region.of(30).box_on(detector(), place) == Box(36, 66, 85, 115)
    assert Region.of(31).box_on(detector(), place) == Box(35, 66, 85, 116)


def test_without_sources_there_are_no_boxes():
    assert Region.of(30).boxes_on(detector(), []) == []
    assert Region.of(30).boxes_on(detector(wcs=tan_wcs()), []) == []


def test_a_source_without_a_position_on_the_image_is_refused():
    with pytest.raises(NoOverlap, match="no position"):
        Region.of(30).box_on(detector(), Place(ra=150.0, dec=2.0))
    with pytest.raises(NoOverlap, match="no position"):
        Region.of(30).box_on(detector(wcs=tan_wcs()), Place(xy=(3.0, 4.0)))


def test_an_angle_is_converted_by_the_pixel_scale():
    assert Region.of(6 * u.arcsec).sides_on(detector(wcs=tan_wcs(0.2))) == (30,)
    assert Region.of(6 * u.arcsec).sides_on(detector(wcs=tan_wcs(0.4))) == (15,)
    assert Region.of(0.01 * u.arcsec).sides_on(detector(wcs=tan_wcs(0.2))) == (1,)


def test_an_angle_requires_a_wcs_and_a_reasonable_number_of_pixels():
    with pytest.raises(BadOption, match="needs a WCS"):
        Region.of(6 * u.arcsec).sides_on(detector())
    with pytest.raises(BadOption, match="pixels"):
        Region.of(1 * u.deg).sides_on(detector(wcs=tan_wcs()))


@pytest.mark.parametrize("kind", ["TAN", "TAN-SIP", "TPV"])
def test_source_positions_come_from_the_wcs(kind):
    wcs = tan_wcs(kind=kind)
    wanted = np.array([[1000.0, 500.0], [12.5, 1000.0], [2000.0, 3.25]])
    sky = wcs.pixel_to_world(*wanted.T)
    places = [Place(one.ra.deg, one.dec.deg) for one in sky]
    np.testing.assert_allclose(locate(detector(wcs=wcs), places), wanted, atol=1e-3)


def test_distortion_is_applied_to_source_positions():
    at = tan_wcs().pixel_to_world(12.5, 1000.0)
    place = [Place(at.ra.deg, at.dec.deg)]
    for kind in ("TAN-SIP", "TPV"):
        found = locate(detector(wcs=tan_wcs(kind=kind)), place)
        assert np.abs(found - [[12.5, 1000.0]]).max() > 0.5


def test_positions_are_in_parent_pixels_of_a_cutout_too():
    whole = detector(wcs=tan_wcs())
    part = Image(np.zeros((30, 30)), box=Box(485, 515, 985, 1015), wcs=whole.wcs)
    place = Place(150.0, 2.0)
    assert Region.of(10).box_on(part, place) == Region.of(10).box_on(whole, place) == Box(495, 505, 995, 1005)


def test_the_anchor_is_preferred_to_sky_and_catalogue_positions():
    image = detector(wcs=tan_wcs(), anchor=XY(7.0, 8.0))
    assert locate(image, [Place(150.0, 2.0, (1.0, 2.0))] * 2).tolist() == [[7.0, 8.0]] * 2


def test_an_invalid_position_does_not_affect_the_others():
    places = [Place(150.0, 2.0), Place(), Place(150.0, 91.0), Place(np.inf, 2.0), Place(150.0, 2.0)]
    found = locate(detector(wcs=tan_wcs()), places)
    np.testing.assert_allclose(found[[0, 4]], [[1000, 500]] * 2, atol=1e-6)
    assert np.isnan(found[1:4]).all()


@pytest.mark.filterwarnings("ignore:'WCS.all_world2pix' failed to converge")
@pytest.mark.parametrize("kind", ["TAN", "TAN-SIP", "TPV"])
@pytest.mark.parametrize("ra", [330.0, 235.0, 170.0])
def test_a_source_far_outside_has_no_position_on_the_image(kind, ra):
    found = locate(detector(wcs=tan_wcs(kind=kind)), [Place(ra, -2.0), Place(150.0, 2.0)])
    assert not Box(0, 1024, 0, 2048).holds(XY(*found[0]))
    np.testing.assert_allclose(found[1], [1000, 500], atol=1e-3)


def test_a_distortion_that_cannot_be_inverted_gives_no_position():
    image = detector(wcs=tan_wcs(kind="TAN-SIP"))
    with pytest.warns(UserWarning, match="failed to converge"):
        found = locate(image, [Place(170.0, -2.0), Place(150.0, 2.0)])
    assert np.isnan(found[0]).all()


class FussyWCS:
    """A WCS that raises for a whole call if one position is invalid."""

    def world_to_pixel(self, where: SkyCoord) -> tuple[np.ndarray, np.ndarray]:
        if np.any(where.dec.deg < 0):
            raise ValueError("only the northern sky")
        return where.ra.deg, where.dec.deg


def test_a_wcs_error_for_one_position_does_not_lose_the_others():
    found = locate(detector(wcs=FussyWCS()), [Place(150.0, -2.0), Place(150.0, 2.0)])
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [150.0, 2.0]


def test_without_a_wcs_catalogue_positions_are_used():
    found = locate(detector(), [Place(xy=(3.0, 4.0)), Place(150.0, 2.0)])
    assert found[0].tolist() == [3.0, 4.0]
    assert np.isnan(found[1]).all()


class CountingWCS:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def world_to_pixel(self, where: SkyCoord) -> tuple[np.ndarray, np.ndarray]:
        self.calls += 1
        return where.ra.deg * 10, where.dec.deg * 10


def test_ten_thousand_positions_take_one_wcs_call():
    wcs = CountingWCS()
    places = [Place(k * 0.01, 2.0) for k in range(10_000)]
    boxes = Region.of(3).boxes_on(detector(wcs=wcs), places)
    assert boxes[100] == Box(19, 22, 9, 12)
    assert wcs.calls == 1


def test_the_pixel_scale_is_the_square_root_of_the_pixel_area():
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix = [10, 60], [50, 50]
    turn = np.radians(33)
    wcs.wcs.cd = np.diag([-0.2 / 3600, 0.8 / 3600]) @ [
        [np.cos(turn), -np.sin(turn)],
        [np.sin(turn), np.cos(turn)],
    ]
    wcs.wcs.set()
    assert pixel_scale(Image(np.zeros((100, 100)), wcs=wcs)) == pytest.approx(0.4, rel=1e-4)
    with pytest.raises(BadOption, match="WCS"):
        pixel_scale(detector())


def test_split_gives_each_size_in_order():
    y, x = np.mgrid[:100, :100]
    image = Image(100.0 * y + x)
    place = Place(xy=(50.0, 50.0))
    region = Region.of((5, 11, 3))
    triplet = Triplet(science=image, problems=("template: lost",))
    parts = region.split(triplet, place)
    assert [part.science.shape for part in parts] == [(5, 5), (11, 11), (3, 3)]
    assert all(
        part.science.pixels[part.science.shape[0] // 2, part.science.shape[1] // 2] == 5050 for part in parts
    )
    assert all(part.template is None and part.problems == ("template: lost",) for part in parts)


def test_one_size_or_the_whole_image_returns_the_triplet_itself():
    triplet = Triplet(science=Image(np.zeros((30, 30))))
    for region in (Region.of(30), Region.of(None)):
        assert region.split(triplet, Place(xy=(15.0, 15.0))) == (triplet,)


def test_a_panel_that_cannot_be_cut_is_reported_and_the_others_kept():
    good = Image(np.zeros((100, 100)))
    gone = Image(np.zeros((10, 10)), box=Box(500, 510, 500, 510))
    parts = Region.of((5, 7)).split(Triplet(template=gone, science=good), Place(xy=(50.0, 50.0)))
    for part in parts:
        assert part.template is None
        assert part.science is not None
        assert "entirely outside" in part.problem_of("template")


def test_sizes_can_be_an_array():
    assert Region.of(np.array([30, 60])).sizes == (30, 60)
    assert Region.of(np.array(30)).sizes == (30,)
    with pytest.raises(BadOption):
        Region.of(np.array([[30, 60]]))


def test_extras_name_optional_parts_of_images():
    assert Region().extras == {"mask", "variance", "psf"}
    with pytest.raises(BadOption, match="mask, psf, variance"):
        Region(extras=frozenset(["masks"]))
