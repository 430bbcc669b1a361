import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const blinking = (root: HTMLElement): (string | undefined)[] =>
  all(root, "[data-blink]").map((one) => one.dataset.blink);

/** A view with the inspector open. */
async function inspecting(): Promise<Shown> {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  return shown;
}

test("the tile at the cursor blinks template, science and difference twice a second", async () => {
  const { root } = await show();
  press(root, "b");
  expect(byTestId(root, "tile").querySelector("[data-blink]")).not.toBe(null);
  const seen = [0, 499, 1, 500, 500].map((ms) => {
    vi.advanceTimersByTime(ms);
    return blinking(root);
  });
  expect(seen).toEqual([["template"], ["template"], ["science"], ["difference"], ["template"]]);
  expect(byTestId(root, "announcement").textContent).toContain("Esc stops");
});

test.each(["b", "Escape"])("%s stops blinking", async (key) => {
  const { root } = await show();
  press(root, "b");
  press(root, key);
  expect(blinking(root)).toEqual([]);
  vi.advanceTimersByTime(5000);
  expect(blinking(root)).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("blinking follows the cursor", async () => {
  const { root } = await show();
  press(root, "b");
  press(root, "l");
  expect(all(root, "[data-place='1'] [data-blink]").length).toBe(1);
  expect(blinking(root).length).toBe(1);
});

test("while the inspector is open its panels blink, and Esc leaves it open", async () => {
  const { root } = await inspecting();
  press(root, "b");
  vi.advanceTimersByTime(500);
  expect(all(root, ".cw-inspector-panels").map((one) => one.dataset.blink)).toEqual(["science"]);
  expect(blinking(root).length).toBe(1);
  press(root, "Escape");
  expect([blinking(root).length, byTestId(root, "inspector").hidden]).toEqual([0, false]);
});

test("scale bar and compass are drawn on whichever panel is shown", async () => {
  const { root } = await show();
  const drawn = (): number => all(root, "[data-place='0'] [data-panel=science] svg").length;
  expect(drawn()).toBe(0);
  press(root, "b");
  vi.advanceTimersByTime(500);
  expect(drawn()).toBe(2);
  press(root, "b");
  expect(drawn()).toBe(0);
});

test("with reduced motion each press shows the next panel", async () => {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: query.includes("reduced-motion") }));
  const { root } = await show();
  press(root, "b");
  vi.advanceTimersByTime(5000);
  expect(blinking(root)).toEqual(["template"]);
  press(root, "b");
  expect(blinking(root)).toEqual(["science"]);
  press(root, "Escape");
  expect(blinking(root)).toEqual([]);
});

test("fewer than two images do not blink, and that is announced", async () => {
  const { root } = await show();
  press(root, "Enter"); // the inspected source of this kernel has no image at all
  await settle();
  press(root, "b");
  expect(blinking(root)).toEqual([]);
  expect(byTestId(root, "announcement").textContent).toContain("nothing to blink");
});

test("a view that ends stops blinking", async () => {
  const { root, end } = await show();
  press(root, "b");
  end();
  expect(vi.getTimerCount()).toBe(0);
});
