"""FITS files as afw and lsst.images lay them out, written by astropy alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from cutout_widgets.pixels.image import Image


def wcs_header(image: Image) -> fits.Header:
    """The image's WCS as written into a file: in array pixels, where FITS has them."""
    if image.wcs is None:
        return fits.Header()
    header = image.wcs.to_header(relax=True)
    header["CRPIX1"] -= image.box.x0
    header["CRPIX2"] -= image.box.y0
    return header


def write_afw(
    path: Path,
    image: Image,
    *,
    compressed: bool = False,
    extname: bool = False,
    sky_dump: str | None = None,
    calibration: float | None = None,
    constant: bool | None = None,
) -> Path:
    """Write IMAGE, MASK and VARIANCE as afw has them: EXTTYPE, MP_ cards, LTV, archive tables.

    The archive holds the exact WCS (the AST dump `sky_dump`) and the calibration (nJy for each
    unit of the pixels, and the flag whether it is constant), if they are given.
    """
    hdus = [fits.PrimaryHDU()]
    for kind, array in (("IMAGE", image.pixels), ("MASK", image.mask), ("VARIANCE", image.variance)):
        header = wcs_header(image)
        header["EXTTYPE"] = kind
        header["LTV1"], header["LTV2"] = -image.box.x0, -image.box.y0
        if extname:
            header["EXTNAME"] = kind
        if kind == "IMAGE":
            header["BUNIT"] = image.unit
        if kind == "MASK":
            array = array.astype(np.int32)
            for name, bit in image.planes.items():
                header[f"HIERARCH MP_{name}"] = bit
        if compressed:
            hdus.append(
                fits.CompImageHDU(
                    array, header, compression_type="GZIP_2", quantize_level=0, tile_shape=(1, array.shape[1])
                )
            )
        else:
            hdus.append(fits.ImageHDU(array, header))
    hdus[0].header["AR_HDU"] = len(hdus) + 1  # counts from 1
    fits.HDUList([*hdus, *_archive(hdus[0].header, sky_dump, calibration, constant)]).writeto(
        path, overwrite=True
    )
    return path


def _archive(
    primary: fits.Header, sky_dump: str | None, calibration: float | None, constant: bool | None
) -> list:
    """The tables behind the images: an index, then one table for each class of object."""
    entries, tables = [], []
    if sky_dump is not None:
        text = np.frombuffer(f"1 SkyWcs 0 {sky_dump}".encode("ascii"), dtype=np.uint8)
        primary["HIERARCH SKYWCS_ID"] = 11
        entries.append((11, "SkyWcs"))
        # Some other object's row stands before ours.
        column = fits.Column("wcs", "PB()", array=np.array([text[:20], text], dtype=object))
        tables.append(fits.BinTableHDU.from_columns([column]))
    if calibration is not None:
        primary["HIERARCH PHOTOCALIB_ID"] = 12
        entries.append((12, "PhotoCalib"))
        means = fits.Column("calibrationMean", "D", array=[-1.0, calibration])
        errors = fits.Column("calibrationErr", "D", array=[0.0, 0.0])
        columns, cards = [means, errors], {}
        if constant is not None:  # flags are bits of one column, as afw's FitsWriter has them
            columns.insert(0, fits.Column("flags", "1X", array=np.array([[not constant], [constant]])))
            cards["TFLAG1"] = "isConstant"
        tables.append(fits.BinTableHDU.from_columns(columns, header=fits.Header(cards)))
    index = fits.BinTableHDU.from_columns(
        [
            fits.Column("id", "J", array=[number for number, _ in entries]),
            fits.Column("cat.archive", "J", array=range(1, len(entries) + 1)),
            fits.Column("cat.persistable", "J", array=[0] * len(entries)),
            fits.Column("row0", "J", array=[1] * len(entries)),
            fits.Column("nrows", "J", array=[1] * len(entries)),
            fits.Column("name", "64A", array=[name for _, name in entries]),
            fits.Column("module", "64A", array=["lsst.afw"] * len(entries)),
        ]
    )
    index.header["EXTTYPE"], index.header["AR_NCAT"] = "ARCHIVE_INDEX", len(tables) + 1
    for number, table in enumerate(tables, start=1):
        table.header["EXTTYPE"], table.header["AR_CATN"] = "ARCHIVE_DATA", number
    return [index, *tables]


def write_lsst_images(path: Path, image: Image, *, planes_an_hdu: int = 31) -> Path:
    """Write tile-compressed IMAGE, MASK and VARIANCE as lsst.images does: MSKN/MSKM cards, WCS ``A``."""
    names = list(image.planes)
    hdus: list = [fits.PrimaryHDU(), _compressed("IMAGE", image.pixels, image)]
    for version, start in enumerate(range(0, len(names), planes_an_hdu), start=1):
        part = names[start : start + planes_an_hdu]
        bits = sum(image.has_plane(name).astype(np.int32) << n for n, name in enumerate(part))
        hdu = _compressed("MASK", bits.astype(np.int32), image)
        hdu.header["EXTVER"] = version
        for n, name in enumerate(part):
            hdu.header[f"MSKN{n:04d}"], hdu.header[f"MSKM{n:04d}"] = name, 1 << n
        hdus.append(hdu)
    hdus.append(_compressed("VARIANCE", image.variance, image))
    hdus.append(fits.BinTableHDU.from_columns([fits.Column("json", "A", array=["{"])], name="JSON"))
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def _compressed(name: str, array: np.ndarray, image: Image) -> fits.CompImageHDU:
    header = wcs_header(image)
    header["CTYPE1A"], header["CTYPE2A"] = "LINEAR", "LINEAR"
    header["CRPIX1A"], header["CRPIX2A"] = 1.0, 1.0
    header["CRVAL1A"], header["CRVAL2A"] = float(image.box.x0), float(image.box.y0)
    if name != "MASK" and image.unit:
        header["BUNIT"] = image.unit if name == "IMAGE" else f"{image.unit}2"
    return fits.CompImageHDU(
        array, header, name=name, compression_type="GZIP_2", quantize_level=0, tile_shape=(16, 16)
    )


def damage(path: Path, name: str | int) -> Path:
    """Overwrite the tiles in the middle of a compressed HDU with zeros: a fifth of them."""
    with fits.open(path, disable_image_compression=True) as hdus:
        header = hdus[name].header
        heap = hdus[name].fileinfo()["datLoc"] + header["NAXIS1"] * header["NAXIS2"]
        size = header["PCOUNT"]  # tiles are rows, in order
    content = bytearray(path.read_bytes())
    first, last = size * 2 // 5, size * 3 // 5
    content[heap + first : heap + last] = bytes(last - first)
    path.write_bytes(content)
    return path
