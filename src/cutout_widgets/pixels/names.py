"""Names of the three images of a source, and of the extras of an image."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["EXTRAS", "NO_DATA", "PANELS", "Extra", "Panel"]

NO_DATA = "NO_DATA"
"""Mask plane of pixels without data; afw's name."""

Panel = Literal["template", "science", "difference"]
"""One of the three images of a triplet."""

PANELS: tuple[Panel, Panel, Panel] = ("template", "science", "difference")
"""The panels, from left to right."""

Extra = Literal["mask", "variance", "psf"]
"""Something that an image may have besides pixels."""

EXTRAS: frozenset[Extra] = frozenset(get_args(Extra))
"""All extras."""
