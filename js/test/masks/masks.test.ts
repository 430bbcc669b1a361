import { afterEach, expect, test } from "vitest";
import { borderOf, maskColours } from "../../src/draw";
import { merged } from "../../src/session/pages";
import { Kernel, page, settle, target } from "../kernel";
import { all, press, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

const plane = (name: string, bit: number, colour: string) => ({ name, bit, colour, count: 1 });

test("planes have afw's colours, mixed where several are set; a plane that is off adds nothing", () => {
  const mask = Uint32Array.from([0, 1, 2, 3]); // two rows of two, lowest first
  const [red, blue] = [plane("BAD", 0, "#ff0000"), plane("DETECTED", 1, "#0000ff")];
  const both = maskColours(mask, [2, 2], [red, blue]);
  expect([...both.slice(0, 8)]).toEqual(
    [0, 0, 255, 255, 127, 0, 127, 255].map((one) => expect.closeTo(one, -0.5)),
  );
  expect([...maskColours(mask, [2, 2], [red]).slice(0, 4)]).toEqual([0, 0, 0, 0]);
});

test("an outline encloses the set pixels, with joined segments", () => {
  // Three columns, two rows; the two left pixels of the lower row are set. y goes down in the drawing.
  const border = borderOf(Uint32Array.from([4, 4, 0, 0, 0, 0]), [2, 3], 4);
  expect(border).toBe("M0 2H2M0 1H2M0 2V1M2 2V1");
});

test("the highest bit can be a plane", () => {
  expect(borderOf(Uint32Array.from([2 ** 31]), [1, 1], 1 << 31)).not.toBe("");
  expect(maskColours(Uint32Array.from([2 ** 31]), [1, 1], [plane("TOP", 31, "#ffffff")])[3]).toBe(255);
});

/** A view whose science panel has two planes on the lowest left pixel. */
async function masked() {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  kernel.planes = [plane("BAD", 0, "#ff0000"), plane("DETECTED", 5, "#0000ff")];
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  return shown;
}

const pressed = (of: HTMLElement) =>
  all(of, ".cw-inspector .cw-plane").map((one) => one.getAttribute("aria-pressed"));

test("m shows the mask, planes can be hidden by name, and the next grid remembers both", async () => {
  const { root } = await masked();
  const fill = () => all(root, ".cw-inspector [data-panel=science] [data-testid=mask-fill]")[0];
  expect(fill()?.hidden).toBe(true);
  press(root, "m");
  expect(fill()?.hidden).toBe(false);
  root.querySelector<HTMLElement>(".cw-inspector [data-plane=BAD]")?.click();
  expect(pressed(root)).toEqual(["false", "true"]);
  const again = await masked();
  expect(pressed(again.root)).toEqual(["false", "true"]);
  expect(all(again.root, "[data-testid=mask]").map((one) => (one as HTMLInputElement).checked)).toEqual([
    true,
    true,
  ]);
});

test("a plane selected while no mask is shown is shown alone", async () => {
  const { root } = await masked();
  root.querySelector<HTMLElement>(".cw-inspector [data-plane=DETECTED]")?.click();
  expect(pressed(root)).toEqual(["false", "true"]);
});

const firstMask = (root: HTMLElement) =>
  root.querySelector<HTMLElement>("[data-testid=tile] [data-panel=science] [data-testid=mask-fill]");

test("tiles get their masks with the page, but only after masks are switched on", async () => {
  const kernel = new Kernel();
  kernel.planes = [plane("BAD", 0, "#ff0000"), plane("DETECTED", 1, "#0000ff")];
  const { root } = await show(kernel);
  expect(kernel.of("page").map((one) => one.masks)).not.toContain(true);
  expect(firstMask(root)).toBe(null);
  press(root, "m");
  await settle();
  expect(kernel.of("page").at(-1)?.masks).toBe(true);
  expect(firstMask(root)?.hidden).toBe(false);
  const asked = kernel.of("page").length;
  press(root, "m");
  press(root, "m");
  await settle();
  expect(kernel.of("page")).toHaveLength(asked); // the page that is there has its masks
});

test("the planes of a page are listed once above it with pixel counts, and can be hidden there", async () => {
  const kernel = new Kernel();
  kernel.planes = [plane("BAD", 0, "#ff0000"), plane("DETECTED", 1, "#0000ff")];
  const { root } = await show(kernel);
  press(root, "m");
  await settle();
  const chips = () => all(root, ".cw-tiles-head .cw-plane");
  expect(chips().map((one) => one.textContent)).toEqual(["BAD4", "DETECTED4"]);
  expect(chips()[0]?.title).toBe("science: 4 pixels");
  chips()[0]?.click();
  chips()[1]?.click();
  expect(firstMask(root)?.hidden).toBe(true);
  expect(chips().map((one) => one.getAttribute("aria-pressed"))).toEqual(["false", "false"]);
});

test("outlines of footprints are switched off for all tiles above them, and the next grid remembers it", async () => {
  const withOutlines = async () => {
    const kernel = new Kernel();
    kernel.prompt = false;
    const { root } = await show(kernel);
    const switched = () =>
      root.querySelector<HTMLInputElement>(".cw-tiles-head [data-testid=footprint-switch]");
    expect(switched()?.closest("label")?.hidden).toBe(true); // there is none yet
    const request = kernel.of("page")[0];
    if (request === undefined) throw new Error("no page was requested");
    const [answer, bytes] = page(target());
    for (const { panels } of answer.tiles)
      if ("shape" in panels.science)
        panels.science.outlines = [[-0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, -0.5]];
    kernel.reply(request, answer, bytes);
    await settle();
    expect(switched()?.closest("label")?.hidden).toBe(false);
    const hidden = () =>
      all(root, "[data-testid=footprint]").map((one) => one.closest("svg")?.hasAttribute("hidden"));
    return { switched: switched(), hidden };
  };
  const first = await withOutlines();
  expect(first.hidden()).toEqual([false, false, false, false]);
  first.switched?.click();
  expect(first.hidden()).toEqual([true, true, true, true]);
  document.body.replaceChildren();
  const next = await withOutlines();
  expect([next.switched?.checked, next.hidden()]).toEqual([false, [true, true, true, true]]);
});

test("a two-byte mask can begin at any offset in the buffer", () => {
  const bytes = new DataView(new Uint8Array([9, 7, 0, 1]).buffer, 1); // one level, then 256 as a word
  const mask = { offset: 1, bytes_a_pixel: 2, planes: [plane("TOP", 8, "#ffffff")] };
  const pixels = { shape: [1, 1] as [number, number], offset: 0, compass: null, outlines: [], mask };
  const [answer] = page(target(), 1);
  for (const one of answer.tiles) one.panels = { template: pixels, science: pixels, difference: pixels };
  const { science } = merged(null, answer, bytes, true).tiles[0]?.panels ?? {};
  expect(science !== undefined && "levels" in science && [...(science.mask?.words ?? [])]).toEqual([256]);
});
