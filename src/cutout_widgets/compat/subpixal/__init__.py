"""``subpixal.cutout`` by its own names, on the core of this package.

Corners are inclusive ``(x, y)`` pairs, world coordinates raw degrees, `mask` is True where a pixel
is bad, `dqbitmask` names the *acceptable* flags - all as there. ``docs/subpixal.md`` lists what differs.
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
