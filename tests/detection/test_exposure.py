"""From an exposure to a table: detection and measurement on the demo's sky, against its truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

import cutout_widgets as cw
from cutout_widgets.demo.exposure import Exposure, expose
from cutout_widgets.demo.instrument import DETECTORS, VISITS
from cutout_widgets.demo.sky import make_sky
from cutout_widgets.detection.exposure import Measured
from cutout_widgets.errors import BadOption
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.planes import where_any

pytest.importorskip("scipy")
pytest.importorskip("photutils")

FOUND_WITHIN_PX = 2.0
"""Half a FWHM: a nearer detection is the source."""

CROWDED_PX = 20.0
"""A source is alone if nothing of a third of the noise or more is so near."""


@dataclass(frozen=True, eq=False)
class Field:
    """One exposure, its detections and its true sources (parent pixels)."""

    exposure: Exposure
    measured: Measured
    x: np.ndarray
    y: np.ndarray
    flux: np.ndarray
    point: np.ndarray
    noise: np.ndarray
    clear: np.ndarray

    @classmethod
    def of(cls, exposure: Exposure) -> Field:
        kernel = exposure.visit.psf.image()
        science = replace(exposure.science, psf=kernel, wcs=None)
        image = cw.subtract_background(science).image
        measured = cw.measure(image, cw.deblend(image, cw.detect(image)), visit=exposure.visit.id)
        causes = exposure.causes
        x = np.array([one.x for one in causes]) + image.box.x0
        y = np.array([one.y for one in causes]) + image.box.y0
        flux = np.array([one.flux for one in causes])
        point = np.array([one.kind != "galaxy" and one.trail_px < 1 for one in causes])
        noise = exposure.visit.sky_sigma / np.sqrt(((kernel / kernel.sum()) ** 2).sum())
        spoilt = where_any(image, ("NO_DATA", "BAD", "SAT", "EDGE")) | ~np.isfinite(image.pixels)
        dirty = Footprint.from_array(spoilt, (image.box.y0, image.box.x0)).dilated(6)
        clear = image.box.grown(-8)
        inside = (x > clear.x0) & (x < clear.x1) & (y > clear.y0) & (y < clear.y1) & ~dirty.contains(x, y)
        # Photons of the source itself count too: half of them fall where they are compared with the sky.
        return cls(exposure, measured, x, y, flux, point, np.sqrt(noise**2 + 0.3 * flux), inside)

    @property
    def signal_to_noise(self) -> np.ndarray:
        return self.flux / self.noise

    def distances(self) -> np.ndarray:
        """Shape (true, measured)."""
        table = self.measured.sources.to_pandas()
        return np.hypot(self.x[:, None] - table["x"].to_numpy(), self.y[:, None] - table["y"].to_numpy())


@pytest.fixture(scope="module")
def fields() -> list[Field]:
    sky = make_sky()
    return [Field.of(expose(sky, VISITS[k], detector)) for k in (0, 2) for detector in DETECTORS]


def test_point_sources_above_eight_sigma_are_found(fields):
    found = []
    for field in fields:
        wanted = field.point & field.clear & (field.signal_to_noise > 8)
        found += list(field.distances()[wanted].min(axis=1) < FOUND_WITHIN_PX)
    assert len(found) > 350
    assert np.mean(found) >= 0.95


def test_false_detections_are_rare(fields):
    made_up, total = 0, 0
    for field in fields:
        reach = np.where(field.point, 4.0, 8.0) + [cause.trail_px for cause in field.exposure.causes]
        real = ((field.distances() < reach[:, None]) & (field.signal_to_noise > 1)[:, None]).any(axis=0)
        box, artefacts = field.measured.image.box, field.exposure.artefacts.number > 0
        spoilt = Footprint.from_array(artefacts, (box.y0, box.x0)).dilated(4, "box")
        table = field.measured.sources.to_pandas()
        real |= spoilt.contains(table["x"].to_numpy(), table["y"].to_numpy())
        made_up, total = made_up + int((~real).sum()), total + len(real)
    assert total > 800
    assert made_up / total < 0.02


def test_fluxes_of_isolated_point_sources_and_their_errors_are_correct(fields):
    ratios, pulls = [], []
    for field in fields:
        distances = field.distances()
        apart = np.hypot(field.x[:, None] - field.x, field.y[:, None] - field.y)
        np.fill_diagonal(apart, np.inf)
        visible = field.signal_to_noise > 0.3
        alone = ~((apart < CROWDED_PX) & visible).any(axis=1)
        wanted = field.point & field.clear & alone & (field.signal_to_noise > 8) & (distances.min(axis=1) < 1)
        table = field.measured.sources.to_pandas().iloc[distances.argmin(axis=1)[wanted]]
        ratios += list(table["psfFlux"] / field.flux[wanted])
        pulls += list((table["psfFlux"] - field.flux[wanted]) / table["psfFluxErr"])
    assert len(pulls) > 150
    assert np.median(ratios) == pytest.approx(1.0, abs=0.03)
    width = 1.4826 * np.median(np.abs(np.array(pulls) - np.median(pulls)))
    assert width == pytest.approx(1.0, abs=0.15)


@pytest.fixture(scope="module")
def on_the_sky(fields) -> Measured:
    """The first exposure again, with its WCS, in band r, with ids that floats cannot represent."""
    exposure = fields[0].exposure
    image = replace(exposure.science, psf=exposure.visit.psf.image(), wcs=exposure.array_wcs)
    return cw.measure(
        image,
        cw.detect(image, threshold=20),
        first_id=2**53 + 1,
        visit=exposure.visit.id,
        detector=93,
        band="r",
    )


def test_the_table_has_exact_ids_and_sky_positions(on_the_sky):
    ids = on_the_sky.sources.ids
    assert ids.tolist() == list(range(2**53 + 1, 2**53 + 1 + len(on_the_sky)))
    row = on_the_sky.sources.row(2**53 + 2)
    assert (row.visit, row.detector, row.band) == (VISITS[0].id, 93, "r")
    sky = on_the_sky.image.wcs.pixel_to_world(row.row["x"], row.row["y"])
    assert sky.separation(SkyCoord(row.ra, row.dec, unit="deg")).arcsec < 1e-6
    assert row.flags["pixelFlags_saturatedCenter"] in (True, False)


def test_fluxes_are_in_the_unit_of_the_image(on_the_sky):
    units = on_the_sky.sources.units
    assert (units["psfFlux"], units["x"], units["ra"]) == ("nJy", "pix", "deg")
    assert units["ixx"] == "pix2"
    image = replace(on_the_sky.image, unit="adu", wcs=None)
    raw = cw.measure(image, cw.detect(image, threshold=200)).sources
    assert raw.units["apFlux"] == "adu"
    assert "psfMag" not in raw.columns


def test_each_source_is_at_the_centre_of_its_cutout(on_the_sky):
    sources = on_the_sky.sources.sort("-snr").page(0, 5)
    for place, triplet in cw.read(sources, on_the_sky.images, 21):
        at = on_the_sky.sources.row(sources[place].id).row
        assert triplet.science.box.centre == pytest.approx((at["x"], at["y"]), abs=0.6)
        assert triplet.template is None


def test_footprints_and_their_pixels_are_looked_up_by_id(on_the_sky):
    assert list(on_the_sky.footprints) == on_the_sky.sources.ids.tolist()
    one = on_the_sky.sources.sort("-snr").page(0, 1)[0]
    heavy = on_the_sky.heavy(one.id)
    assert heavy.footprint.area == one.row["area"]
    assert heavy.flux.good == pytest.approx(one.row["psfFlux"], rel=0.2)
    every = on_the_sky.heavies()
    assert list(every) == list(on_the_sky.footprints)
    assert every[one.id].flux == heavy.flux
    with pytest.raises(BadOption, match="no source 7"):
        on_the_sky.heavy(7)


def test_a_grid_can_show_the_detected_sources(on_the_sky):
    grid = cw.CutoutGrid(on_the_sky.sources, on_the_sky.images, size=21)
    assert grid.n_rows == len(on_the_sky)
    grid.close()


def test_saved_cutouts_have_the_size_of_the_footprints(on_the_sky, tmp_path):
    some = on_the_sky.sources.sort("-snr").take(np.arange(3))
    report = cw.save_cutouts(
        some, on_the_sky.images, tmp_path, use_footprint=True, save_as_numpy=True, progress=False
    )
    assert report.failed == {}
    for source in some:
        side = max(on_the_sky.footprints[source.id].box.shape)
        (saved,) = tmp_path.glob(f"numpy/*/{source.id}_sci_*.npy")
        assert np.load(saved).shape == (1, side, side)


def test_first_id_must_leave_room_for_64_bit_ids():
    image = cw.Image(np.zeros((9, 9), np.float32), variance=np.ones((9, 9), np.float32))
    with pytest.raises(BadOption, match="64 bits"):
        cw.measure(image, [], psf=3.0, first_id=2**63)
    assert len(cw.measure(image, [], psf=3.0)) == 0


def test_a_measurement_of_many_sources_has_a_short_repr():
    pixels = np.zeros((20, 20))
    pixels[5, 5] = pixels[15, 15] = 100.0
    image = cw.Image(pixels, variance=np.ones_like(pixels))
    found = cw.measure(image, cw.detect(image, psf=2.0), psf=2.0)
    assert repr(found) == "<Measured: 2 sources on <Image float64 [y 0:20, x 0:20]>>"
