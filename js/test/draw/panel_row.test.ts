// @vitest-environment jsdom
import { expect, test } from "vitest";
import { h } from "../../src/dom";
import { type DrawnPanel, PanelRow } from "../../src/draw";
import type { Compass } from "../../src/protocol";

const UP: Compass = { north: [0, 1], east: [-1, 0], arcsec_per_px: 0.2 };

function make(): { row: PanelRow; panel: (of?: Partial<DrawnPanel>) => DrawnPanel; overlays: HTMLElement } {
  const [turned, overlays] = [h("div"), h("div")];
  const panel = (of: Partial<DrawnPanel> = {}): DrawnPanel => ({
    name: "science",
    shape: [4, 4],
    compass: UP,
    turned,
    overlays,
    ...of,
  });
  return { row: new PanelRow(h("div"), 100), panel, overlays };
}

test("the same compass and scale are not drawn again", () => {
  const { row, panel, overlays } = make();
  row.orient([panel()], false);
  const [bar, rose] = overlays.children;
  row.orient([panel({ compass: { ...UP } })], false);
  expect([...overlays.children]).toEqual([bar, rose]);
  expect(overlays.children[0]).toBe(bar);
});

test("another direction is drawn again, and the scale is kept", () => {
  const { row, panel, overlays } = make();
  row.orient([panel()], false);
  const [bar, rose] = overlays.children;
  row.orient([panel({ compass: { ...UP, north: [1, 0], east: [0, 1] } })], false);
  expect(overlays.children[0]).toBe(bar);
  expect(overlays.children[1]).not.toBe(rose);
});

test("a panel without pixels has no compass", () => {
  const { row, panel, overlays } = make();
  row.orient([panel()], false);
  row.orient([], false);
  expect(overlays.children.length).toBe(0);
});

test("a panel of another shape is shown completely", () => {
  const { row, panel } = make();
  const whole = panel();
  row.orient([whole], false);
  row.orient([panel({ shape: [8, 8] })], false);
  expect(whole.turned.style.transform).toBe("");
});

test("lines over a zoomed panel are told the zoom, to keep their width on the screen", () => {
  const { row, panel } = make();
  const one = panel();
  row.orient([one], false);
  expect(one.turned.style.getPropertyValue("--cw-zoom")).toBe("1");
  row.frame(() => ({ zoom: 8, x: 1, y: 1 }));
  expect(one.turned.style.getPropertyValue("--cw-zoom")).toBe("8");
});

test("a scale bar follows the zoom, and is not made again", () => {
  const { row, panel, overlays } = make();
  row.orient([panel({ shape: [100, 100] })], false);
  const bar = overlays.children[0];
  expect(bar?.getAttribute("aria-label")).toBe("bar of 1 arcsec"); // the panel is 20 arcsec wide
  row.frame(() => ({ zoom: 40, x: 49.5, y: 49.5 })); // 0.5 arcsec
  expect(overlays.children[0]).toBe(bar);
  expect(bar?.getAttribute("aria-label")).toBe("bar of 0.1 arcsec");
  expect(bar?.querySelector("line")?.getAttribute("stroke-dasharray")).toBe("20% 200%"); // 0.1 / 0.5
});
