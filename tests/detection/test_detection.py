"""Background, detection, deblending and measurement on simple scenes."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from cutout_widgets.detection.background import add_background, subtract_background
from cutout_widgets.detection.deblending import deblend
from cutout_widgets.detection.detection import Detection, detect, significance
from cutout_widgets.detection.measurement import measure_columns
from cutout_widgets.detection.moments import adaptive_moments
from cutout_widgets.detection.psf_fit import fit_point_sources
from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.footprints.footprint import Footprint, Peak
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.psf import PsfModel

pytest.importorskip("scipy")
pytest.importorskip("photutils")

FWHM = 4.5
SIGMA = FWHM / 2.3548200450309493
NOISE = 10.0
FLUX_ERROR = NOISE * np.sqrt(4 * np.pi) * SIGMA
"""Error of the flux of a Gaussian PSF on white noise: a source of S/N 20 has 20 times this."""


def scene(
    sources: list[tuple[float, float, float]], shape=(120, 140), *, seed: int | None = 1, yx0=(0, 0)
) -> Image:
    """Gaussian point sources (x, y, flux) on noise; positions in parent pixels."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    pixels = np.zeros(shape)
    for at_x, at_y, flux in sources:
        r2 = (x - at_x + yx0[1]) ** 2 + (y - at_y + yx0[0]) ** 2
        pixels += flux / (2 * np.pi * SIGMA**2) * np.exp(-r2 / (2 * SIGMA**2))
    if seed is not None:
        pixels += np.random.default_rng(seed).normal(0, NOISE, shape)
    variance = np.full(shape, NOISE**2, np.float32)
    return Image(pixels.astype(np.float32), box=Box.from_shape(shape, yx0), variance=variance, unit="nJy")


def test_significance_of_a_source_is_its_signal_to_noise():
    image = scene([(70.0, 60.0, 25 * FLUX_ERROR)], seed=None)
    ratio = significance(image, PsfModel.of(image, FWHM))
    assert ratio[60, 70] == pytest.approx(25.0, rel=0.01)
    assert np.unravel_index(np.argmax(ratio), ratio.shape) == (60, 70)


def test_significance_of_noise_has_unit_width():
    image = scene([])
    assert significance(image, PsfModel.of(image, FWHM)).std() == pytest.approx(1.0, rel=0.1)
    measured = significance(image, PsfModel.of(image, FWHM), noise="measured")
    assert np.median(np.abs(measured - np.median(measured))) * 1.4826 == pytest.approx(1.0, rel=1e-3)


def test_a_source_next_to_missing_pixels_stays_significant():
    image = scene([(70.0, 60.0, 25 * FLUX_ERROR)], seed=None)
    image.pixels[:, 72:] = np.nan
    ratio = significance(image, PsfModel.of(image, FWHM))
    assert np.isnan(ratio[60, 72])
    assert 15 < ratio[60, 70] < 25


def test_sources_are_found_where_they_are_in_parent_pixels():
    places = [(230.0, 1040.0), (300.0, 1090.0)]
    image = scene([(x, y, 15 * FLUX_ERROR) for x, y in places], yx0=(1000, 200))
    found = detect(image, psf=FWHM)
    assert len(found) == 2
    for one, (x, y) in zip(found, places, strict=True):
        assert one.footprint.contains(x, y)
        assert np.hypot(one.peaks[0].x - x, one.peaks[0].y - y) < 1.5
        assert one.peaks[0].value == pytest.approx(15, abs=3)
        assert one.polarity == 1


def test_positive_and_negative_sources_are_detected():
    image = scene([(40.0, 60.0, 20 * FLUX_ERROR), (100.0, 60.0, -20 * FLUX_ERROR)])
    assert [one.polarity for one in detect(image, psf=FWHM)] == [1]
    assert [one.polarity for one in detect(image, psf=FWHM, polarity="negative")] == [-1]
    assert sorted(one.polarity for one in detect(image, psf=FWHM, polarity="both")) == [-1, 1]


def test_a_dipole_is_one_detection_with_peaks_of_both_signs():
    image = scene([(60.0, 60.0, 40 * FLUX_ERROR), (65.0, 60.0, -40 * FLUX_ERROR)])
    (one,) = detect(image, psf=FWHM, polarity="both")
    assert {np.sign(peak.value) for peak in one.peaks} == {-1, 1}
    assert deblend(image, [one], psf=FWHM) == [one]


def test_growth_joins_neighbours():
    image = scene([(60.0, 60.0, 20 * FLUX_ERROR), (76.0, 60.0, 20 * FLUX_ERROR)])
    assert len(detect(image, psf=FWHM, grow_px=0)) == 2
    (both,) = detect(image, psf=FWHM, grow_px=6)
    assert len(both.peaks) == 2


def test_masked_pixels_are_ignored_in_detection():
    image = scene([(60.0, 60.0, 20 * FLUX_ERROR)])
    image.pixels[20:22, 100] = 5000.0
    mask = np.zeros(image.shape, np.uint32)
    mask[20:22, 100] = 1
    masked = Image(image.pixels, mask=mask, planes={"BAD": 0}, variance=image.variance)
    assert len(detect(image, psf=FWHM)) == 2
    (only,) = detect(masked, psf=FWHM)
    assert only.footprint.contains(60, 60)


def test_without_variance_the_noise_is_measured_from_the_image():
    image = scene([(60.0, 60.0, 20 * FLUX_ERROR)])
    (one,) = detect(Image(image.pixels), psf=FWHM)
    assert one.peaks[0].value == pytest.approx(20, abs=3)
    with pytest.raises(BadOption, match="variance plane"):
        detect(Image(image.pixels), psf=FWHM, noise="variance")


def test_empty_images_have_no_detections():
    assert detect(scene([]), psf=FWHM) == []
    assert detect(Image(np.full((30, 30), np.nan), variance=np.ones((30, 30))), psf=FWHM) == []
    assert detect(Image(np.zeros((30, 30))), psf=FWHM) == []


def test_invalid_detection_options_are_refused():
    image = scene([])
    with pytest.raises(BadOption, match="no PSF: give psf="):
        detect(image)
    with pytest.raises(BadOption, match="odd sides"):
        detect(image, psf=np.ones((4, 4)))
    with pytest.raises(BadOption, match="polarity"):
        detect(image, psf=FWHM, polarity="dark")  # type: ignore[arg-type]  # the refusal is the test
    with pytest.raises(BadOption, match="threshold"):
        detect(image, psf=FWHM, threshold=0)
    with pytest.raises(BadOption, match="FWHM"):
        detect(image, psf=0.1)


@pytest.mark.parametrize("package", ["scipy.signal", "scipy"])
def test_a_missing_package_names_the_extra(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    if package == "scipy":
        monkeypatch.setitem(sys.modules, "scipy.signal", None)
    with pytest.raises(MissingDependency, match=r"cutout-widgets\[detect\]"):
        detect(scene([]), psf=FWHM)


def pairs(separation_fwhm: float, ratio: float, signal_to_noise: float, seed: int = 2) -> tuple[Image, int]:
    """A grid of 25 pairs, each turned another way."""
    rng = np.random.default_rng(seed)
    sources = []
    for k in range(25):
        cy, cx = 44 * (np.array(divmod(k, 5)) + 0.5) + rng.uniform(-1, 1, 2)
        angle = rng.uniform(0, np.pi)
        dx, dy = separation_fwhm * FWHM / 2 * np.array([np.cos(angle), np.sin(angle)])
        sources += [
            (cx - dx, cy - dy, signal_to_noise * FLUX_ERROR),
            (cx + dx, cy + dy, ratio * signal_to_noise * FLUX_ERROR),
        ]
    return scene(sources, (220, 220), seed=seed), 25


@pytest.mark.parametrize(("ratio", "signal_to_noise"), [(1.0, 20), (1.0, 200), (0.5, 60), (0.25, 200)])
def test_pairs_at_one_and_a_half_fwhm_are_split(ratio, signal_to_noise):
    image, count = pairs(1.5, ratio, signal_to_noise)
    blends = detect(image, psf=FWHM)
    assert len(blends) == count
    children = deblend(image, blends, psf=FWHM)
    members = np.bincount([one.parent for one in children if one.parent is not None], minlength=count)
    assert (members == 2).mean() >= 0.95


@pytest.mark.parametrize("signal_to_noise", [8, 30, 300, 3000])
def test_single_sources_are_not_split(signal_to_noise):
    rng = np.random.default_rng(4)
    places = [44 * (np.array(divmod(k, 5)) + 0.5) + rng.uniform(-1, 1, 2) for k in range(25)]
    image = scene([(x, y, signal_to_noise * FLUX_ERROR) for y, x in places], (220, 220))
    found = detect(image, psf=FWHM)
    assert deblend(image, found, psf=FWHM) == found


def test_children_share_the_pixels_of_their_blend():
    image = scene(
        [(60.0, 60.0, 80 * FLUX_ERROR), (68.0, 62.0, 60 * FLUX_ERROR), (64.0, 70.0, 50 * FLUX_ERROR)]
    )
    (blend,) = detect(image, psf=FWHM)
    children = deblend(image, [blend], psf=FWHM)
    assert len(children) == 3
    together = Footprint(np.concatenate([one.footprint.spans for one in children]))
    assert together == blend.footprint
    assert sum(one.footprint.area for one in children) == blend.footprint.area
    for one in children:
        assert one.footprint.contains(one.peaks[0].x, one.peaks[0].y)
        assert one.parent == 0


def test_negative_blends_are_split_too():
    image = scene([(60.0, 60.0, -80 * FLUX_ERROR), (68.0, 62.0, -60 * FLUX_ERROR)])
    (blend,) = detect(image, psf=FWHM, polarity="negative")
    children = deblend(image, [blend], psf=FWHM)
    assert [one.polarity for one in children] == [-1, -1]


def test_deblending_needs_a_variance():
    with pytest.raises(BadOption, match="variance"):
        deblend(Image(np.zeros((9, 9))), [], psf=FWHM)


def test_fits_of_a_pair_are_unbiased_with_correct_errors():
    truth = np.array([30 * FLUX_ERROR, 15 * FLUX_ERROR])
    pulls = []
    for seed in range(60):
        image = scene([(30.2, 30.4, truth[0]), (36.9, 31.1, truth[1])], (60, 66), seed=seed)
        fit = fit_point_sources(
            image.pixels,
            image.variance,
            np.ones(image.shape, bool),
            np.array([30.0, 37.0]),
            np.array([30.0, 31.0]),
            PsfModel.gaussian(FWHM),
        )
        pulls.append([*(fit.flux - truth) / fit.flux_error, *(fit.x - (30.2, 36.9)) / fit.x_error])
    pulls = np.array(pulls)
    assert np.abs(pulls.mean(axis=0)).max() < 0.45
    assert pulls.std(axis=0) == pytest.approx(np.ones(4), abs=0.25)


def test_a_noiseless_fit_is_exact():
    image = scene([(30.3, 29.6, 1000.0), (41.0, 35.0, 500.0)], (60, 66), seed=None)
    fit = fit_point_sources(
        image.pixels, image.variance, np.ones(image.shape, bool), [30, 41], [30, 35], PsfModel.gaussian(FWHM)
    )
    assert fit.flux == pytest.approx([1000.0, 500.0], rel=2e-3)
    assert fit.x == pytest.approx([30.3, 41.0], abs=0.01)
    assert fit.y == pytest.approx([29.6, 35.0], abs=0.01)
    assert fit.flux_error[0] == pytest.approx(FLUX_ERROR, rel=0.03)


def test_large_groups_are_fitted_like_small_ones(monkeypatch):
    image, _ = pairs(2.0, 1.0, 50)
    found = deblend(image, detect(image, psf=FWHM), psf=FWHM)
    dense = measure_columns(image, found, psf=FWHM)
    monkeypatch.setattr("cutout_widgets.detection.psf_fit.LARGEST_DENSE", 0)
    sparse = measure_columns(image, found, psf=FWHM)
    for name in ("psfFlux", "psfFluxErr", "x", "xErr"):
        np.testing.assert_allclose(sparse[name], dense[name], rtol=1e-6)


def test_measured_sources_have_the_documented_columns():
    image = scene([(70.3, 60.6, 50 * FLUX_ERROR)])
    columns = measure_columns(image, detect(image, psf=FWHM), psf=FWHM, aperture_px=9.0)
    row = {name: values[0] for name, values in columns.items()}
    assert (row["x"], row["y"]) == pytest.approx((70.3, 60.6), abs=4 * row["xErr"])
    assert row["psfFlux"] == pytest.approx(50 * FLUX_ERROR, abs=3 * row["psfFluxErr"])
    assert row["psfFluxErr"] == pytest.approx(FLUX_ERROR, rel=0.05)
    assert row["apFlux"] == pytest.approx(50 * FLUX_ERROR, abs=3 * row["apFluxErr"])
    # Pixels on the rim count by their share, squared: 1.9 % less than the root of the area.
    assert row["apFluxErr"] == pytest.approx(0.981 * NOISE * np.sqrt(np.pi) * 9, rel=2e-3)
    assert row["snr"] == pytest.approx(50, abs=4)
    assert row["psfMag"] == pytest.approx(31.4 - 2.5 * np.log10(row["psfFlux"]))
    assert row["psfMagErr"] == pytest.approx(1.0857 / row["snr"], rel=1e-3)
    assert (row["ixx"], row["iyy"], row["ixy"]) == pytest.approx((SIGMA**2, SIGMA**2, 0), abs=0.35)
    assert row["psfChi2"] / row["psfNdata"] == pytest.approx(1.0, abs=0.3)
    assert not any(value for name, value in row.items() if "lag" in name)
    assert "ra" not in row
    assert (row["isNegative"], row["isDipole"], row["parent"], row["nPeaks"]) == (False, False, -1, 1)


def test_isolated_aperture_fluxes_agree_with_photutils():
    geometry = pytest.importorskip("photutils.geometry")
    image = scene([(70.3, 60.6, 50 * FLUX_ERROR)])
    columns = measure_columns(image, detect(image, psf=FWHM), psf=FWHM, aperture_px=7.5)
    x, y = columns["x"][0], columns["y"][0]
    share = geometry.circular_overlap_grid(-0.5 - x, 139.5 - x, -0.5 - y, 119.5 - y, 140, 120, 7.5, 1, 1)
    assert columns["apFlux"][0] == pytest.approx((share * image.pixels).sum(), rel=2e-3)
    assert columns["apFluxErr"][0] == pytest.approx(NOISE * np.sqrt((share**2).sum()), rel=1e-6)


def test_neighbours_are_subtracted_from_apertures_and_shapes():
    flux = 100 * FLUX_ERROR
    image = scene([(60.0, 60.0, flux), (71.0, 60.0, flux)])
    found = deblend(image, detect(image, psf=FWHM), psf=FWHM)
    columns = measure_columns(image, found, psf=FWHM, aperture_px=12.0)
    assert columns["apFlux"] == pytest.approx([flux, flux], rel=0.05)
    assert columns["ixx"] == pytest.approx([SIGMA**2] * 2, rel=0.1)


def test_flags_report_mask_planes_under_a_source():
    image = scene([(60.0, 60.0, 50 * FLUX_ERROR), (3.0, 30.0, 50 * FLUX_ERROR)])
    mask = np.zeros(image.shape, np.uint32)
    mask[60, 60] = 1 << 4
    mask[60, 66] = 1 << 2
    flagged = Image(
        image.pixels,
        mask=mask,
        planes={"SATURATED": 4, "CR": 2, "OTHER": 7},
        variance=image.variance,
        unit="adu",
    )
    columns = measure_columns(flagged, detect(flagged, psf=FWHM), psf=FWHM)
    edge, middle = np.argsort(columns["x"])
    assert columns["pixelFlags_edge"][[edge, middle]].tolist() == [True, False]
    assert columns["pixelFlags_saturatedCenter"][[edge, middle]].tolist() == [False, True]
    assert columns["pixelFlags_cr"][[edge, middle]].tolist() == [False, True]
    assert columns["pixelFlags_crCenter"][[edge, middle]].tolist() == [False, False]
    assert columns["apFlux_flag"][[edge, middle]].tolist() == [True, True]
    assert "psfMag" not in columns


def test_a_source_without_good_pixels_is_flagged_and_does_not_affect_others():
    image = scene([(60.0, 60.0, 50 * FLUX_ERROR), (100.0, 60.0, 50 * FLUX_ERROR)])
    found = detect(image, psf=FWHM)
    image.pixels[:, 85:] = np.nan
    columns = measure_columns(image, found, psf=FWHM)
    lost, good = np.argsort(columns["psfFlux_flag"])[::-1]
    assert np.isnan(columns["psfFlux"][lost])
    assert columns["pixelFlags_nodataCenter"][lost]
    assert columns["psfFlux"][good] == pytest.approx(50 * FLUX_ERROR, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (3, 100), (5, 5)])
def test_tiny_images_give_flagged_rows(shape):
    image = Image(np.zeros(shape, ">f4"), variance=np.ones(shape, ">f4"))
    image.pixels[shape[0] // 2, shape[1] // 2] = 80
    found = deblend(image, detect(image, psf=FWHM), psf=FWHM)
    columns = measure_columns(image, found, psf=FWHM)
    assert len(columns["snr"]) == 1
    assert np.isfinite(columns["snr"][0]) or columns["psfFlux_flag"][0]


def test_without_sources_the_columns_are_empty():
    columns = measure_columns(scene([]), [], psf=FWHM)
    assert {len(values) for values in columns.values()} == {0}


def test_invalid_measurement_options_are_refused():
    with pytest.raises(BadOption, match="variance"):
        measure_columns(Image(np.zeros((9, 9))), [], psf=FWHM)
    with pytest.raises(BadOption, match="radius"):
        measure_columns(scene([]), [], psf=FWHM, aperture_px=0)


def test_a_detection_without_peaks_starts_at_its_centroid():
    image = scene([(60.0, 60.0, 50 * FLUX_ERROR)])
    bare = Detection(Footprint.from_box(Box(57, 64, 57, 64)), ())
    assert measure_columns(image, [bare], psf=FWHM)["x"][0] == pytest.approx(60.0, abs=0.2)
    assert Detection(bare.footprint, (Peak(60, 60, -9.0),)).polarity == -1


def test_adaptive_moments_are_the_covariance_of_a_gaussian():
    y, x = np.mgrid[:61, :61]
    dx, dy = x - 30.3, y - 29.6
    pixels = np.exp(-(0.5 * (dx / 4) ** 2 + 0.5 * (dy / 2.5) ** 2))
    found = adaptive_moments(pixels, 30.3, 29.6, 3.0)
    assert found[:3] == pytest.approx((16.0, 6.25, 0.0), abs=0.01)
    assert adaptive_moments(-pixels, 30.3, 29.6, 3.0).failed
    assert adaptive_moments(np.full((5, 5), np.nan), 2, 2, 1.0).failed


def sky_and_sources(seed: int = 3) -> tuple[Image, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (400, 420)
    sources = [(*rng.uniform(10, 390, 2), 10 ** rng.uniform(1, 3) * FLUX_ERROR) for _ in range(80)]
    image = scene(sources, shape, seed=seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    sky = 500 + 0.05 * x + 15 * np.sin(y / 90)
    return Image((image.pixels + sky).astype(np.float32), variance=image.variance), sky


def test_the_background_is_the_level_under_the_sources():
    image, sky = sky_and_sources()
    found = subtract_background(image, mesh_px=64)
    difference = found.background.pixels - sky
    assert np.median(difference) == pytest.approx(0.0, abs=0.7)
    assert np.abs(difference[32:-32, 32:-32]).max() < 6
    assert np.median(found.noise) == pytest.approx(NOISE, rel=0.05)


def test_the_background_can_be_added_back_and_the_input_is_not_modified():
    image, _ = sky_and_sources()
    before = image.pixels.copy()
    found = subtract_background(image)
    np.testing.assert_array_equal(image.pixels, before)
    np.testing.assert_allclose(add_background(found.image, found.background).pixels, before, rtol=1e-5)
    with pytest.raises(BadOption, match="covers"):
        add_background(Image(np.zeros((3, 3))), found.background)


def test_masked_and_nan_pixels_do_not_affect_the_background():
    image, sky = sky_and_sources()
    image.pixels[100:140, 100:140] = np.nan
    image.pixels[200:260, 200:260] += 1e5
    mask = np.zeros(image.shape, np.uint32)
    mask[200:260, 200:260] = 1
    found = subtract_background(Image(image.pixels, mask=mask, planes={"SAT": 0}), mesh_px=64)
    assert np.isnan(found.image.pixels[120, 120])
    assert np.isfinite(found.background.pixels).all()
    assert found.background.pixels[230, 230] == pytest.approx(sky[230, 230], abs=5)


def test_an_image_without_valid_pixels_has_no_background():
    with pytest.raises(BadOption, match="8 pixels"):
        subtract_background(scene([]), mesh_px=4)
    with pytest.raises(BadOption, match="masked"):
        subtract_background(Image(np.full((50, 50), np.nan)))


def test_a_small_crowded_image_still_has_a_background():
    image = scene([(20.0, 20.0, 500 * FLUX_ERROR)], (40, 40))
    level = subtract_background(Image(image.pixels + 100)).background.pixels
    assert np.median(level) == pytest.approx(100, abs=30)


@pytest.mark.parametrize("level", [0.0, 0.1, 3.0])
def test_the_background_of_a_constant_image_is_the_image(level):
    found = subtract_background(Image(np.full((64, 64), level, dtype=np.float32)), mesh_px=16)
    assert found.background.pixels == pytest.approx(level, rel=1e-6)
    assert found.image.pixels == pytest.approx(0.0, abs=1e-6)
    assert repr(found) == (
        f"<Subtracted <Image float32 [y 0:64, x 0:64]>: median background {level:.4g}, median noise 0>"
    )


def test_a_star_on_a_flat_image_does_not_affect_the_background():
    pixels = np.full((64, 64), 3.0, dtype=np.float32)
    pixels[30:35, 30:35] += 100
    found = subtract_background(Image(pixels), mesh_px=16)
    assert found.background.pixels == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize("shape", [(512, 512), (550, 470)])
def test_a_sky_gradient_is_fitted_to_the_edges_with_half_the_pixels_in_stars(shape):
    rng = np.random.default_rng(5)
    y, x = np.indices(shape)
    truth = 1000 + 0.5 * x - 0.3 * y
    pixels = truth + rng.normal(0, 10, shape)
    for at_x, at_y in zip(rng.uniform(0, shape[1], 150), rng.uniform(0, shape[0], 150), strict=True):
        pixels += 400 * np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / 8)
    off = subtract_background(Image(pixels.astype(np.float32)), mesh_px=64).background.pixels - truth
    edge = np.ones(shape, dtype=bool)
    edge[32:-32, 32:-32] = False
    # A cell has 4096 pixels: 10 / 64 = 0.16, a few times that where half are covered and at a spline's end.
    assert np.sqrt((off[edge] ** 2).mean()) < 1.2
    assert np.sqrt((off[~edge] ** 2).mean()) < 0.8
