import { expect, test } from "vitest";
import { compiled } from "../../src/page_file/query";
import type { Value } from "../../src/page_file/stored";

const ROW: Record<string, Value> = {
  snr: 12.5,
  band: "g",
  isDipole: false,
  isSpike: null,
  label: null,
  "odd name": 3,
  id: 9007199254740993n,
};

const passes = (query: string): boolean =>
  compiled(query, (name) => Object.hasOwn(ROW, name))((name) => ROW[name]);

test.each([
  ["snr > 10 and band == 'g'", true],
  ["snr > 10 & band == 'r' | snr >= 12.5", true],
  ["10 < snr < 12", false],
  ["10 < snr < 13", true],
  ["not isDipole", true],
  ["~isDipole", true],
  ["band in ['r', \"g\"]", true],
  ["band not in ['r', 'g']", false],
  ["band.isin(['i'])", false],
  ["snr.between(12.5, 13)", true],
  ["label.isna()", true],
  ["label.notna() or (snr - 2.5) / 2 == 5", true],
  ["`odd name` == 3", true],
  ["-snr < -12 and snr.abs() > 1e1", true],
  ["id == 9007199254740993", true],
  ["id == 9007199254740992", false],
])("%s is %s", (query, expected) => {
  expect(passes(query)).toBe(expected);
});

test("missing values pass neither a comparison nor its opposite", () => {
  expect(passes("isSpike")).toBe(false);
  expect(passes("not isSpike")).toBe(false);
  expect(passes("label == 'real'")).toBe(false);
  expect(passes("not (label == 'real')")).toBe(false);
  expect(passes("(isSpike or isDipole).isna()")).toBe(true);
  expect(passes("isSpike or snr > 1")).toBe(true);
});

test.each([
  ["snr >", "ends too early"],
  ["snr > 1 )", "ends before )"],
  ["nothing == 1", "no column nothing"],
  ["band.str()", "does not support .str()"],
  ["snr ; 1", "cannot be read from"],
  ["(snr > 1", "lacks a )"],
  ["constructor == 1", "no column constructor"],
])("%s is refused: %s", (query, reason) => {
  expect(() => passes(query)).toThrow(reason);
});
