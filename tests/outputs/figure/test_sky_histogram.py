"""The sky of an exposure is one call."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.outputs.figure.sky_histogram import plot_sky_histogram

pytest.importorskip("scipy", reason="the extra 'detect' is not installed")


def test_the_histogram_and_gaussian_come_from_the_sky_statistics():
    image = cw.Image(np.random.default_rng(1).normal(100.0, 3.0, (80, 80)), unit="nJy")
    found = cw.sky_statistics(image)
    figure = plot_sky_histogram(image, statistics=found, title="empty")
    steps, gaussian = figure.axes[0].lines
    assert steps.get_ydata().tolist() == found.counts.tolist()
    assert gaussian.get_ydata().max() == pytest.approx(found.gauss_height, rel=0.05)
    assert figure.axes[0].get_xlabel() == "pixel (nJy)"
    assert "sigma 3." in figure.axes[0].get_legend().get_texts()[1].get_text() or found.gauss_sigma < 3
    figure.savefig(BytesIO())
