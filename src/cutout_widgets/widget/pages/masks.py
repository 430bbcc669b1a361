"""Mask planes for the view: which ones are set, their colours, and their pixels in compact form."""

from __future__ import annotations

import numpy as np

from cutout_widgets.palette import mask_plane_colours
from cutout_widgets.pixels.image import Image
from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["packed_mask", "planes_of"]


def planes_of(image: Image) -> list[protocol.Plane]:
    """Return the mask planes that are set on any pixel, in bit order."""
    if image.mask is None:
        return []
    colours = mask_plane_colours(image.planes)
    some = int(np.bitwise_or.reduce(image.mask, axis=None)) if image.mask.size else 0
    return [
        protocol.Plane(
            name=name,
            bit=bit,
            colour=colours[name],
            count=int(np.count_nonzero(image.mask & np.uint32(1 << bit))),
        )
        for name, bit in sorted(image.planes.items(), key=lambda item: item[1])
        if some >> bit & 1
    ]


def packed_mask(image: Image, offset: int) -> tuple[protocol.PackedMask, bytes] | None:
    """Return the mask of a panel in the smallest integer type that holds its planes.

    Parameters
    ----------
    image
        A cutout.
    offset
        Byte offset of the mask in the buffer.

    Returns
    -------
    tuple or None
        Its description and its bytes, little-endian, lowest row first; None if no plane is set.
    """
    planes = planes_of(image)
    if not planes or image.mask is None:
        return None
    width = 1 if len(planes) <= 8 else 2 if len(planes) <= 16 else 4
    bits_by_shift: dict[int, int] = {}  # bits that move down by the same number move together
    for bit, plane in enumerate(planes):
        shift = plane["bit"] - bit
        bits_by_shift[shift] = bits_by_shift.get(shift, 0) | 1 << bit
    words = np.zeros(image.shape, dtype=np.uint32)
    for shift, bits in bits_by_shift.items():
        # Only if planes share a bit does one move up.
        moved = image.mask >> np.uint32(shift) if shift >= 0 else image.mask << np.uint32(-shift)
        words |= moved & np.uint32(bits)
    packed = [protocol.Plane(**{**plane, "bit": bit}) for bit, plane in enumerate(planes)]
    return protocol.PackedMask(offset=offset, bytes_a_pixel=width, planes=packed), words.astype(
        f"<u{width}"
    ).tobytes()
