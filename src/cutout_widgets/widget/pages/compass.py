"""Where the sky lies on a cutout: north, east, and how much of it a pixel covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cutout_widgets.pixels.compass import Compass, compasses_in
from cutout_widgets.pixels.image import PANELS, Panel
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.pixels.image import Image, Triplet

__all__ = ["compasses_of"]

BEST_FIRST: tuple[Panel, ...] = ("science", "difference", "template")
"""Whose WCS speaks for a panel that has none."""


def compasses_of(triplets: Sequence[Triplet]) -> list[dict[Panel, protocol.Compass | None]]:
    """Return where north and east lie in the middle of each panel, and how much sky a pixel is.

    A template may lie on other pixels than the science image. Cutouts of one exposure share a WCS, and
    are asked about together.

    Parameters
    ----------
    triplets
        A panel without a WCS has the pixels of the others: it gets the compass of the science image,
        else of the difference, else of the template.

    Returns
    -------
    list
        For each triplet the compass of every panel there is; None without a WCS, or where it has no
        answer.
    """
    found: list[dict[Panel, protocol.Compass | None]] = [{} for _ in triplets]
    members: dict[int, list[tuple[int, Panel, Image]]] = {}
    for place, triplet in enumerate(triplets):
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None and image.wcs is not None:
                members.setdefault(id(image.wcs), []).append((place, panel, image))
    for some in members.values():
        for (place, panel, _), compass in zip(some, compasses_in([one[2] for one in some]), strict=True):
            found[place][panel] = None if compass is None else _sent(compass)
    for triplet, compasses in zip(triplets, found, strict=True):
        lent = next((one for panel in BEST_FIRST if (one := compasses.get(panel)) is not None), None)
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None:
                compasses.setdefault(panel, lent)
    return found


def _sent(compass: Compass) -> protocol.Compass:
    """Return a compass as it crosses."""
    return protocol.Compass(north=compass.north, east=compass.east, arcsec_per_px=compass.arcsec_per_px)
