"""The residual of a cutout after subtracting the best-fitting point source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.detection.psf_fit import fit_point_sources
from cutout_widgets.detection.sky import sky_statistics
from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.pixels.image import Image, Panel
from cutout_widgets.pixels.psf import PsfModel
from cutout_widgets.widget.inspection.neighbours import place_on
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.widget.pages.array_buffer import ArrayBuffer

__all__ = ["fit_of"]

LEAST_PIXELS = 12
"""Too few pixels to fit three parameters."""


def fit_of(image: Image, source: DiaSource, panel: Panel, buffer: ArrayBuffer) -> protocol.PsfFit | None:
    """Fit a point source at a source's position, and add the residual to a buffer.

    Parameters
    ----------
    image
        A cutout with its point-spread function.
    source
        Provides the initial position, which is fitted too.
    panel
        A difference image has no sky; in the others the median of the empty pixels is subtracted to fit.
    buffer
        Receives the residual: the image minus the point source, with its sky.

    Returns
    -------
    dict or None
        None without a PSF, a position on the image, enough valid pixels, or scipy.
    """
    place = place_on(image, source)
    if image.psf is None or place is None:
        return None
    x, y = place[0] - image.box.x0, place[1] - image.box.y0
    pixels = np.asarray(image.pixels, dtype=np.float64)
    has_variance = image.variance is not None
    variance = np.ones(image.shape) if image.variance is None else np.asarray(image.variance, dtype=float)
    usable = np.isfinite(pixels) & np.isfinite(variance) & (variance > 0)
    try:
        sky = 0.0 if panel == "difference" else sky_statistics(image).median
        psf = PsfModel.of(image)
        clean = np.where(usable, pixels - sky, 0.0)
        fit = fit_point_sources(
            clean, np.where(usable, variance, 1.0), usable, np.array([x]), np.array([y]), psf
        )
    except (BadOption, MissingDependency, np.linalg.LinAlgError):
        return None
    flux, at_x, at_y = float(fit.flux[0]), float(fit.x[0]), float(fit.y[0])
    if int(fit.n_pixels[0]) < LEAST_PIXELS or not math.isfinite(flux + at_x + at_y):
        return None
    rows, columns = np.indices(image.shape)
    left = pixels - flux * psf.at(columns - at_x, rows - at_y)
    return protocol.PsfFit(
        residual=buffer.add(left, "<f4"),
        x=at_x + image.box.x0,
        y=at_y + image.box.y0,
        flux=flux,
        flux_err=_known(fit.flux_error[0]) if has_variance else None,
        chi2=_known(fit.chi2[0]) if has_variance else None,
        n_pixels=int(fit.n_pixels[0]),
    )


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
