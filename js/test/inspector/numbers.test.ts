import { expect, test } from "vitest";
import {
  degrees,
  hours,
  magnitudeWithError,
  unitInWords,
  value,
  withError,
} from "../../src/inspector/numbers";

test("rounding carries over to minutes, hours and degrees", () => {
  expect(hours(10.3714985)).toBe("00:41:29.160");
  expect(hours(359.99999999)).toBe("00:00:00.000");
  expect(degrees(-45.1040493)).toBe("\u221245:06:14.58");
  expect(degrees(0.99999999)).toBe("+01:00:00.00");
  expect(degrees(-0.0001)).toBe("\u221200:00:00.36");
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

test("a flux has as many digits as its error, however large it is", () => {
  expect(withError(1784012.4, 127.33, "nJy")).toBe("1784012 \u00b1 127 nJy");
  expect(withError(-7438.214, 27.91, "nJy")).toBe("\u22127438.2 \u00b1 27.9 nJy");
  expect(withError(0.4851, 0.02054, "")).toBe("0.4851 \u00b1 0.0205");
  expect(withError(3e-9, 2e-10, "Jy")).toBe("3e\u22129 \u00b1 2e\u221210 Jy");
  expect(withError(12.345678, null, "")).toBe("12.346");
});

test("a magnitude has three decimals, or as many as its error needs", () => {
  expect(magnitudeWithError(21.72149, 0.00407)).toBe("21.721 \u00b1 0.004");
  expect(magnitudeWithError(15.77216, 0.0000775)).toBe("15.77216 \u00b1 0.00008");
  expect(magnitudeWithError(15.77216, null)).toBe("15.772");
});
