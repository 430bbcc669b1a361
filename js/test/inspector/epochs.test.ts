import { expect, test } from "vitest";
import { type CurveChoice, epochsOf, rangeOf, ticksOf, zoomed } from "../../src/inspector/epochs";
import { tickWords } from "../../src/inspector/light_curve_plot";
import { symbolAt, symbolsOf } from "../../src/inspector/symbols";
import { epoch } from "../kernel";

const choice = (of: Partial<CurveChoice> = {}): CurveChoice => ({
  flux: "flux",
  unit: "nJy",
  time: "mjd",
  period: null,
  ...of,
});

test("time is MJD, days since the first point, or a phase from it", () => {
  const points = [epoch({ time: 61000.5 }), epoch({ time: 61003 })];
  const xs = (of: Partial<CurveChoice>) => epochsOf(points, choice(of)).drawn.map((one) => one.x);
  expect(xs({})).toEqual([61000.5, 61003]);
  expect(xs({ time: "days" })).toEqual([0, 2.5]);
  expect(xs({ period: 2 })).toEqual([0, 0.25]);
});

test("magnitudes are AB with their errors, and fluxes that are not positive are counted, not drawn", () => {
  const points = [epoch({ flux: 3630.78, flux_err: 100 }), epoch({ flux: -5 }), epoch({ flux: 0 })];
  const { drawn, withoutMagnitude } = epochsOf(points, choice({ unit: "mag" }));
  expect(drawn.map((one) => one.y.toFixed(3))).toEqual(["22.500"]);
  expect(drawn[0]?.error).toBeCloseTo((1.0857 * 100) / 3630.78, 4);
  expect(withoutMagnitude).toBe(2);
});

test("the science flux is drawn for points that have it", () => {
  const points = [epoch({ science: 900, science_err: 9 }), epoch({ science: null })];
  expect(epochsOf(points, choice({ flux: "science" })).drawn.map((one) => [one.y, one.error])).toEqual([
    [900, 9],
  ]);
});

test("a distant upper limit does not compress the curve, and zero flux is visible", () => {
  const points = [epoch({ flux: 100, flux_err: 0 }), epoch({ kind: "limit", flux: 9000, time: 61010 })];
  const range = rangeOf(epochsOf(points, choice()).drawn, choice());
  expect(range?.y0).toBeCloseTo(-6);
  expect(range?.y1).toBeCloseTo(106);
});

test("a single point has valid axes, in magnitudes with the faint end below", () => {
  const one = choice({ unit: "mag" });
  const range = rangeOf(epochsOf([epoch({ flux: 3630.78, flux_err: null })], one).drawn, one);
  expect([range?.x0, range?.x1]).toEqual([60999.5, 61000.5]);
  expect([range?.y0, range?.y1].map((y) => y?.toFixed(2))).toEqual(["23.00", "22.00"]);
});

test("limits are inside the axes in magnitudes, and widen them in flux only if nothing was measured", () => {
  const points = [
    epoch({ flux: 36307.8, flux_err: null }), // 20.0
    epoch({ time: 60990, kind: "limit", flux: 3630.78, flux_err: null }), // 22.5
  ];
  const mag = choice({ unit: "mag" });
  const faint = rangeOf(epochsOf(points, mag).drawn, mag);
  expect(faint?.y0).toBeCloseTo(22.5 + 0.15, 3);
  expect(faint?.y1).toBeCloseTo(20.0 - 0.15, 3);
  const shallow = [epoch({ flux: 100, flux_err: null }), epoch({ kind: "limit", flux: 1e6, flux_err: null })];
  expect(rangeOf(epochsOf(shallow, choice()).drawn, choice())?.y1).toBeCloseTo(106);
});

test("zooming keeps the position under the pointer, along one axis or both", () => {
  const range = { x0: 0, x1: 10, y0: 0, y1: 100 };
  expect(zoomed(range, 5, 0, 2, "both")).toEqual({ x0: 2.5, x1: 7.5, y0: 0, y1: 50 });
  expect(zoomed(range, 5, 50, 2, "x")).toEqual({ x0: 2.5, x1: 7.5, y0: 0, y1: 100 });
});

test("ticks are round, also on a decreasing axis", () => {
  const { values, digits } = ticksOf(23, 22, 5);
  expect(values.map((one) => one.toFixed(digits))).toEqual(["22.0", "22.2", "22.4", "22.6", "22.8", "23.0"]);
});

test("no two bands of a curve have the same symbol", () => {
  const symbols = symbolsOf(["u", "g", "r", "i", "z", "y", "o", "c", "w"]);
  expect(new Set([...symbols.values()].map((one) => symbolAt(one, 0, 0))).size).toBe(9);
});

test("axis labels use scientific notation for all values or none", () => {
  const words = (values: number[], digits = 0) => values.map(tickWords(values, digits));
  expect(words([-200000, -100000, 0, 50000])).toEqual(["\u22122e5", "\u22121e5", "0", "5e4"]);
  expect(words([0, 20000, 40000])).toEqual(["0", "20000", "40000"]);
  expect(words([-0.5, 15.5], 1)).toEqual(["\u22120.5", "15.5"]);
});
