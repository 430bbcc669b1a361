import { expect, test } from "vitest";
import { angleUp, cssOf, northUp, turnedBack, turnedCompass } from "../../src/draw/orientation";
import type { Compass } from "../../src/protocol";
import { MIRRORED } from "../kernel";

const at = (degrees: number, parity: 1 | -1): Compass => {
  const angle = (degrees * Math.PI) / 180;
  const [x, y] = [-Math.sin(angle), Math.cos(angle)]; // north, counter-clockwise of up
  return { north: [x, y], east: [-parity * y, parity * x], arcsec_per_px: 0.2 };
};

test.each([
  [0, 1],
  [30, 1],
  [-165, 1],
  [0, -1],
  [75, -1],
  [180, -1],
] as const)("north goes up and east left from %i degrees, parity %i", (degrees, parity) => {
  const compass = at(degrees, parity);
  const { north, east } = turnedCompass(northUp(compass), compass);
  for (const [got, wanted] of [[north, [0, 1]], [east, [-1, 0]]] as const)
    for (const k of [0, 1] as const) expect(got[k]).toBeCloseTo(wanted[k], 12);
}); // biome-ignore format: pairs read better so

test.each([
  [0, 30, 1],
  [90, 30, 1],
  [-135, 75, -1],
  [20, 180, -1],
] as const)("position angle %i goes up where north is at %i degrees, parity %i", (angle, degrees, parity) => {
  const compass = at(degrees, parity);
  const { north, east } = turnedCompass(angleUp(compass, angle), compass);
  const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const [x, y] = ([0, 1] as const).map((k) => cos * north[k] + sin * east[k]);
  expect(x).toBeCloseTo(0, 12);
  expect(y).toBeCloseTo(1, 12);
});

test("the matrix follows the convention of CSS, where y goes down", () => {
  // North points right and east up: a quarter turn counter-clockwise. The right edge (1, 0) goes to the top (0, -1).
  expect(cssOf(northUp({ north: [1, 0], east: [0, 1], arcsec_per_px: 1 }))).toBe("matrix(0, -1, 1, 0, 0, 0)");
  // Mirrored: x and y change places; on the screen the right edge goes to the top, the lower one to the left.
  expect(cssOf(northUp(MIRRORED))).toBe("matrix(0, -1, -1, 0, 0, 0)");
});

test.each([1, -1] as const)("a step on the screen is turned back to panel pixels, parity %i", (parity) => {
  const turn = northUp(at(30, parity));
  const { a, b, c, d } = turn;
  const [x, y] = [3, -7];
  const [backX, backY] = turnedBack(turn, a * x + c * y, b * x + d * y); // what CSS does to (x, y)
  expect(backX).toBeCloseTo(x, 12);
  expect(backY).toBeCloseTo(y, 12);
});
