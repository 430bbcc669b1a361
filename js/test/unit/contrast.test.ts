import { expect, test } from "vitest";
import { dragged, PLAIN, respread } from "../../src/contrast";
import { tableOf } from "../../src/paint";
import { palettes } from "../kernel";

const gray = tableOf(palettes(), 0);
const redsOf = (table: Uint32Array): number[] =>
  [...new Uint8Array(table.buffer)].filter((_, i) => i % 4 === 0);

test("plain changes nothing", () => {
  expect(respread(gray, PLAIN)).toEqual(gray);
});

test("twice the contrast spreads the middle half of the levels over all colours", () => {
  const reds = redsOf(respread(gray, { contrast: 2, bias: 0.5 }));
  // Level 1 + 254 t shows the colour of 1 + 254 (2 (t - 1/2) + 1/2); level 128 is the middle.
  expect([reds[1], reds[64], reds[128], reds[138], reds[192], reds[255]]).toEqual([1, 1, 128, 148, 255, 255]);
});

test("a higher bias moves the middle colour to brighter levels", () => {
  const reds = redsOf(respread(gray, { contrast: 1, bias: 0.75 }));
  expect([reds[1], reds[128], reds[255]]).toEqual([1, 65, 192]);
});

test("no data stays a hole", () => {
  expect(respread(gray, { contrast: 0.1, bias: 0 })[0]).toBe(0);
});

test("a drag of half a panel right and a whole one down, and no further than the ends", () => {
  expect(dragged(PLAIN, 0.25, 0)).toEqual({ contrast: 1, bias: 0.75 });
  expect(dragged(PLAIN, 0, 0.5).contrast).toBeCloseTo(Math.sqrt(10), 12);
  expect(dragged(PLAIN, 9, 9)).toEqual({ contrast: 10, bias: 1 });
  expect(dragged(PLAIN, -9, -9)).toEqual({ contrast: 0.1, bias: 0 });
});
