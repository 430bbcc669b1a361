import { afterEach, expect, test } from "vitest";
import type { Panels } from "../../../src/protocol";
import { isPixels } from "../../../src/session/pages";
import { Kernel, page, settle, target } from "../../kernel";
import { all, byTestId, press, show } from "../../shown";

afterEach(() => document.body.replaceChildren());

/** A view of a page with the given panels for the source at position 1. */
async function showing(change: (panels: Partial<Panels>) => void): Promise<HTMLElement> {
  const kernel = new Kernel();
  const [answer, bytes] = page(target());
  const panels = answer.tiles[1]?.panels;
  if (panels === undefined) throw new Error("no source at place 1");
  change(panels);
  kernel.prompt = false;
  const { root } = await show(kernel);
  for (const request of kernel.of("page")) kernel.reply(request, answer, bytes);
  await settle();
  return root;
}

test("north up rotates each panel by its own WCS; a panel without one says that it is not rotated", async () => {
  const root = await showing(({ template, difference }) => {
    if (template && isPixels(template))
      template.compass = { north: [-1, 0], east: [0, -1], arcsec_per_px: 0.2 };
    if (difference && isPixels(difference)) difference.compass = null;
  });
  const turned = (): HTMLElement[] => all(root, "[data-place='1'] .cw-turned");
  expect(turned().map((one) => one.style.transform)).toEqual(["", "", ""]);
  press(root, "o");
  expect(turned().map((one) => one.style.transform)).toEqual([
    "matrix(0, 1, -1, 0, 0, 0)", // a quarter clockwise: what points left comes up
    "matrix(1, 0, 0, 1, 0, 0)",
    "",
  ]);
  expect(turned().map((one) => one.title)).toEqual(["", "", "Not rotated: there is no WCS"]);
  expect(byTestId(root, "north").getAttribute("aria-pressed")).toBe("true");
  expect(byTestId(root, "announcement").textContent).toBe("north up, east left");
  press(root, "o");
  expect(turned().map((one) => one.title + one.style.transform)).toEqual(["", "", ""]);
});

test("a panel with another orientation or scale has its own compass or scale bar", async () => {
  const root = await showing(({ template, science }) => {
    if (template && isPixels(template))
      template.compass = { north: [-1, 0], east: [0, -1], arcsec_per_px: 0.2 };
    if (science && isPixels(science)) science.compass = { north: [0, 1], east: [-1, 0], arcsec_per_px: 0.25 };
  });
  const drawn = (): (string | null)[][] =>
    all(root, "[data-place='1'] .cw-overlays").map((one) =>
      [...one.children].map((child) => child.getAttribute("aria-label")),
    );
  expect(drawn()).toEqual([["bar of 0.1 arcsec", "compass"], ["bar of 0.1 arcsec"], ["compass"]]);
  press(root, "o"); // now they lie alike
  expect(drawn()).toEqual([["bar of 0.1 arcsec"], ["bar of 0.1 arcsec"], ["compass"]]);
});

test("the first panel with a WCS has the scale bar, the last one the compass", async () => {
  const root = await showing(({ template, difference }) => {
    for (const panel of [template, difference]) if (panel && isPixels(panel)) panel.compass = null;
  });
  expect(all(root, "[data-place='1'] .cw-overlays").map((one) => one.childElementCount)).toEqual([0, 2, 0]);
});
