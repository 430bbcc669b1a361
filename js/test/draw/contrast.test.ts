import { expect, test } from "vitest";
import { afterDrag, applyContrast, DEFAULT_CONTRAST } from "../../src/draw/contrast";
import { tableOf } from "../../src/draw/paint";
import { palettes } from "../kernel";

const gray = tableOf(palettes(), 0);
const redsOf = (table: Uint32Array): number[] =>
  [...new Uint8Array(table.buffer)].filter((_, i) => i % 4 === 0);

test("the default contrast changes nothing", () => {
  expect(applyContrast(gray, DEFAULT_CONTRAST)).toEqual(gray);
});

test("twice the contrast spreads the middle half of the levels over all colours", () => {
  const reds = redsOf(applyContrast(gray, { contrast: 2, bias: 0.5 }));
  // Level 1 + 254 t shows the colour of 1 + 254 (2 (t - 1/2) + 1/2); level 128 is the middle.
  expect([reds[1], reds[64], reds[128], reds[138], reds[192], reds[255]]).toEqual([1, 1, 128, 148, 255, 255]);
});

test("a higher bias moves the middle colour to brighter levels", () => {
  const reds = redsOf(applyContrast(gray, { contrast: 1, bias: 0.75 }));
  expect([reds[1], reds[128], reds[255]]).toEqual([1, 65, 192]);
});

test("pixels without data stay transparent", () => {
  expect(applyContrast(gray, { contrast: 0.1, bias: 0 })[0]).toBe(0);
});

test("a drag changes bias and contrast within their limits", () => {
  expect(afterDrag(DEFAULT_CONTRAST, 0.25, 0)).toEqual({ contrast: 1, bias: 0.75 });
  expect(afterDrag(DEFAULT_CONTRAST, 0, 0.5).contrast).toBeCloseTo(Math.sqrt(10), 12);
  expect(afterDrag(DEFAULT_CONTRAST, 9, 9)).toEqual({ contrast: 10, bias: 1 });
  expect(afterDrag(DEFAULT_CONTRAST, -9, -9)).toEqual({ contrast: 0.1, bias: 0 });
});
