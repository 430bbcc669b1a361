"""Small alert packets for tests, written the way the surveys write them."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

SCALE_DEG = 0.2 / 3600


def lsst_stamp(
    pixels: np.ndarray,
    *,
    source: tuple[float, float] = (2.5, 2.5),
    ra: float = 10.0,
    dec: float = -45.0,
    rotation_deg: float = 0.0,
    corner: tuple[int, int] = (100, 200),
    variance: np.ndarray | None = None,
    psf: np.ndarray | None = None,
    **cards: Any,
) -> bytes:
    """FITS as LSST writes it: no CTYPE, CRPIX on the source, CUTMIN one too small.

    `source` is the 0-based (x, y) of the source in the stamp, `corner` the detector pixel (x, y) of
    the stamp's first pixel, `rotation_deg` the angle from +y to north, counter-clockwise.
    """
    angle = np.radians(rotation_deg)
    header = fits.Header()
    header["CUTMINX"], header["CUTMINY"] = corner[0] - 1, corner[1] - 1
    header["BUNIT"] = "nJy"
    header["CRPIX1"], header["CRPIX2"] = source[0] + 1, source[1] + 1
    header["PC1_1"], header["PC1_2"] = -SCALE_DEG * np.cos(angle), -SCALE_DEG * np.sin(angle)
    header["PC2_1"], header["PC2_2"] = -SCALE_DEG * np.sin(angle), SCALE_DEG * np.cos(angle)
    header["CDELT1"], header["CDELT2"] = 1.0, 1.0
    header["CRVAL1"], header["CRVAL2"] = ra, dec
    header.update(cards)
    hdus = fits.HDUList([fits.PrimaryHDU(pixels.astype(">f4"), header)])
    if variance is not None:
        uncertainty = fits.ImageHDU(variance.astype(">f4"), name="UNCERT")
        uncertainty.header["UTYPE"] = "VarianceUncertainty"
        hdus.append(uncertainty)
    if psf is not None:
        hdus.append(fits.ImageHDU(psf.astype(">f8"), name="PSFIMAGE"))
    return fits_bytes(hdus)


def plain_stamp(pixels: np.ndarray) -> bytes:
    """FITS without a WCS, as ZTF and its kin write it."""
    return fits_bytes(fits.HDUList([fits.PrimaryHDU(pixels.astype(">f4"))]))


def fits_bytes(hdus: fits.HDUList) -> bytes:
    """The bytes of a FITS file."""
    out = io.BytesIO()
    hdus.writeto(out)
    return out.getvalue()


def lsst_packet(number: int, *, seed: int = 0, side: int = 6, **more: Any) -> dict[str, Any]:
    """A packet of schema 9.0 about source `number`, its stamps filled with seeded noise."""
    noise = np.random.default_rng([seed, number])
    x0, y0 = 100 + number % 50, 200
    stamps = [
        lsst_stamp(noise.normal(0, 10, (side, side)), corner=(x0, y0), variance=np.full((side, side), 100.0))
        for _ in range(3)
    ]
    source = {
        "diaSourceId": number,
        "visit": 2025090500225,
        "detector": 2,
        "diaObjectId": 7,
        "ssObjectId": 0,
        "midpointMjdTai": 60924.25 + number,
        "ra": 10.0,
        "dec": -45.0,
        "x": x0 + 2.5,
        "y": y0 + 2.5,
        "psfFlux": 300.0,
        "psfFluxErr": 30.0,
        "snr": 10.0,
        "band": "i",
        "pixelFlags_bad": False,
        "timeProcessedMjdTai": 60924.5,
    }
    packet = {
        "diaSourceId": number,
        "diaSource": source,
        "cutoutTemplate": stamps[0],
        "cutoutScience": stamps[1],
        "cutoutDifference": stamps[2],
    }
    return packet | more


def ztf_packet(candid: int, pixels: np.ndarray, **candidate: Any) -> dict[str, Any]:
    """A packet as ZTF writes it, the same pixels in its three stamps."""
    stamp = {"fileName": f"candid{candid}.fits.gz", "stampData": gzip.compress(plain_stamp(pixels))}
    return {
        "objectId": "ZTF20aaelulu",
        "candid": candid,
        "candidate": {
            "jd": 2458860.5, "fid": 2, "candid": candid, "ra": 185.7, "dec": 15.8, "isdiffpos": "t",
            "magpsf": 18.9, "sigmapsf": 0.1, "xpos": 1000.0, "ypos": 1000.0,
        } | candidate,
        "cutoutTemplate": stamp, "cutoutScience": stamp, "cutoutDifference": stamp,
    }  # fmt: skip


ZTF_SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "alert",
    "namespace": "ztf",
    "fields": [
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": "long"},
        {
            "name": "candidate",
            "type": {
                "type": "record",
                "name": "candidate",
                "fields": [
                    {"name": "jd", "type": "double"},
                    {"name": "fid", "type": "int"},
                    {"name": "candid", "type": "long"},
                    {"name": "ra", "type": "double"},
                    {"name": "dec", "type": "double"},
                    {"name": "isdiffpos", "type": "string"},
                    {"name": "magpsf", "type": "float"},
                    {"name": "sigmapsf", "type": "float"},
                    {"name": "xpos", "type": ["float", "null"], "default": 0.0},
                    {"name": "ypos", "type": ["float", "null"], "default": 0.0},
                ],
            },
        },
        *(
            {
                "name": f"cutout{panel}",
                "type": [
                    "null",
                    {
                        "type": "record",
                        "name": "cutout",
                        "fields": [
                            {"name": "fileName", "type": "string"},
                            {"name": "stampData", "type": "bytes"},
                        ],
                    }
                    if panel == "Template"
                    else "ztf.cutout",
                ],
            }
            for panel in ("Template", "Science", "Difference")
        ),
    ],
}


def write_container(
    path: Path, packets: list[dict[str, Any]], *, schema: Any = None, codec: str = "null", block: int = 1
) -> Path:
    """An Avro container; `block` = 1 puts each packet into a block of its own."""
    import fastavro

    from cutout_widgets.stores.alerts.lsst import lsst_schema

    with path.open("wb") as out:
        fastavro.writer(out, schema or lsst_schema("9.0"), packets, codec=codec, sync_interval=block)
    return path


def wire_message(packet: dict[str, Any], *, version: str = "9.0", number: int = 1234) -> bytes:
    """A Kafka message: a zero byte, the number of the schema, the packet without its schema."""
    import fastavro

    from cutout_widgets.stores.alerts.lsst import lsst_schema

    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(lsst_schema(version)), packet)
    return b"\x00" + number.to_bytes(4) + out.getvalue()
