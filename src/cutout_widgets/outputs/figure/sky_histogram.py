"""The histogram of empty pixels, with a Gaussian fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.detection.sky import SkyStatistics, sky_statistics
from cutout_widgets.outputs.figure.notebook_figure import axes_for, figure_of
from cutout_widgets.stores.in_hand import as_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_sky_histogram"]


def plot_sky_histogram(
    image: Any, *, statistics: SkyStatistics | None = None, title: str = "", ax: Axes | None = None
) -> Figure:
    """Draw the histogram of an exposure's empty pixels.

    Parameters
    ----------
    image
        The exposure, or anything that `as_image` accepts.
    statistics
        Result of `sky_statistics`, to use your own options; None = call it with the defaults.
    title
        Above the plot.
    ax
        Axes to draw on; None = a new figure.

    Returns
    -------
    Figure
        Number of pixels in each bin, and the Gaussian fitted at the bin centres, with its mean and sigma
        and the surface brightness of one sigma in the legend.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> plot_sky_histogram(make_image((40, 50))).axes[0].get_ylabel()
    'pixels'
    """
    whole = as_image(image)
    found = sky_statistics(whole) if statistics is None else statistics
    axes = axes_for(ax, (7.0, 4.0))
    unit = whole.unit or ""
    axes.step(found.bin_centres, found.counts, where="mid", color="#2979c1", label=f"{found.n_pixels} pixels")
    if np.isfinite(found.gauss_sigma):
        offsets = (found.bin_centres - found.gauss_mean) / found.gauss_sigma
        label_text = f"mean {found.gauss_mean:.4g}, sigma {found.gauss_sigma:.4g} {unit}".rstrip()
        if np.isfinite(found.noise_mag_arcsec2):
            label_text += f"\n1 sigma: {found.noise_mag_arcsec2:.2f} mag/arcsec2"
        axes.plot(
            found.bin_centres,
            found.gauss_height * np.exp(-0.5 * offsets**2),
            color="#d1603d",
            label=label_text,
        )
    axes.set_xlabel(f"pixel ({unit})" if unit else "pixel")
    axes.set_ylabel("pixels")
    axes.set_title(title)
    axes.legend(frameon=False)
    return figure_of(axes)
