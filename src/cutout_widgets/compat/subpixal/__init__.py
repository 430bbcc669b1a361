"""Drop-in replacement of ``subpixal.cutout``, based on this package.

Corners are inclusive ``(x, y)`` pairs, world coordinates raw degrees, `mask` is True where a pixel
is bad, `dqbitmask` lists the *acceptable* flags, as in subpixal. ``docs/subpixal.md`` lists the differences.
"""

from cutout_widgets.compat.subpixal.cutout import (
    Cutout,
    NoOverlapError,
    PartialOverlapError,
    create_cutouts,
    create_input_image_cutouts,
    create_primary_cutouts,
    drz_from_input_cutouts,
)

__all__ = [
    "Cutout",
    "NoOverlapError",
    "PartialOverlapError",
    "create_cutouts",
    "create_input_image_cutouts",
    "create_primary_cutouts",
    "drz_from_input_cutouts",
]
