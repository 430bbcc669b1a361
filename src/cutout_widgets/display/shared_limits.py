"""Common limits for many cutouts, so that they can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.display.stretch import Stretch
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.image import Triplet

__all__ = ["shared_limits"]


def shared_limits(look: Look, triplets: Sequence[Triplet]) -> Look:
    """Return a look with fixed limits: the lowest and the highest that it has for any of the triplets.

    Limits in standard deviations do not change: they are comparable at every epoch. Neither do those of
    a panel that all triplets lack.

    Parameters
    ----------
    look
        Provides limits and curves.
    triplets
        The cutouts to show.
    """
    fixed: dict[str, Stretch] = {}
    for panel in PANELS:
        stretch = look.stretch(panel)
        images = [image for one in triplets if (image := getattr(one, panel)) is not None]
        if not images or stretch.limits == "sigma":
            continue
        found = np.array([stretch.limits_of(image)[0] for image in images], dtype=float)
        found = found[np.isfinite(found).all(axis=1)]
        if len(found) and (low := float(found[:, 0].min())) < (high := float(found[:, 1].max())):
            unit = images[0].unit if stretch.unit else None
            fixed[panel] = Stretch("user", stretch.curve, vmin=low, vmax=high, a=stretch.a, unit=unit)
    return replace(look, name=f"{look.name}, the same limits", **fixed) if fixed else look  # type: ignore[arg-type]
