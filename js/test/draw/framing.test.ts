import { expect, test } from "vitest";
import { onFrame, onPanel, transformOf, wholeOf } from "../../src/draw/framing";
import { UNTURNED } from "../../src/draw/orientation";

const QUARTER = { a: 0, b: -1, c: 1, d: 0 };

test("a fitted panel fills its frame up to the outer pixel edges", () => {
  // Three rows and four columns: the left edge is at x = -0.5, and the height fills three quarters.
  expect(onFrame(wholeOf([3, 4]), UNTURNED, [3, 4], -0.5, 2.5)).toEqual([-0.5, -0.375]);
  expect(onFrame(wholeOf([3, 4]), UNTURNED, [3, 4], 1.5, 1)).toEqual([0, 0]);
});

test("a zoomed panel is centred on its pixel and enlarged by the zoom factor", () => {
  const framing = { zoom: 4, x: 10, y: 20 };
  expect(onFrame(framing, UNTURNED, [40, 40], 10, 20)).toEqual([0, 0]);
  expect(onFrame(framing, UNTURNED, [40, 40], 12, 21)).toEqual([0.2, -0.1]); // 2 right and 1 up, of 10 seen
});

test.each([UNTURNED, QUARTER])("the pixel at a position on the frame is the one drawn there", (turn) => {
  const framing = { zoom: 2.5, x: 3, y: 7 };
  const [u, v] = onFrame(framing, turn, [12, 9], 5.25, 6.5);
  const back = onPanel(framing, turn, [12, 9], u, v);
  expect([back.x, back.y]).toEqual([expect.closeTo(5.25, 12), expect.closeTo(6.5, 12)]);
});

test("the transform is relative to the panel size, so it is valid for any frame size", () => {
  expect(transformOf(wholeOf([4, 4]), UNTURNED, [4, 4])).toBe("");
  // Pixel (2.5, 1.5) is 1 right of the middle: the panel moves a quarter of its side to the left.
  expect(transformOf({ zoom: 2, x: 2.5, y: 1.5 }, UNTURNED, [4, 4])).toBe("scale(2) translate(-25%, 0%)");
});
