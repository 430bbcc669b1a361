"""FITS files written by afw, read without afw: exact WCS and calibration from their archive tables."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence, Set
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from cutout_widgets.errors import CutoutError, CutoutWarning, ImageNotFound, UnreadableImage, sentence
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import EXTRAS, Extra, Image
from cutout_widgets.remarks import records_remarks
from cutout_widgets.stores.fits.ast_sky import AstSky, agrees, ast_dump_of, grid_on
from cutout_widgets.stores.fits.planes import OpenFits
from cutout_widgets.stores.open_image import as_float32

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["OpenAfwFits"]

_log = logging.getLogger(__name__)

FLUX_OF_MAG_0_NJY = 1e32 * 10 ** (-48.6 / 2.5)
"""AB magnitude 0 in nJy: 10^(-48.6/2.5) erg/s/cm2/Hz, one of which is 1e32 nJy."""


class OpenAfwFits(OpenFits):
    """An open ``ExposureF`` file: an `OpenImage` in nJy, with the same WCS as in afw.

    Parameters
    ----------
    path
        The file.
    planes
        Mask planes to keep; None = all that fit into 32 bits.

    Warns
    -----
    CutoutWarning
        If the calibration varies over the image, and its mean is used.
    """

    @records_remarks(lambda self, path, **_: path)
    def __init__(self, path: Path, *, planes: Sequence[str] | None = None) -> None:
        self._borrowed = ExitStack()
        super().__init__(path, planes=planes)
        try:
            self._calibrate(path)
        except BaseException:
            self._hdus.close()
            raise

    def _calibrate(self, path: Path) -> None:
        """Set the WCS and the unit that the archive says."""
        archive = _Archive(self._hdus, self._image.header)
        self._scale = _calibration_mean(archive)
        if self._scale is not None and _calibration_varies(archive):
            warnings.warn(
                f"the calibration of {path} varies over the image, and its mean is used: without lsst.afw "
                "only that can be read",
                CutoutWarning,
                stacklevel=2,
            )
        frame = self._frame
        unit = frame.unit if self._scale is None else "nJy"
        self._frame = replace(frame, wcs=_exact_sky(archive, frame), unit=unit)

    @classmethod
    def from_uri(cls, uri: Any, *, planes: Sequence[str] | None = None) -> OpenAfwFits:
        """Open a ``ResourcePath``; a remote one is downloaded and kept while the handle is open.

        Raises
        ------
        ImageNotFound
            If it does not exist.
        """
        stack = ExitStack()
        try:
            local = stack.enter_context(uri.as_local())
            opened = cls(Path(local.ospath), planes=planes)
        except CutoutError:
            stack.close()
            raise
        except FileNotFoundError as err:
            stack.close()
            raise ImageNotFound(f"the repository lists the file {uri}, but it does not exist") from err
        except Exception as err:  # each kind of remote store raises its own errors
            stack.close()
            raise UnreadableImage(f"{uri} cannot be fetched: {sentence(err)}") from err
        opened._borrowed = stack
        return opened

    def close(self) -> None:
        """Close the file, and release a downloaded one."""
        super().close()
        self._borrowed.close()

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read a box inside the frame, in nJy if the file has a calibration."""
        image = super().part(box, extras)
        if self._scale in (None, 1.0):
            return image
        scale = np.float64(self._scale)
        variance = None if image.variance is None else as_float32(image.variance * scale**2)
        return replace(image, pixels=as_float32(image.pixels * scale), variance=variance)


class _Archive:
    """The archive tables of an afw file: numbered objects, each consisting of rows in a table."""

    def __init__(self, hdus: fits.HDUList, image_header: fits.Header) -> None:
        self._hdus = hdus
        self._found: dict[str, tuple[Any, slice] | None] = {}
        self._headers = (hdus[0].header, image_header)  # old files use only the image's header

    def card(self, *names: str) -> Any:
        """Return the first of some cards found in the primary or the image header."""
        for header in self._headers:
            for name in names:
                if name in header:
                    return header[name]
        return None

    def rows(self, kind: str) -> Any | None:
        """Return the rows of the object with the header card ``<kind>_ID``; None if there is none."""
        found = self._where(kind)
        return None if found is None else found[0].data[found[1]]

    def flag(self, kind: str, name: str) -> bool | None:
        """Return a flag of the object; None if it does not exist.

        Source: afw's ``FitsWriter`` stores all flags as bits of the column ``flags``, with
        their names in ``TFLAGn``.
        """
        found = self._where(kind)
        if found is None:
            return None
        table, rows = found
        if name in table.columns.names:
            return bool(table.data[rows][name][0])
        for number, bit in enumerate(np.ravel(table.data[rows]["flags"][0]), start=1):
            if table.header.get(f"TFLAG{number}") == name:
                return bool(bit)
        return None

    def _where(self, kind: str) -> tuple[Any, slice] | None:
        """Return an object's table and its rows there."""
        if kind not in self._found:
            self._found[kind] = self._look_up(kind)
        return self._found[kind]

    def _look_up(self, kind: str) -> tuple[Any, slice] | None:
        """Find an object in the index."""
        number = self.card(f"ARCHIVE_ID_{kind}", f"{kind}_ID")
        first = self.card("AR_HDU")
        if not number or not first:
            return None
        index = self._hdus[int(first) - 1]  # AR_HDU counts from 1
        for entry in index.data:
            if entry["id"] == number:
                table = self._hdus[int(first) - 1 + int(entry["cat.archive"])]
                start = int(entry["row0"])
                return table, slice(start, start + int(entry["nrows"]))
        return None


def _exact_sky(archive: _Archive, frame: Image) -> BaseHighLevelWCS | None:
    """Return the WCS in the archive if the header's is only approximate."""
    try:
        rows = archive.rows("SKYWCS")
        if rows is None:
            return frame.wcs
        sky = AstSky(ast_dump_of(bytes(np.asarray(rows["wcs"][0]).tobytes()).decode("ascii").rstrip("\0")))
        exact = sky.pixel_to_world(*grid_on(frame.box))
    except Exception:  # noqa: BLE001  no starlink.Ast, or an unknown archive version: use the header's WCS
        _log.info("the exact WCS of %s could not be read; using the header's", frame.origin, exc_info=True)
        return frame.wcs
    return frame.wcs if frame.wcs is not None and agrees(frame.wcs, exact, frame.box) else sky


def _calibration_mean(archive: _Archive) -> float | None:
    """Return nJy per unit of the pixels, None if unknown."""
    try:
        rows = archive.rows("PHOTOCALIB")
        if rows is not None:
            mean = float(rows["calibrationMean"][0])
            return mean if np.isfinite(mean) and mean > 0 else None
        flux = archive.card("FLUXMAG0")
        return None if not flux else FLUX_OF_MAG_0_NJY / float(flux)
    except (KeyError, ValueError, TypeError, IndexError, OSError):
        _log.info("the calibration of an afw file could not be read", exc_info=True)
        return None


def _calibration_varies(archive: _Archive) -> bool:
    """Return whether the calibration is marked as varying over the image."""
    try:
        return archive.flag("PHOTOCALIB", "isConstant") is False
    except (KeyError, ValueError, TypeError, IndexError, OSError):
        _log.info("an afw file does not say whether its calibration varies", exc_info=True)
        return False
