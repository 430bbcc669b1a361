"""From detections to columns: positions, fluxes, shapes and flags of each source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cutout_widgets.detection.detection import Detection
from cutout_widgets.detection.moments import moments_of_stamps
from cutout_widgets.detection.psf_fit import PsfFluxes, fit_point_sources
from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.photometry import flux_to_abmag
from cutout_widgets.pixels.planes import bits_of, where_any
from cutout_widgets.pixels.position import pixels_in
from cutout_widgets.pixels.psf import PsfModel

if TYPE_CHECKING:
    from cutout_widgets.pixels.image import Image

__all__ = ["FLAG_PLANES", "UNMEASURABLE", "measure_columns"]

UNMEASURABLE = ("NO_DATA", "BAD", "SAT")
"""Mask planes whose pixels are excluded from fits and apertures."""

FLAG_PLANES = {
    "bad": "BAD",
    "cr": "CR",
    "edge": "EDGE",
    "interpolated": "INTRP",
    "nodata": "NO_DATA",
    "saturated": "SAT",
    "suspect": "SUSPECT",
}
"""``pixelFlags_<name>`` -> mask plane; with ``Center`` for the 3x3 pixels at the source."""

SHAPES_AT_ONCE = 64
"""Number of sources drawn at once."""

PIXELS_AT_ONCE = 1 << 16
"""Pixels of the stamps whose shapes are measured at once, so that they fit into the caches."""

Columns = dict[str, NDArray[Any]]


def measure_columns(
    image: Image,
    detections: Sequence[Detection],
    *,
    psf: PsfModel | NDArray[Any] | float | None = None,
    aperture_px: float = 12.0,
) -> Columns:
    """Measure sources on a background-subtracted image.

    Parameters
    ----------
    image
        The image, with a variance plane.
    detections
        The result of `detect` or `deblend`: one source each.
    psf
        Kernel image, or FWHM in pixels or as an angle; None = the image's own.
    aperture_px
        Radius of the aperture: pixels, or an angle.

    Returns
    -------
    dict
        Column -> array, named as in LSST's tables: ``x, y, xErr, yErr`` (parent pixels),
        ``ra, dec`` (ICRS degrees, if the image has a WCS), ``psfFlux, psfFluxErr, psfChi2,
        psfNdata, apFlux, apFluxErr`` (the image's unit), ``psfMag, psfMagErr, apMag, apMagErr``
        (AB, if that is a flux density), ``snr``, ``ixx, iyy, ixy`` (px**2), ``area``,
        ``nPeaks``, ``parent`` (index of the blend, -1 for none), ``isNegative``, ``isDipole``,
        ``pixelFlags_*``, ``centroid_flag``, ``psfFlux_flag``, ``apFlux_flag``, ``shape_flag``.

    Raises
    ------
    MissingDependency
        If photutils or scipy is not installed.
    BadOption
        If the image has no variance plane, or the aperture radius is not positive.

    Notes
    -----
    All point sources are fitted together with free positions. Aperture fluxes and moments are measured
    after subtracting the fitted neighbours. Errors of apertures include only the pixels' noise:
    not the errors of the fitted neighbours (which dominate in a crowded field), of the background, or
    correlated noise. Errors of PSF fluxes include the effect of neighbours that were detected, but not of
    stars too close to be separated: beside one, fluxes scatter by 4 errors at 4000 stars per Mpx (1.1
    elsewhere; all sources 1.6). Such blends fit badly: ``psfChi2 / psfNdata`` exceeds 1.7 for two
    thirds of them, and errors multiplied by its square root are about right within a factor of two.
    Source: ``flux_errors`` in ``benchmarks/bench_detection.py``.
    """
    if image.variance is None:
        raise BadOption("flux errors come from the variance plane, and this image has none")
    aperture_px = pixels_in(aperture_px, image, "aperture_px")
    if not aperture_px > 0:
        raise BadOption(f"an aperture has a positive radius; got {aperture_px}")
    model = PsfModel.of(image, psf)
    pixels = np.asarray(image.pixels, dtype=float)
    variance = np.asarray(image.variance, dtype=float)
    usable = np.isfinite(pixels) & np.isfinite(variance) & (variance > 0)
    usable &= ~where_any(image, UNMEASURABLE)
    starts = np.array([_start(one) for one in detections], dtype=float).reshape(-1, 2)
    starts -= (image.box.x0, image.box.y0)
    clean, noise = np.where(usable, pixels, 0.0), np.where(usable, variance, 1.0)
    fit = fit_point_sources(clean, noise, usable, starts[:, 0], starts[:, 1], model)
    left = clean - _painted(fit, model, pixels.shape)
    aperture = _apertures(left, noise, usable, fit, model, aperture_px)
    columns: Columns = {
        "x": fit.x + image.box.x0,
        "y": fit.y + image.box.y0,
        "xErr": fit.x_error,
        "yErr": fit.y_error,
        **_on_the_sky(image, fit),
        "psfFlux": fit.flux,
        "psfFluxErr": fit.flux_error,
        "psfChi2": fit.chi2,
        "psfNdata": fit.n_pixels,
        **aperture,
        "snr": fit.flux / fit.flux_error,
        **_shapes(left, usable, fit, model, detections),
        "area": np.array([one.footprint.area for one in detections], dtype=np.int64),
        "nPeaks": np.array([len(one.peaks) for one in detections], dtype=np.int64),
        "parent": np.array([-1 if one.parent is None else one.parent for one in detections], dtype=np.int64),
        "isNegative": np.array([one.polarity < 0 for one in detections], dtype=bool),
        "isDipole": np.array(
            [len({peak.value > 0 for peak in one.peaks}) > 1 for one in detections], dtype=bool
        ),
        "centroid_flag": fit.wandered | ~np.isfinite(fit.x_error),
        "psfFlux_flag": ~np.isfinite(fit.flux_error),
        **_pixel_flags(image, fit, detections),
    }
    return columns | _magnitudes(image, columns)


def _start(one: Detection) -> tuple[float, float]:
    """Return an approximate position: the best peak, else the centre of the pixels."""
    return (one.peaks[0].x, one.peaks[0].y) if one.peaks else one.footprint.centroid


def _on_the_sky(image: Image, fit: PsfFluxes) -> Columns:
    """Return ra and dec; nothing without a WCS."""
    if image.wcs is None:
        return {}
    sky = image.wcs.pixel_to_world(fit.x + image.box.x0, fit.y + image.box.y0).icrs
    return {"ra": np.asarray(sky.ra.deg), "dec": np.asarray(sky.dec.deg)}


def _stamp(at: tuple[float, float], half: int, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the part of an array within `half` pixels of a point."""
    x, y = round(at[0]), round(at[1])
    return (
        slice(max(0, y - half), max(0, min(shape[0], y + half + 1))),
        slice(max(0, x - half), max(0, min(shape[1], x + half + 1))),
    )


def _painted(fit: PsfFluxes, model: PsfModel, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return all fitted sources as an image."""
    total = np.zeros(shape)
    base = np.rint(np.column_stack([fit.x, fit.y])).astype(np.int64) - model.half
    flux = np.nan_to_num(fit.flux)
    for first in range(0, len(flux), SHAPES_AT_ONCE):
        some = slice(first, first + SHAPES_AT_ONCE)
        corners = base[some]
        drawn, _, _ = model.stamps(
            corners[:, 0] - fit.x[some], corners[:, 1] - fit.y[some], 2 * model.half + 1
        )
        for (x0, y0), stamp, own in zip(corners.tolist(), drawn, flux[some].tolist(), strict=True):
            box = Box(y0, y0 + stamp.shape[0], x0, x0 + stamp.shape[1])
            whole = Box.from_shape(shape)
            if box.overlaps(whole):
                common = box.intersection(whole)
                total[common.slices_in(whole)] += own * stamp[common.slices_in(box)]
    return total


def _apertures(
    left: NDArray[np.float64],
    noise: NDArray[np.float64],
    usable: NDArray[np.bool_],
    fit: PsfFluxes,
    model: PsfModel,
    radius: float,
) -> Columns:
    """Return aperture fluxes, measured on each source's own model plus the residuals of the fit."""
    flux, square, seen = np.zeros(len(fit.x)), np.zeros(len(fit.x)), np.zeros(len(fit.x))
    for k in range(len(fit.x)):
        part = _stamp((fit.x[k], fit.y[k]), int(np.ceil(radius)) + 1, left.shape)
        share = _circle(fit.x[k] - part[1].start, fit.y[k] - part[0].start, radius, left[part].shape)
        share *= usable[part]
        flux[k] = (share * left[part]).sum()
        square[k] = (share**2 * noise[part]).sum()  # for independent pixels; photutils sums the weights
        seen[k] = share.sum()
    within = (_circle(model.half, model.half, radius, model.kernel.shape) * model.kernel).sum()
    return {
        "apFlux": np.nan_to_num(fit.flux) * within + flux,
        "apFluxErr": np.sqrt(square),
        "apFlux_flag": seen < 0.999 * np.pi * radius**2,
    }


def _circle(x: float, y: float, radius: float, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the exact fraction of each pixel of a stamp inside a circle."""
    try:
        from photutils.geometry import circular_overlap_grid
    except ImportError as err:
        raise MissingDependency("photutils", "detect", "aperture photometry") from err
    ny, nx = shape
    if not nx * ny:
        return np.zeros(shape)
    grid = circular_overlap_grid(-0.5 - x, nx - 0.5 - x, -0.5 - y, ny - 0.5 - y, nx, ny, radius, 1, 1)
    return np.asarray(grid)


def _shapes(
    left: NDArray[np.float64],
    usable: NDArray[np.bool_],
    fit: PsfFluxes,
    model: PsfModel,
    detections: Sequence[Detection],
) -> Columns:
    """Return adaptive moments after subtracting neighbours, for all stamps of one size at once."""
    sides = np.array([max(one.footprint.box.shape) for one in detections], dtype=float)
    # A child of a crowded blend may have pixels across the image, far from the source.
    radii = np.sqrt([one.footprint.area / np.pi for one in detections])
    sides = np.minimum(sides, 4 * radii + 12 * model.sigma)
    halves = np.clip(sides / 2, 3 * model.sigma, 6 * model.sigma + sides / 2).astype(np.int64) + 1
    signs = np.array([one.polarity for one in detections])
    moments = np.full((len(detections), 3), np.nan)
    margin = int(halves.max(initial=0))
    wide = np.pad(np.where(usable, left, np.nan), margin, constant_values=np.nan)
    base = np.rint(np.column_stack([fit.x, fit.y])).astype(np.int64)
    for half in np.unique(halves).tolist():
        side = 2 * half + 1
        windows = sliding_window_view(wide, (side, side))
        same = np.flatnonzero(halves == half)
        at_once = max(1, PIXELS_AT_ONCE // side**2)
        for first in range(0, len(same), at_once):
            some = same[first : first + at_once]
            x0, y0 = base[some, 0] - half, base[some, 1] - half
            alone = windows[y0 + margin, x0 + margin]
            beyond = max(0, half - model.half)  # outside the PSF
            own, _, _ = model.stamps(x0 + beyond - fit.x[some], y0 + beyond - fit.y[some], side - 2 * beyond)
            inner = slice(beyond, side - beyond)
            alone[:, inner, inner] += np.nan_to_num(fit.flux[some])[:, None, None] * own
            alone *= signs[some, None, None]
            moments[some] = moments_of_stamps(alone, fit.x[some] - x0, fit.y[some] - y0, model.sigma)
    return {
        "ixx": moments[:, 0],
        "iyy": moments[:, 1],
        "ixy": moments[:, 2],
        "shape_flag": ~np.isfinite(moments[:, 0]),
    }


def _pixel_flags(image: Image, fit: PsfFluxes, detections: Sequence[Detection]) -> Columns:
    """Return which mask planes are set in a source's pixels, and at its centre."""
    count, box = len(detections), image.box
    bits = {name: bits_of(image, [plane]) for name, plane in FLAG_PLANES.items()}
    found = {
        f"pixelFlags_{name}{end}": np.zeros(count, dtype=bool) for name in bits for end in ("", "Center")
    }
    lost = ~np.isfinite(image.pixels)
    inner = box.grown(-1) if min(box.shape) > 1 else box
    for k, one in enumerate(detections):
        y, x = one.footprint.clipped(box).pixels()
        centre = _stamp((fit.x[k], fit.y[k]), 1, image.shape)
        found["pixelFlags_edge"][k] = not inner.covers(one.footprint.box)
        found["pixelFlags_nodata"][k] = lost[y - box.y0, x - box.x0].any()
        found["pixelFlags_nodataCenter"][k] = lost[centre].any()
        if image.mask is None:
            continue
        any_bits = int(np.bitwise_or.reduce(image.mask[y - box.y0, x - box.x0], initial=0))
        centre_bits = int(np.bitwise_or.reduce(image.mask[centre], axis=None, initial=0))
        for name, wanted in bits.items():
            found[f"pixelFlags_{name}"][k] |= bool(any_bits & wanted)
            found[f"pixelFlags_{name}Center"][k] |= bool(centre_bits & wanted)
    return found


def _magnitudes(image: Image, columns: Columns) -> Columns:
    """Return AB magnitudes where the unit is a flux density."""
    from astropy import units as u

    try:
        unit = u.Unit(image.unit or "")
    except ValueError:
        return {}
    if not unit.is_equivalent(u.nJy):
        return {}
    found: Columns = {}
    for kind in ("psf", "ap"):
        flux, error = columns[f"{kind}Flux"] * unit, columns[f"{kind}FluxErr"] * unit
        magnitudes = flux_to_abmag(flux, error)
        found[f"{kind}Mag"], found[f"{kind}MagErr"] = magnitudes.magnitude, np.asarray(magnitudes.error)
    return found
