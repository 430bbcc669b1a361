import { expect, test } from "vitest";
import { axisOf, histogramOf } from "../../src/inspector/histogram";
import { roundStep } from "../../src/inspector/plot";

test("an axis covers all values and maps positions back to values", () => {
  const axis = axisOf(Float32Array.from([-2, -1, 0, 1, 2, 10_000, Number.NaN]));
  expect([axis.place(-2), axis.place(10_000)]).toEqual([0, 1]);
  expect(axis.value(axis.place(5))).toBeCloseTo(5, 10);
  expect(axis.place(2) - axis.place(-2)).toBeGreaterThan(0.05); // the sky is seen beside a bright star
});

test("an axis includes limits beyond the values, and a constant image has an axis", () => {
  expect(axisOf(Float32Array.from([0, 1]), [-5, 9]).place(9)).toBe(1);
  const flat = axisOf(Float32Array.from([7, 7]));
  expect(flat.place(7)).toBe(0.5);
});

test("every pixel with a value is counted in one bin", () => {
  const values = Float32Array.from([0, 0, 1, 2, 3, Number.NaN]);
  const counts = histogramOf(values, axisOf(values), 3);
  expect(counts.reduce((a, b) => a + b)).toBe(5);
  expect([counts[0], counts[2]]).toEqual([2, 2]);
});

test("ticks are 1, 2 or 5 times a power of ten", () => {
  expect([0.7, 1.2, 3, 7, 130].map(roundStep)).toEqual([1, 2, 5, 10, 200]);
});
