"""The functions of ``subpixal.cutout``, which cut sources from the image they were found on and from others.

Improvements: a source that cannot be mapped is skipped instead of ending the call, labels are
compared in their own type, equal pixel scales give equal paddings, a fill value that the image's type
cannot represent is refused, and arguments are never modified.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.compat.subpixal.arguments import in_either_order
from cutout_widgets.compat.subpixal.extraction import Cutout, NoOverlapError, PartialOverlapError
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.footprints.tracked import SourceCut, cut_mapped, cut_segments, segment_boxes
from cutout_widgets.pixels.image import Image

__all__ = [
    "Cutout",
    "NoOverlapError",
    "PartialOverlapError",
    "create_cutouts",
    "create_input_image_cutouts",
    "create_primary_cutouts",
    "drz_from_input_cutouts",
]

HALF_PIXEL = 0.5
"""subpixal rounds outer corners outwards, so each side grows by half a pixel before the padding."""


@in_either_order("dqbitmask")
def create_primary_cutouts(
    catalog: Any,
    segmentation_image: NDArray[Any],
    imdata: NDArray[Any],
    imwcs: Any,
    imdq: NDArray[Any] | None = None,
    dqbitmask: int | str | None = 0,
    imweight: NDArray[Any] | None = None,
    data_units: str = "counts",
    exptime: float = 1,
    pad: float = 1,
) -> list[Cutout]:
    """Cut the sources of a catalogue from the image they were segmented on.

    Parameters
    ----------
    catalog
        Column ``id``, and optionally ``x``, ``y`` and ``weight``: a Table, a DataFrame in any order, a
        dict, or an object with such a table as ``.catalog``. Without ``x`` and ``y`` a source is at
        the centre of its cutout.
    segmentation_image
        Ids of sources, the shape of `imdata`.
    imdata, imwcs
        The image and its WCS.
    imdq, imweight
        Flags and weights of its pixels.
    dqbitmask
        Acceptable flags: a number, ``"2+4"``, ``"~4,8"`` (only these are bad), None (no flag is bad).
    data_units, exptime
        ``"counts"`` or ``"rate"``, and seconds; stored in the cutouts.
    pad
        Pixels added on every side, rounded away from zero.

    Returns
    -------
    list of Cutout
        Sorted by id; the first row of an id is used. Skipped are ids that are not in both, segments
        that touch the edge of the segmentation image, boxes partly outside the image, and sources
        without a good pixel.

    Raises
    ------
    BadTable
        If the catalogue has no column ``id``, or only one of ``x`` and ``y``.
    BadOption
        If shapes differ, or a weight in the catalogue is negative.
    """
    columns = _columns_of(getattr(catalog, "catalog", catalog))
    known, rows = np.unique(columns["id"], return_index=True)
    present = segment_boxes(np.asarray(segmentation_image))
    pairs = [(one, row) for one, row in zip(known.tolist(), rows.tolist(), strict=True) if one in present]
    image = _image(imdata, imwcs, imdq, imweight, exptime)
    cuts = cut_segments(
        image,
        np.asarray(segmentation_image),
        [one for one, _ in pairs],
        padding_px=int(_away_from_zero(pad)),
        positions=[(columns["x"][row], columns["y"][row]) for _, row in pairs] if "x" in columns else None,
        bad_bits=_bad_bits(dqbitmask),
    )
    weights = [columns["weight"][row] if "weight" in columns else None for _, row in pairs]
    return [
        Cutout._around(cut, image, imdq, weight, data_units)
        for cut, weight in zip(cuts, weights, strict=True)
        if cut.image is not None
    ]


@in_either_order("dqbitmask")
def create_input_image_cutouts(
    primary_cutouts: Sequence[Cutout],
    imdata: NDArray[Any],
    imwcs: Any,
    imdq: NDArray[Any] | None = None,
    dqbitmask: int | str | None = 0,
    imweight: NDArray[Any] | None = None,
    data_units: str = "counts",
    exptime: float = 1,
    pad: float = 1,
) -> tuple[list[Cutout], list[Cutout]]:
    """Cut the same sources from another image on which they are entirely contained.

    Parameters
    ----------
    primary_cutouts
        Cutouts of the sources.
    imdata, imwcs, imdq, dqbitmask, imweight, data_units, exptime
        The other image; see `create_primary_cutouts`.
    pad
        Pixels of the other image added on every side; not rounded.

    Returns
    -------
    imcutouts, valid_input_cutouts
        The cutouts, and the corresponding ones of `primary_cutouts`, pair by pair.
    """
    image = _image(imdata, imwcs, imdq, imweight, exptime)
    cuts = cut_mapped(
        [_tracked(cutout) for cutout in primary_cutouts],
        image,
        padding_px=pad + HALF_PIXEL,
        bad_bits=_bad_bits(dqbitmask),
        samples=1,
    )
    return _pairs(cuts, primary_cutouts, image, imdq, data_units)


@in_either_order("dqbitmask")
def drz_from_input_cutouts(
    input_cutouts: Sequence[Cutout],
    segmentation_image: NDArray[Any],
    imdata: NDArray[Any],
    imwcs: Any,
    imdq: NDArray[Any] | None = None,
    dqbitmask: int | str | None = 0,
    imweight: NDArray[Any] | None = None,
    data_units: str = "counts",
    exptime: float = 1,
    pad: float = 1,
    combine_seg_mask: bool = True,
) -> tuple[list[Cutout], list[Cutout]]:
    """Cut the same sources from another image that they overlap; zeros outside.

    Parameters
    ----------
    input_cutouts
        Cutouts of the sources.
    segmentation_image
        Ids of sources on the grid of `imdata`.
    imdata, imwcs, imdq, dqbitmask, imweight, data_units, exptime
        The other image; see `create_primary_cutouts`.
    pad
        Pixels of the other image added on every side, rounded away from zero.
    combine_seg_mask
        Whether pixels that are not the source's own are bad.

    Returns
    -------
    imcutouts, valid_input_cutouts
        The cutouts, and the corresponding ones of `input_cutouts`, pair by pair.
    """
    image = _image(imdata, imwcs, imdq, imweight, exptime)
    cuts = cut_mapped(
        [_tracked(cutout) for cutout in input_cutouts],
        image,
        padding_px=_away_from_zero(pad) + HALF_PIXEL,
        covers="touch",
        labels=np.asarray(segmentation_image) if combine_seg_mask else None,
        bad_bits=_bad_bits(dqbitmask),
        fill=0,
        samples=1,
    )
    return _pairs(cuts, input_cutouts, image, imdq, data_units)


@in_either_order("drz_dqbitmask", "flt_dqbitmask")
def create_cutouts(
    primary_cutouts: Sequence[Cutout],
    segmentation_image: NDArray[Any],
    drz_data: NDArray[Any],
    drz_wcs: Any,
    flt_data: NDArray[Any],
    flt_wcs: Any,
    drz_dq: NDArray[Any] | None = None,
    drz_dqbitmask: int | str | None = 0,
    drz_weight: NDArray[Any] | None = None,
    drz_data_units: str = "rate",
    drz_exptime: float = 1,
    flt_dq: NDArray[Any] | None = None,
    flt_dqbitmask: int | str | None = 0,
    flt_weight: NDArray[Any] | None = None,
    flt_data_units: str = "counts",
    flt_exptime: float = 1,
    pad: float = 2,
    combine_seg_mask: bool = True,
) -> tuple[list[Cutout], list[Cutout]]:
    """Map cutouts onto a distorted image and from there onto a combined one.

    Parameters
    ----------
    primary_cutouts
        Cutouts of the sources.
    segmentation_image
        Ids of sources on the grid of `drz_data`.
    drz_data, drz_wcs, drz_dq, drz_dqbitmask, drz_weight, drz_data_units, drz_exptime
        The combined image; see `create_primary_cutouts`.
    flt_data, flt_wcs, flt_dq, flt_dqbitmask, flt_weight, flt_data_units, flt_exptime
        The distorted image.
    pad
        Pixels of the distorted image added on every side; the same angle on the combined image.
    combine_seg_mask
        Whether pixels of the combined image that are not the source's own are bad.

    Returns
    -------
    flt_cutouts, drz_cutouts
        Pair by pair.
    """
    flt, primary = create_input_image_cutouts(
        primary_cutouts,
        flt_data,
        flt_wcs,
        flt_dq,
        flt_dqbitmask,
        flt_weight,
        flt_data_units,
        flt_exptime,
        pad,
    )
    if not flt:
        return [], []
    drz, valid = drz_from_input_cutouts(
        flt,
        segmentation_image,
        drz_data,
        drz_wcs,
        drz_dq,
        drz_dqbitmask,
        drz_weight,
        drz_data_units,
        drz_exptime,
        pad * (flt[0].pscale / primary[0].pscale),
        combine_seg_mask,
    )
    return valid, drz


def _columns_of(catalog: Any) -> dict[str, NDArray[Any]]:
    """Return the relevant columns as arrays, ignoring the index of a DataFrame."""
    if isinstance(catalog, np.ndarray) and catalog.dtype.names:
        names = list(catalog.dtype.names)
    else:
        names = list(getattr(catalog, "colnames", None) or catalog.keys())
    columns = {name: _filled(catalog[name]) for name in ("id", "x", "y", "weight") if name in names}
    if "id" not in columns:
        raise BadTable(f"the catalogue has no column 'id'; it has {', '.join(map(str, names)) or 'none'}")
    if len(columns["id"]) and columns["id"].dtype.kind not in "iuf":
        raise BadTable(
            "column 'id' of the catalogue holds the numbers of segments, which are values of the "
            f"segmentation image; got {columns['id'][0]!r}"
        )
    if ("x" in columns) != ("y" in columns):
        raise BadTable("the catalogue has only one of the columns 'x' and 'y'; give both, or neither")
    return columns


def _filled(column: Any) -> NDArray[Any]:
    """Return a column as an array; NaN where a number is masked."""
    masked = np.ma.getmask(column)
    if masked is np.ma.nomask or not masked.any() or np.ma.getdata(column).dtype.kind not in "iuf":
        return np.asarray(column)
    return np.asarray(np.ma.filled(np.ma.asarray(column).astype(float), np.nan))


def _image(
    data: NDArray[Any], wcs: Any, dq: NDArray[Any] | None, weight: NDArray[Any] | None, exptime: float
) -> Image:
    """Return the arguments as an image of the core."""
    mask = None
    if dq is not None:
        mask = np.asarray(dq).astype(np.uint32)
        if dq.dtype.itemsize > 4 and (mask.astype(np.int64) != dq).any():
            raise BadOption("data quality flags have at most 32 bits")
    return Image(np.asarray(data), mask=mask, weight=weight, wcs=wcs, exposure_s=exptime)


def _tracked(cutout: Cutout) -> SourceCut:
    """Return a cutout as a `SourceCut`, with its displacement in its WCS."""
    return SourceCut(cutout.src_id, "ok", cutout.to_image(), cutout.mask)


def _pairs(
    cuts: Sequence[SourceCut], given: Sequence[Cutout], image: Image, dq: NDArray[Any] | None, units: str
) -> tuple[list[Cutout], list[Cutout]]:
    """Return the resulting cutouts, and those they came from."""
    kept = [(cut, old) for cut, old in zip(cuts, given, strict=True) if cut.image is not None]
    made = [Cutout._around(cut, image, dq, old.src_weight, units) for cut, old in kept]
    return made, [old for _, old in kept]


def _away_from_zero(pad: float) -> float:
    """Round away from zero, ignoring rounding errors in a ratio of pixel scales."""
    return float(np.sign(pad) * np.ceil(np.abs(pad) - 1e-9))


def _bad_bits(acceptable: int | str | None) -> int:
    """Return the flags that make a pixel bad, given the acceptable ones."""
    from astropy.nddata.bitmask import interpret_bit_flags

    good = interpret_bit_flags(acceptable)
    return 0 if good is None else ~int(good) & 0xFFFFFFFF
