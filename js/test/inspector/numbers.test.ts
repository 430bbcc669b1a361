import { expect, test } from "vitest";
import { degrees, hours, unitInWords, value } from "../../src/inspector/numbers";

test("rounding carries over to minutes, hours and degrees", () => {
  expect(hours(10.3714985)).toBe("00:41:29.16");
  expect(hours(359.99999999)).toBe("00:00:00.00");
  expect(degrees(-45.1040493)).toBe("\u221245:06:14.6");
  expect(degrees(0.99999999)).toBe("+01:00:00.0");
  expect(degrees(-0.0001)).toBe("\u221200:00:00.4");
});

test("values are short and use a minus sign, not a hyphen", () => {
  expect(
    [0, -12.8271, 1234567, 126950.4, 0.00012, Number.NaN, Number.NEGATIVE_INFINITY, 100].map(value),
  ).toEqual(["0", "\u221212.827", "1.235e+6", "126950", "1.2e\u22124", "no data", "\u2212\u221e", "100"]);
});

test("powers in units are raised", () => {
  expect(["deg", "deg**2", "ct s**-1", "mag arcsec^(-2)", ""].map(unitInWords)).toEqual([
    "deg",
    "deg\u00b2",
    "ct s\u207b\u00b9",
    "mag arcsec\u207b\u00b2",
    "",
  ]);
});
