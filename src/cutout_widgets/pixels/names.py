"""Names of the three images of a source, and of what an image may have besides pixels."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["EXTRAS", "NO_DATA", "PANELS", "Extra", "Panel"]

NO_DATA = "NO_DATA"
"""Mask plane of pixels that no detector saw; the name afw uses."""

Panel = Literal["template", "science", "difference"]
"""One of the three images of a triplet."""

PANELS: tuple[Panel, Panel, Panel] = ("template", "science", "difference")
"""The panels, left to right."""

Extra = Literal["mask", "variance", "psf"]
"""What an image may have beside its pixels."""

EXTRAS: frozenset[Extra] = frozenset(get_args(Extra))
"""All of it."""
