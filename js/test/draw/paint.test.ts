// @vitest-environment jsdom
import { expect, test } from "vitest";
import { colours, levelsOf, paint, tableOf } from "../../src/draw/paint";
import { palettes } from "../kernel";
import "../canvas";

const bytesOf = (pixels: Uint32Array): number[] => [...new Uint8Array(pixels.buffer)];

test("image rows go up and canvas rows go down, so the lowest row is drawn last", () => {
  const levels = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const reds = bytesOf(colours(levels, 3, 2, tableOf(palettes(), 0))).filter((_, i) => i % 4 === 0);
  expect(reds).toEqual([5, 6, 3, 4, 1, 2]);
});

test("pixels without data are transparent", () => {
  expect(bytesOf(colours(Uint8Array.from([0, 255]), 1, 2, tableOf(palettes(), 0)))).toEqual([
    0, 0, 0, 0, 255, 255, 255, 255,
  ]);
});

test("a canvas says whether a part of its square stays transparent", () => {
  const hasGaps = (levels: number[], shape: [number, number]): boolean => {
    const canvas = document.createElement("canvas");
    canvas.dataset.gaps = "";
    paint(canvas, Uint8Array.from(levels), shape, tableOf(palettes(), 0));
    return "gaps" in canvas.dataset;
  };
  expect(hasGaps([1, 2, 3, 255], [2, 2])).toBe(false);
  expect(hasGaps([1, 2, 0, 255], [2, 2])).toBe(true);
  expect(hasGaps([1, 2], [1, 2])).toBe(true);
});

test("canvases painted one after the other keep their own pixels", () => {
  const [one, other] = [document.createElement("canvas"), document.createElement("canvas")];
  paint(one, Uint8Array.from([7]), [1, 1], tableOf(palettes(), 0));
  paint(other, Uint8Array.from([9]), [1, 1], tableOf(palettes(), 0));
  const red = (canvas: HTMLCanvasElement): number | undefined =>
    canvas.getContext("2d")?.getImageData(0, 0, 1, 1).data[0];
  expect([red(one), red(other)]).toEqual([7, 9]);
});

test("each colormap has its own table, and inverting reverses it", () => {
  expect(bytesOf(tableOf(palettes(), 1)).slice(4 * 200, 4 * 201)).toEqual([200, 0, 0, 255]);
  expect(bytesOf(tableOf(palettes(), 1, true)).slice(4 * 200, 4 * 201)).toEqual([56, 0, 0, 255]);
});

test("an unknown colormap is drawn in grey", () => {
  expect(bytesOf(tableOf(palettes(), -1)).slice(4 * 7, 4 * 8)).toEqual([7, 7, 7, 255]);
});

test("a level is one more than the thresholds that do not exceed the value", () => {
  const thresholds = Float32Array.from({ length: 254 }, (_, i) => i + 1);
  const values = Float32Array.from([
    0,
    0.9,
    1,
    1.5,
    253,
    254,
    1e9,
    -1e9,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
  expect([...levelsOf(values, thresholds)]).toEqual([1, 1, 2, 2, 254, 255, 255, 1, 255, 0]);
});
