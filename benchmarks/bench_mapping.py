"""Mapping 1000 segmented sources onto another image and back: all at once against one by one.

The images are 2000 x 2000 with SIP distortion of a few pixels, rotated by 12 degrees against each
other. Target: all at once in under a second.
"""

from __future__ import annotations

import numpy as np
from astropy.wcs import WCS, Sip

from benchmarks.timing import compare, report
from cutout_widgets.footprints.tracked import cut_mapped, cut_segments
from cutout_widgets.pixels.image import Image

SIDE = 2000
SOURCES = 1000


def sip_wcs(angle_deg: float, scale: float = 5.5e-5) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"]
    wcs.wcs.crval = [150.0, 2.0]
    wcs.wcs.crpix = [SIDE / 2, SIDE / 2]
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    wcs.wcs.cd = scale * np.array([[-c, s], [s, c]])
    a, b = np.zeros((4, 4)), np.zeros((4, 4))
    a[2, 0], a[0, 2], a[1, 1] = 3e-6, 1e-6, -2e-6
    b[0, 2], b[2, 0], b[1, 1] = 2.5e-6, -1e-6, 1.5e-6
    wcs.sip = Sip(a, b, None, None, wcs.wcs.crpix)
    wcs.wcs.set()
    return wcs


def scene() -> tuple[np.ndarray, np.ndarray, WCS, WCS]:
    """Return pixels, labels and the two WCS; sources are discs of radius 3 to 9 px on a jittered grid."""
    rng = np.random.default_rng(5)
    labels = np.zeros((SIDE, SIDE), np.int32)
    cells = int(np.ceil(np.sqrt(SOURCES)))
    step = (SIDE - 400) / cells
    for k in range(SOURCES):
        y, x = 200 + step * (np.array(divmod(k, cells)) + rng.uniform(0.3, 0.7, 2))
        r = rng.uniform(3, 9)
        y0, x0 = int(y - r), int(x - r)
        yy, xx = np.mgrid[y0 : y0 + int(2 * r) + 2, x0 : x0 + int(2 * r) + 2]
        labels[yy, xx] = np.where((yy - y) ** 2 + (xx - x) ** 2 <= r * r, k + 1, labels[yy, xx])
    pixels = rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32)
    return pixels, labels, sip_wcs(0.0), sip_wcs(12.0)


def all_at_once(pixels, labels, first, second):
    ids = np.arange(1, SOURCES + 1)
    cuts = cut_segments(Image(pixels, wcs=first), labels, ids, padding_px=1)
    there = cut_mapped(cuts, Image(pixels, wcs=second), padding_px=1)
    return cut_mapped(there, Image(pixels, wcs=first), padding_px=1, covers="touch", labels=labels, fill=0)


def one_by_one(pixels, labels, first, second):
    """The usual way: a pass over the segmentation and four projected corners for each source."""

    def project(box, source, target):
        y0, y1, x0, x1 = box
        corners = np.array([[x0, y0], [x0, y1], [x1, y1], [x1, y0]]) - 0.5
        mapped = target.all_world2pix(source.all_pix2world(corners, 0), 0, tolerance=1e-5, maxiter=50)
        (a, b), (c, d) = np.floor(mapped.min(0)) - 1, np.ceil(mapped.max(0)) + 1
        return int(b), int(d) + 1, int(a), int(c) + 1

    made = []
    for one in np.arange(1, SOURCES + 1):
        y, x = np.nonzero(labels == one)
        box = y.min() - 1, y.max() + 2, x.min() - 1, x.max() + 2
        there = project(box, first, second)
        y0, y1, x0, x1 = project(there, second, first)
        made.append((pixels[y0:y1, x0:x1].copy(), labels[y0:y1, x0:x1] != one))
    return made


def main() -> None:
    given = scene()
    cuts = all_at_once(*given)
    print(f"  {sum(one.image is not None for one in cuts)} of {SOURCES} sources mapped there and back")
    found = compare(lambda: one_by_one(*given), lambda: all_at_once(*given), rounds=3)
    report(f"{SOURCES} sources through two SIP WCS", found)


if __name__ == "__main__":
    main()
