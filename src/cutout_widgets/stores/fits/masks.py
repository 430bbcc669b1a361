"""Mask planes in FITS: names and bits from header cards, several HDUs merged into 32 bits."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, CutoutWarning
from cutout_widgets.pixels.image import NO_DATA
from cutout_widgets.pixels.plain import BITS
from cutout_widgets.pixels.plane_names import KNOWN, afw_name

__all__ = ["MaskLayout", "chosen_planes", "fold_planes", "mask_layout", "planes_of"]

_LSST_IMAGES_NAME = re.compile(r"MSKN(\d{4})")


@dataclass(frozen=True)
class MaskLayout:
    """How the mask HDUs of a file are merged into one bit field."""

    hdus: tuple[Any, ...]
    """The HDUs or arrays with planes to keep."""
    planes: Mapping[str, int]
    """Plane name -> bit in the result."""
    moves: tuple[tuple[tuple[int, int], ...] | None, ...]
    """For each HDU: (its bit, bit in the result) pairs, or None to copy it unchanged."""

    def combine(self, parts: Sequence[NDArray[Any]]) -> NDArray[np.uint32]:
        """Return the bit field of one box from the parts of each HDU."""
        field = np.zeros(parts[0].shape, dtype=np.uint32)
        for part, moves in zip(parts, self.moves, strict=True):
            bits = part.astype(np.int64)
            if moves is None:
                field |= bits.astype(np.uint32)
                continue
            for there, here in moves:
                field |= (bits >> there & 1).astype(np.uint32) << np.uint32(here)
        return field


def chosen_planes(planes: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the planes to keep as names: one, several (also comma-separated), or None for all.

    Raises
    ------
    BadOption
        If they are not names.
    """
    if planes is None:
        return None
    if isinstance(planes, str):
        planes = [part.strip() for part in planes.split(",") if part.strip()]
    several = tuple(planes) if isinstance(planes, Iterable) else (planes,)
    if not all(isinstance(name, str) for name in several):
        raise BadOption(f"planes are names of mask planes, such as ['SAT', 'CR']; got {planes!r:.60}")
    return several


def _absent(chosen: Sequence[str], kept: Iterable[str]) -> list[str]:
    """Return the names to warn about: all if none exists, else those unknown in Rubin images."""
    there = {afw_name(name) for name in kept}
    if not there:
        return list(chosen)
    return [name for name in chosen if afw_name(name) not in there | KNOWN]


def planes_of(header: fits.Header) -> dict[str, int]:
    """Return the mask planes named in a header, name -> bit.

    Source: afw writes ``MP_<NAME> = bit number``; lsst.images ``MSKNnnnn = name`` with
    ``MSKMnnnn = bit mask``.
    """
    planes = {}
    for keyword in header:
        if keyword.startswith("MP_"):
            bit = header[keyword]
            if isinstance(bit, int) and not isinstance(bit, bool) and 0 <= bit < 64:
                planes[keyword[3:]] = bit
        elif match := _LSST_IMAGES_NAME.fullmatch(keyword):
            field = header.get(f"MSKM{match[1]}")
            bit = field.bit_length() - 1 if isinstance(field, int) and field > 0 else int(match[1])
            planes[str(header[keyword]).strip()] = bit
    return planes


def mask_layout(hdus: Sequence[Any], chosen: Sequence[str] | None, where: str) -> MaskLayout | None:
    """Plan how to merge the planes of one or several mask HDUs into 32 bits.

    Parameters
    ----------
    hdus
        Mask HDUs; bits count from 0 in each.
    chosen
        Names of the planes to keep, in afw's or lsst.images' vocabulary; None keeps as many as fit.
    where
        The file, for warnings.

    Returns
    -------
    MaskLayout or None
        None if there is no mask. A single HDU without names is copied unchanged.

    Warns
    -----
    CutoutWarning
        If planes are dropped because 32 bits are full (one bit is reserved for ``NO_DATA``), or if none of
        the chosen planes exists, or one has a name that is unknown in Rubin images.
    """
    if not hdus:
        return None
    return fold_planes(hdus, [planes_of(hdu.header) for hdu in hdus], chosen, where)


def fold_planes(
    fields: Sequence[Any], named: Sequence[Mapping[str, int]], chosen: Sequence[str] | None, where: str
) -> MaskLayout:
    """Plan how to merge the planes of several bit fields; see `mask_layout`.

    Parameters
    ----------
    fields
        The HDUs or arrays with the bits.
    named
        For each, plane name -> its bit.
    chosen, where
        As for `mask_layout`.
    """
    if chosen is None and len(fields) == 1 and all(bit < BITS for bit in named[0].values()):
        return MaskLayout(tuple(fields), dict(named[0]), (None,))
    planes: dict[str, int] = {}
    moves: list[list[tuple[int, int]]] = [[] for _ in fields]
    dropped = []
    wanted = None if chosen is None else {afw_name(name) for name in chosen}
    has_no_data = any(NO_DATA in names and (wanted is None or NO_DATA in wanted) for names in named)
    room = BITS if has_no_data else BITS - 1
    kept_for_no_data = has_no_data
    for number, names in enumerate(named):
        for name, bit in sorted(names.items(), key=lambda item: item[1]):
            if wanted is not None and afw_name(name) not in wanted:
                continue
            if name == NO_DATA:
                kept_for_no_data = False
            if name in planes:
                moves[number].append((bit, planes[name]))
            elif len(planes) + kept_for_no_data < room:
                planes[name] = len(planes)
                moves[number].append((bit, planes[name]))
            else:
                dropped.append(name)
    if dropped:
        warnings.warn(
            f"{where} has more mask planes than the {BITS} bits of a cutout's mask; omitted: "
            f"{', '.join(dropped)}; choose the ones to keep with planes=[...]",
            CutoutWarning,
            stacklevel=3,
        )
    if absent := _absent(chosen or (), planes):
        there = ", ".join(sorted({name for names in named for name in names}))
        warnings.warn(
            f"{where} has no mask plane {', '.join(absent)}; it has {there or 'none with a name'}",
            CutoutWarning,
            stacklevel=3,
        )
    used = [number for number, pairs in enumerate(moves) if pairs]
    if not used:
        used = [0]
    return MaskLayout(
        tuple(fields[number] for number in used), planes, tuple(tuple(moves[number]) for number in used)
    )
