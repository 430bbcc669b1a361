import { afterEach, expect, test } from "vitest";
import { firstOfTheirKind } from "../../src/grid/tile/once";
import type { Compass } from "../../src/protocol";
import type { LoadedTile } from "../../src/session";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

test("plus, minus and the slider size the tiles, between 48 and 320 pixels", async () => {
  const { kernel, root } = await show(new Kernel({ tile_size: 300 }));
  const size = (): unknown => [kernel.model.get("tile_size"), root.style.getPropertyValue("--cw-panel")];
  press(root, "+");
  expect(size()).toEqual([320, "320px"]);
  press(root, "-");
  expect(size()).toEqual([267, "267px"]); // 320 / 1.2
  const slider = byTestId(root, "tile-size") as HTMLInputElement;
  slider.value = "48";
  slider.dispatchEvent(new Event("input"));
  press(root, "-");
  expect(size()).toEqual([48, "48px"]);
});

test("tiles show the requested panels in order; titles are shown once", async () => {
  const { kernel, root } = await show(new Kernel({ panels: ["difference", "science"] }));
  const shown = (): unknown =>
    all(root, "[data-place='1'] [data-panel]").map((one) => one.getAttribute("data-panel"));
  expect(shown()).toEqual(["difference", "science"]);
  kernel.set({ panels: ["science"] });
  expect(shown()).toEqual(["science"]);
  expect(byTestId(root, "legend").textContent).toBe("science");
  expect(all(root, ".cw-tile figcaption")).toEqual([]);
});

test("the button for compact tiles also sets the trait in Python", async () => {
  const { kernel, root } = await show();
  byTestId(root, "compact").click();
  expect([kernel.model.get("compact"), root.hasAttribute("data-compact")]).toEqual([true, true]);
  kernel.set({ compact: false });
  expect(byTestId(root, "compact").getAttribute("aria-pressed")).toBe("false");
});

test("a change of the captions requests the page again", async () => {
  const { kernel } = await show();
  const before = kernel.of("page").length;
  kernel.set({ captions: ["reliability"] });
  await settle();
  expect(kernel.of("page").length).toBeGreaterThan(before);
});

test("the first tile of each orientation has a compass, the first of each scale a scale bar", () => {
  const tile = (north: [number, number], scale: number): LoadedTile => {
    const compass: Compass = { north, east: [-north[1], north[0]], arcsec_per_px: scale };
    const panel = { shape: [2, 2] as [number, number], levels: new Uint8Array(4), compass, outlines: [] };
    return { panels: { template: panel, science: panel, difference: panel } } as unknown as LoadedTile;
  };
  expect(
    firstOfTheirKind([tile([0, 1], 0.2), tile([0.001, 1], 0.2), tile([1, 0], 0.2), tile([1, 0], 0.5)]),
  ).toEqual([
    { compass: true, bar: true },
    { compass: false, bar: false },
    { compass: true, bar: false },
    { compass: false, bar: true },
  ]);
});
