// @vitest-environment jsdom
import { expect, test } from "vitest";
import { footprintOutline } from "../../src/draw/overlay";

test("a footprint is drawn along the edges of its pixels, highest row first", () => {
  // The lower left pixel of a panel of 3 rows and 4 columns whose first pixel is (200, 100).
  const square = [199.5, 99.5, 200.5, 99.5, 200.5, 100.5, 199.5, 100.5, 199.5, 99.5];
  const svg = footprintOutline([square], { x0: 200, y0: 100 }, [3, 4]);
  expect(svg.getAttribute("viewBox")).toBe("0 0 4 3");
  expect(svg.querySelector("path")?.getAttribute("d")).toBe("M0 3L1 3L1 2L0 2L0 3Z");
});

test("holes and separate pieces are separate paths", () => {
  const svg = footprintOutline(
    [
      [0, 0, 1, 0, 0, 0],
      [2, 2, 3, 2, 2, 2],
    ],
    { x0: 0, y0: 0 },
    [5, 5],
  );
  expect(svg.querySelector("path")?.getAttribute("d")?.match(/M/g)).toHaveLength(2);
});
