import { expect, test } from "vitest";
import { degrees, hours, skyOf, value } from "../../src/sky";

/** Nodes at the corners of a square of one degree about RA 0, where a naive mean would fail. */
function corners(): DataView {
  const bytes = new DataView(new ArrayBuffer(96));
  [
    [359.5, -0.5],
    [0.5, -0.5],
    [359.5, 0.5],
    [0.5, 0.5],
  ].forEach(([ra = 0, dec = 0], i) => {
    const [a, d] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180];
    [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)].forEach((x, k) => {
      bytes.setFloat64((3 * i + k) * 8, x, true);
    });
  });
  return bytes;
}

test("the sky is interpolated, across the first meridian too", () => {
  const at = skyOf({ offset: 0, shape: [2, 2], x: [99.5, 109.5], y: [-0.5, 9.5] }, corners());
  expect(at(99.5, -0.5).ra).toBeCloseTo(359.5, 9);
  expect(at(109.5, 9.5).dec).toBeCloseTo(0.5, 9);
  expect(Math.min(at(104.5, 4.5).ra, 360 - at(104.5, 4.5).ra)).toBeCloseTo(0, 9);
  expect(at(102, 4.5).ra).toBeCloseTo(359.75, 4);
});

test("hours and degrees carry over", () => {
  expect(hours(10.3714985)).toBe("00:41:29.16");
  expect(hours(359.99999999)).toBe("00:00:00.00");
  expect(degrees(-45.1040493)).toBe("\u221245:06:14.6");
  expect(degrees(0.99999999)).toBe("+01:00:00.0");
  expect(degrees(-0.0001)).toBe("\u221200:00:00.4");
});

test("values are short and have a real minus", () => {
  expect([0, -12.8271, 1234567, 0.00012, Number.NaN, Number.NEGATIVE_INFINITY, 100].map(value)).toEqual([
    "0",
    "\u221212.827",
    "1.235e+6",
    "1.2e\u22124",
    "no data",
    "\u2212\u221e",
    "100",
  ]);
});
