import { expect, test } from "vitest";
import { type SkyGrid, skyOf } from "../../src/draw/sky";
import type { Lattice } from "../../src/protocol";

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

const SQUARE: Lattice = { offset: 0, shape: [2, 2], x: [99.5, 109.5], y: [-0.5, 9.5] };

/** A tangent plane of 0.2 arcsec a pixel about RA 40, Dec 60, turned and mirrored, sampled at 3 x 4 nodes. */
function turned(angle: number, x: [number, number], y: [number, number]): SkyGrid {
  const scale = (0.2 / 3600) * (Math.PI / 180);
  const [ra, dec] = [(40 * Math.PI) / 180, (60 * Math.PI) / 180];
  const east = [-Math.sin(ra), Math.cos(ra), 0];
  const north = [-Math.sin(dec) * Math.cos(ra), -Math.sin(dec) * Math.sin(ra), Math.cos(dec)];
  const middle = [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
  const bytes = new DataView(new ArrayBuffer(3 * 4 * 3 * 8));
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 4; column++) {
      const [px, py] = [x[0] + ((x[1] - x[0]) * column) / 3 - 100, y[0] + ((y[1] - y[0]) * row) / 2 - 50];
      const [e, n] = [
        -scale * (px * Math.cos(angle) - py * Math.sin(angle)),
        scale * (px * Math.sin(angle) + py * Math.cos(angle)),
      ];
      const v = [0, 1, 2].map((k) => (middle[k] ?? 0) + e * (east[k] ?? 0) + n * (north[k] ?? 0));
      const length = Math.hypot(...v);
      for (let k = 0; k < 3; k++)
        bytes.setFloat64(((row * 4 + column) * 3 + k) * 8, (v[k] ?? 0) / length, true);
    }
  return skyOf({ offset: 0, shape: [3, 4], x, y }, bytes);
}

test("a direction is found again, also on rotated pixels and outside the panel", () => {
  const one = turned(0, [69.5, 129.5], [19.5, 79.5]);
  const other = turned(Math.PI / 2, [79.5, 139.5], [29.5, 89.5]);
  const back = one.find(one.directionAt(75.25, 63.5));
  expect(back?.x).toBeCloseTo(75.25, 5);
  expect(back?.y).toBeCloseTo(63.5, 5);
  const there = other.find(one.directionAt(110, 55)); // 10 right and 5 up of the point that both share
  expect(there?.x).toBeCloseTo(105, 4);
  expect(there?.y).toBeCloseTo(40, 4);
  expect(other.find(one.directionAt(100, 20))?.x).toBeCloseTo(70, 4); // left of its edge
});

test("a direction on a sky that does not change over the panel is not found", () => {
  const still = skyOf(SQUARE, new DataView(new ArrayBuffer(96)));
  expect(still.find([1, 0, 0])).toBeNull();
});

test("the sky is interpolated, also across RA 0", () => {
  const { at } = skyOf(SQUARE, corners());
  expect(at(99.5, -0.5).ra).toBeCloseTo(359.5, 9);
  expect(at(109.5, 9.5).dec).toBeCloseTo(0.5, 9);
  expect(Math.min(at(104.5, 4.5).ra, 360 - at(104.5, 4.5).ra)).toBeCloseTo(0, 9);
  expect(at(102, 4.5).ra).toBeCloseTo(359.75, 4);
});
