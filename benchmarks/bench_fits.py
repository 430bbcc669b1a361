"""The first triplet of three compressed 4k FITS files, and 24 more, against full reads of what is needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from benchmarks.timing import compare, report, scratch_folder
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.stores.fits.tile_codes import inflater, rice_decoder
from cutout_widgets.testing import make_sources, make_wcs

SIDE = 4096
REGION = Region((30,))


def write(path: Path, tile: tuple[int, int], seed: int) -> Path:
    """Write image, mask and variance as a survey does: Rice for floats, gzip for bits."""
    rng = np.random.default_rng(seed)
    header = make_wcs(at=(SIDE / 2, SIDE / 2)).to_header()
    hdus: list[fits.PrimaryHDU | fits.CompImageHDU] = [fits.PrimaryHDU()]
    for kind, array in (
        ("IMAGE", rng.normal(0, 30, (SIDE, SIDE)).astype(np.float32)),
        ("MASK", (rng.random((SIDE, SIDE)) < 0.01).astype(np.int32) << 5),
        ("VARIANCE", rng.normal(900, 5, (SIDE, SIDE)).astype(np.float32)),
    ):
        cards = header.copy()
        cards["EXTTYPE"] = kind
        cards["HIERARCH MP_DETECTED"] = 5
        how = {"compression_type": "GZIP_2"} if kind == "MASK" else {"quantize_level": 16}
        hdus.append(fits.CompImageHDU(array, cards, tile_shape=tile, **how))
    fits.HDUList(hdus).writeto(path)
    return path


def main() -> None:
    rice = "imagecodecs" if "imagecodecs" in rice_decoder().__name__ else "astropy"
    print(f"  Rice by {rice}, gzip by {inflater().__module__} (extra fast: imagecodecs, isal)")
    sources = [
        replace(source, ra=53.0 + source.index * 1e-4, dec=-28.0, row={})
        for source in make_sources(25, image=None)
    ]
    with scratch_folder() as folder:
        for name, tile in (("rows", (1, SIDE)), ("tiles of 128", (128, 128))):
            files = [write(folder / f"{name}{seed}.fits", tile, seed) for seed in range(3)]

            def whole(files: list[Path] = files) -> list[np.ndarray]:
                read = []
                for file in files:
                    with fits.open(file, memmap=False) as hdus:
                        read += [hdus[number].data[2000:2030, 2000:2030].copy() for number in (1, 2, 3)]
                return read

            def first(files: list[Path] = files) -> list[object]:
                return list(FitsImages(*files).read(sources[:1], REGION))

            def page(files: list[Path] = files) -> list[object]:
                return list(FitsImages(*files).read(sources[1:], REGION))

            what = f"4k FITS, Rice in {name}"
            report(f"{what}, first triplet", compare(whole, first, rounds=5), floor=50)
            report(f"{what}, 24 triplets side by side", compare(whole, page, rounds=3), floor=15)
            apart = [
                replace(source, dec=-28.0 + (number * 7 % 24 - 12) * 0.008)
                for number, source in enumerate(sources[1:])
            ]

            def scattered(files: list[Path] = files, apart: list[DiaSource] = apart) -> list[object]:
                return list(FitsImages(*files).read(apart, REGION))

            report(f"{what}, 24 triplets all over it", compare(whole, scattered, rounds=3), floor=15)


if __name__ == "__main__":
    main()
