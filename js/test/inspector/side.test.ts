// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { h } from "../../src/dom";
import { sideOf } from "../../src/inspector/side";

afterEach(() => vi.unstubAllGlobals());

test("the side of a frame is read once for each size of the row, whose change is told", () => {
  let resized = (): void => {};
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(act: () => void) {
        resized = act;
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
  let [width, readings, told] = [250, 0, 0];
  const frame = h("div", { class: "cw-frame" });
  Object.defineProperty(frame, "clientWidth", {
    get: () => {
      readings += 1;
      return width;
    },
  });
  const side = sideOf(h("div", {}, frame), () => { told += 1; }, new AbortController().signal); // biome-ignore format: one line
  expect([side(), side(), readings]).toEqual([250, 250, 1]);
  width = 300;
  resized();
  expect([side(), readings, told]).toEqual([300, 2, 1]);
  resized();
  expect(told).toBe(1);
});
