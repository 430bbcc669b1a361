import { expect, test } from "vitest";
import type { InspectedPanel } from "../../src/inspector/panel";
import { magnitude, overlap, photometry, profile } from "../../src/inspector/photometry";
import type { DeepPixels } from "../../src/protocol";

/** A panel of some rows, lowest first, whose first pixel is (10, 20); every variance is 4. */
function panel(rows: number[][], psf?: number[][]): InspectedPanel {
  const about = { shape: [rows.length, rows[0]?.length ?? 0], x0: 10, y0: 20 } as unknown as DeepPixels;
  const values = Float32Array.from(rows.flat());
  const layers = psf === undefined ? {} : { psf: Float32Array.from(psf.flat()) };
  return { about, values, variance: values.map(() => 4), layers } as unknown as InspectedPanel;
}

const ones = (n: number): number[][] => Array.from({ length: n }, () => new Array<number>(n).fill(1));

test("a pixel counts by the exact part of it that lies inside the circle", () => {
  expect(overlap(2, -0.5, 0.5, -0.5, 0.5)).toBe(1); // inside
  expect(overlap(1, 2, 3, 0, 1)).toBe(0); // outside
  expect(overlap(1, 0, 2, 0, 2)).toBeCloseTo(Math.PI / 4, 14); // a quarter
  expect(overlap(0.25, -0.5, 0.5, -0.5, 0.5)).toBeCloseTo(Math.PI / 16, 14); // the circle inside the pixel
  // A segment: the cap of height 1/2 of a unit circle has the area pi / 3 - sqrt(3) / 4.
  expect(overlap(1, 0.5, 3, -3, 3)).toBeCloseTo(Math.PI / 3 - Math.sqrt(3) / 4, 14);
});

test("the fractions of all pixels add up to the circle area for any centre", () => {
  for (const [x, y, radius] of [[14, 24, 3], [14.3, 23.8, 2.71], [14.5, 24.5, 0.2]] as const) {
    const { flux, area, lacking } = photometry(panel(ones(9)), x, y, radius);
    expect(flux).toBeCloseTo(Math.PI * radius ** 2, 10);
    expect(area).toBeCloseTo(Math.PI * radius ** 2, 10);
    expect(lacking).toBeCloseTo(0, 12);
  }
}); // biome-ignore format: a list of circles

test("the error is that of the weighted sum", () => {
  // A circle of radius 1/4 lies in one pixel, whose sigma is 2; one on the corner of four has a quarter of it in each.
  expect(photometry(panel(ones(9)), 14, 24, 0.25).error).toBeCloseTo((2 * Math.PI) / 16, 12);
  expect(photometry(panel(ones(9)), 14.5, 24.5, 0.25).error).toBeCloseTo(
    (Math.sqrt(4) * 2 * Math.PI) / 64,
    12,
  );
});

test("the sky level is subtracted, and pixels without a value are counted as missing", () => {
  const rows = ones(9);
  (rows[4] as number[])[4] = Number.NaN;
  const { flux, lacking } = photometry(panel(rows), 14, 24, 2, 0.25);
  expect(flux).toBeCloseTo(0.75 * (4 * Math.PI - 1), 10);
  expect(lacking).toBeCloseTo(1 / (4 * Math.PI), 10);
});

test("a circle across the edge sums the pixels on the panel", () => {
  const { flux, lacking } = photometry(panel(ones(4)), 9.5, 19.5, 1);
  expect([flux, lacking]).toEqual([expect.closeTo(Math.PI / 4, 12), expect.closeTo(0.75, 12)]);
});

test("a positive flux has an AB magnitude in any unit of flux density", () => {
  expect(magnitude(1e3, 10, 1)).toEqual({
    value: expect.closeTo(23.9, 12),
    error: expect.closeTo(0.010857, 6),
  });
  expect(magnitude(1, null, 1e3)).toEqual({ value: expect.closeTo(23.9, 12), error: null }); // 1 uJy
  expect([magnitude(-1, 1, 1), magnitude(5, 1, null), magnitude(Number.NaN, 1, 1)]).toEqual([
    null,
    null,
    null,
  ]);
});

test("a profile has pixel distances, ring means, and the PSF fitted with a constant", () => {
  const psf = [[0, 0.1, 0], [0.1, 0.6, 0.1], [0, 0.1, 0]]; // biome-ignore format: rows
  const rows = psf.map((row) => row.map((one) => 3 + 10 * one));
  const found = profile(panel(rows, psf), 11, 21, 1.2);
  expect(found.radii).toEqual([1, 1, 0, 1, 1]);
  expect(found.rings).toEqual([
    { radius: 0.5, mean: 9 },
    { radius: 1.5, mean: 4 },
  ]);
  expect(found.psf.map((one) => one.mean)).toEqual([expect.closeTo(9, 5), expect.closeTo(4, 5)]);
});

test("an elongated PSF has one mean a ring, as its source has", () => {
  const psf = [[0, 0, 0], [0.2, 0.6, 0.2], [0, 0, 0]]; // biome-ignore format: rows
  const rows = psf.map((row) => row.map((one) => 3 + 10 * one));
  const found = profile(panel(rows, psf), 11, 21, 1.2);
  expect(found.psf.map((one) => one.radius)).toEqual([0.5, 1.5]);
  expect(found.psf.map((one) => one.mean)).toEqual([expect.closeTo(9, 5), expect.closeTo(4, 5)]); // (5 + 5 + 3 + 3) / 4
});
