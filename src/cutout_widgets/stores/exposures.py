"""Read a whole image file of any kind, or a whole open image."""

from __future__ import annotations

import math
import operator
import os
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.reading.files import split_hdu
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import (
    BadOption,
    CutoutError,
    CutoutWarning,
    MissingDependency,
    UnreadableImage,
    sentence,
)
from cutout_widgets.paths import is_url, local_path, path_text
from cutout_widgets.pixels.image import PANELS, Image, Panel
from cutout_widgets.pixels.image_file import read_written
from cutout_widgets.remote.copies import local_copy
from cutout_widgets.stores.fits.masks import chosen_planes
from cutout_widgets.stores.fits.planes import OpenFits
from cutout_widgets.stores.open_image import ClosableImage, OpenImage

if TYPE_CHECKING:
    from cutout_widgets.stores.fits.roles import HduName

__all__ = ["exposure_row", "one_panel", "read_image", "read_whole"]


def read_image(
    path: str | os.PathLike[str], *, hdu: HduName | None = None, planes: str | Sequence[str] | None = None
) -> Image:
    """Read a whole image file: one written by `write_image`, or any FITS file that a store can read.

    Parameters
    ----------
    path
        The file, or its URL; ``"a.fits[SCIENCE]"`` selects one of several images, as in `FitsImages`.
    hdu
        The HDU as an argument: its number, its EXTNAME or (EXTNAME, EXTVER).
    planes
        Mask planes to keep, by the names of afw or lsst.images; None = all that fit into 32 bits.

    Returns
    -------
    Image
        With mask, planes, variance and WCS, in the parent pixels given by the file, and header
        cards as `metadata`. Rubin's files (afw, lsst.images) are in nJy, with the PSF at the centre if
        the required packages are installed. Pixels are float32, except in files of `write_image`, which
        are restored exactly (booleans as bytes).

    Raises
    ------
    ImageNotFound
        If there is no such file or HDU.
    UnreadableImage
        If it is not a FITS file, is damaged, or has no two-dimensional image.

    Warns
    -----
    CutoutWarning
        If a package to read the file's PSF is not installed, or its WCS cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cutout_widgets.testing import make_image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_image(cw.write_image(make_image((4, 5)), Path(folder) / "one.fits")).shape
    (4, 5)
    """
    place, named = split_hdu(path_text(path, "an image"))
    wanted = named if hdu is None else hdu
    file: Path | str = place if is_url(place) else Path(local_path(place)).expanduser()
    keep = chosen_planes(planes)
    opened = OpenFits(file, hdu=wanted, planes=keep)
    with closing(opened):
        try:
            metadata, kind = opened.metadata, opened.kind
        except Exception as err:  # malformed cards make astropy raise various errors
            raise UnreadableImage(f"{opened.path} cannot be read as FITS: {sentence(err)}") from err
        if kind == "ours" and wanted is None and keep is None:
            return read_written(local_copy(file) if isinstance(file, str) else file)
        image = read_whole(opened) if kind in ("plain", "ours") or wanted is not None else None
    if image is None:
        image = _of_rubin(local_copy(file) if isinstance(file, str) else file, kind, keep)
    if image.sky_problem:
        warnings.warn(
            f"the WCS of {opened.path} cannot be used: {image.sky_problem}", CutoutWarning, stacklevel=2
        )
    return replace(image, metadata=metadata)


def read_whole(image: OpenImage) -> Image:
    """Read all of an open image, with the point-spread function at its centre.

    Raises
    ------
    UnreadableImage
        If its pixels are damaged.
    """
    whole = image.part(image.frame.box)
    psf = image.psf_at(whole.box.centre)
    return replace(whole, psf=whole.psf if psf is None else psf, metadata=getattr(image, "metadata", {}))


def exposure_row(key: Mapping[str, Any]) -> DiaSource:
    """Return a row with an exposure but no source, for functions that find images by row.

    Raises
    ------
    BadOption
        If visit or detector is not a whole number.
    """
    numbers: dict[str, int | None] = {}
    for name in ("visit", "detector"):
        value = key.get(name)
        if value is not None and (isinstance(value, bool) or not hasattr(value, "__index__")):
            raise BadOption(f"{name}= is a whole number; got {value!r}")
        numbers[name] = None if value is None else operator.index(value)
    return DiaSource(
        int(key.get("diaSourceId", 0)), math.nan, math.nan, numbers["visit"], numbers["detector"], row=key
    )


def one_panel(panel: Panel) -> Panel:
    """Return a panel's name, checked.

    Raises
    ------
    BadOption
        If it is not a panel.
    """
    if panel not in PANELS:
        raise BadOption(f"panel is one of {', '.join(PANELS)}; got {panel!r}")
    return panel


def _of_rubin(file: Path, kind: str, planes: tuple[str, ...] | None) -> Image:
    """Read a file of Rubin's packages, as completely as the installed packages can."""
    opened: ClosableImage
    try:
        if kind == "afw":
            from cutout_widgets.stores.fits.afw import OpenAfwFits

            opened, lost = OpenAfwFits(file, planes=planes), "lsst.afw and its Butler"
        else:
            from cutout_widgets.stores.butler.lsst_images import OpenArchive

            opened, lost = OpenArchive(file, planes=planes), ""
    except MissingDependency:
        opened, lost = OpenFits(file, planes=planes), "lsst-images (extra rubin)"
    except UnreadableImage as err:
        if kind == "afw":
            raise
        # The installed package refuses this version of the format: the pixels are still plain FITS.
        opened, lost = (
            OpenFits(file, planes=planes),
            f"an lsst-images that can read the file ({err})",
        )
    except CutoutError:
        raise
    except Exception as err:
        raise UnreadableImage(f"{file} cannot be read: {sentence(err)}") from err
    with closing(opened):
        image = read_whole(opened)
    if image.psf is None and lost:
        warnings.warn(
            f"the point-spread function in {file} is omitted: reading it needs {lost}",
            CutoutWarning,
            stacklevel=3,
        )
    return image
