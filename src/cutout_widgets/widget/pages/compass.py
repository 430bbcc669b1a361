"""The orientation of a cutout on the sky: north, east, and the pixel scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cutout_widgets.pixels.compass import Compass, compasses_in
from cutout_widgets.pixels.image import PANELS, Panel
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.pixels.geometry import Box
    from cutout_widgets.pixels.image import Image, Triplet

__all__ = ["compasses_of"]

BEST_FIRST: tuple[Panel, ...] = ("science", "difference", "template")
"""Panels whose WCS is used, in this order, for a panel without one."""


def compasses_of(triplets: Sequence[Triplet]) -> list[dict[Panel, protocol.Compass | None]]:
    """Return the directions of north and east at the centre of each panel, and its pixel scale.

    A template may have other pixels than the science image. Cutouts of one exposure share a WCS and
    are evaluated together.

    Parameters
    ----------
    triplets
        A panel without a WCS has the same pixels as the others: it gets the compass of the science
        image, else of the difference, else of the template.

    Returns
    -------
    list
        For each triplet the compass of every panel that has an image; None without a WCS, or if it
        is undefined there.
    """
    found: list[dict[Panel, protocol.Compass | None]] = [{} for _ in triplets]
    alike: dict[int, dict[Box, tuple[Image, list[tuple[int, Panel]]]]] = {}
    for place, triplet in enumerate(triplets):
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None and (wcs := image.projection) is not None:
                _, members = alike.setdefault(id(wcs), {}).setdefault(image.box, (image, []))
                members.append((place, panel))
    for by_box in alike.values():
        each = compasses_in([image for image, _ in by_box.values()])
        for (_, members), compass in zip(by_box.values(), each, strict=True):
            sent = None if compass is None else _sent(compass)
            for place, panel in members:
                found[place][panel] = sent
    for triplet, compasses in zip(triplets, found, strict=True):
        lent = next((one for panel in BEST_FIRST if (one := compasses.get(panel)) is not None), None)
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None:
                compasses.setdefault(panel, lent)
    return found


def _sent(compass: Compass) -> protocol.Compass:
    """Return a compass in wire form, with the digits that a drawing needs: most of a page's text is this."""
    (north_x, north_y), (east_x, east_y) = compass.north, compass.east
    return protocol.Compass(
        north=(round(north_x, 6), round(north_y, 6)),
        east=(round(east_x, 6), round(east_y, 6)),
        arcsec_per_px=float(f"{compass.arcsec_per_px:.7g}"),
    )
