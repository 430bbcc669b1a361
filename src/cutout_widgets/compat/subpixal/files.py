"""Cutouts as FITS files."""

from __future__ import annotations

import os
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import NotWritable, UnreadableImage
from cutout_widgets.paths import path_to
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.image_file import read_written, write_image
from cutout_widgets.remarks import records_remarks

__all__ = ["ExtraAttributes", "read_cutout", "write_cutout"]


class ExtraAttributes(NamedTuple):
    """Attributes of a cutout that an `Image` does not have."""

    data_units: str
    """``"rate"`` or ``"counts"``."""
    src_weight: float | None
    """Weight of the source."""
    slices: tuple[tuple[slice, slice], tuple[slice, slice]]
    """The part of the image the pixels were taken from, and the part of the cutout they fill; y first."""
    bad: NDArray[Any]
    """True where a pixel is bad, shape (ny, nx)."""
    dq: NDArray[Any] | None
    """Flags, same shape, in their own type; or None."""


def write_cutout(image: Image, kept: ExtraAttributes, path: str | os.PathLike[str]) -> None:
    """Write a cutout: a file of `write_image`, followed by the HDUs ``BAD`` and ``DQ``.

    Parameters
    ----------
    image, kept
        The cutout.
    path
        The file; an existing one is replaced completely or not at all.

    Raises
    ------
    NotWritable
        If the file cannot be written.
    BadOption
        If the WCS is not a FITS WCS.
    """
    from astropy.io import fits

    target = path_to(path, "the file to write")
    plain, whole = (target.with_name(f".{target.name}.{uuid4().hex}") for _ in range(2))
    try:
        write_image(image, plain)
        with fits.open(plain, memmap=False) as hdus:
            header = hdus[0].header
            header["DATAUNIT"] = (kept.data_units, "what the pixels are")
            if kept.src_weight is not None:
                header["SRCWGHT"] = (float(kept.src_weight), "weight of the source")
            for key, part in zip(("EX", "IN"), kept.slices, strict=True):
                for axis, one in zip("YX", part, strict=True):
                    header[f"{key}{axis}0"], header[f"{key}{axis}1"] = one.start, one.stop
            hdus.append(fits.ImageHDU(kept.bad.astype(np.uint8), name="BAD"))
            if kept.dq is not None:
                hdus.append(fits.ImageHDU(kept.dq, name="DQ"))
            hdus.writeto(whole)
        whole.replace(target)
    except OSError as err:
        raise NotWritable(
            f"cannot write {target}: {err.strerror or err}; choose a place that you may write to"
        ) from err
    finally:
        for leftover in (plain, whole):
            leftover.unlink(missing_ok=True)


@records_remarks(lambda path: path)
def read_cutout(path: str | os.PathLike[str]) -> tuple[Image, ExtraAttributes]:
    """Read a file written by `write_cutout`.

    Raises
    ------
    ImageNotFound
        If there is no such file.
    UnreadableImage
        If it is not a FITS file, or not one written by `write_cutout`.
    """
    from cutout_widgets.hdus import open_hdus

    path = path_to(path, "the file to read")
    image = read_written(path)
    with open_hdus(path) as hdus:
        header = hdus[0].header
        try:
            taken, filled = (
                (
                    slice(header[f"{key}Y0"], header[f"{key}Y1"]),
                    slice(header[f"{key}X0"], header[f"{key}X1"]),
                )
                for key in ("EX", "IN")
            )
            kept = ExtraAttributes(
                header["DATAUNIT"],
                header.get("SRCWGHT"),
                (taken, filled),
                hdus["BAD"].data.astype(bool),
                _native(hdus["DQ"].data) if "DQ" in hdus else None,
            )
        except KeyError as err:
            raise UnreadableImage(
                f"{path} was not written by Cutout.save: it lacks {err.args[0]}; "
                "read it with cutout_widgets.read_image"
            ) from err
    return image, kept


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array in native byte order."""
    return array.astype(array.dtype.newbyteorder("="))
