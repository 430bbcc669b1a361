import { afterEach, expect, test } from "vitest";
import { borderOf, maskColours } from "../../src/inspector/mask_layer";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

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

test("an outline goes around pixels that are set, joined to long lines", () => {
  // Three columns, two rows; the two left pixels of the lower row are set. y goes down in the drawing.
  const border = borderOf(Uint32Array.from([4, 4, 0, 0, 0, 0]), [2, 3], 4);
  expect(border).toBe("M0 2H2M0 1H2M0 2V1M2 2V1");
});

test("the highest bit is a plane like any other", () => {
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

test("m shows the mask, a plane is switched off by its name, and the next grid remembers both", async () => {
  const { root } = await masked();
  const fill = () => all(root, "[data-panel=science] [data-testid=mask-fill]")[0];
  expect(fill()?.hidden).toBe(true);
  press(root, "m");
  expect(fill()?.hidden).toBe(false);
  root.querySelector<HTMLElement>("[data-plane=BAD]")?.click();
  const pressed = (of: HTMLElement) => all(of, ".cw-plane").map((one) => one.getAttribute("aria-pressed"));
  expect(pressed(root)).toEqual(["false", "true"]);
  const again = await masked();
  expect(pressed(again.root)).toEqual(["false", "true"]);
  expect((byTestId(again.root, "mask") as HTMLInputElement).checked).toBe(true);
});

test("a plane that is chosen while no mask is shown is shown alone", async () => {
  const { root } = await masked();
  root.querySelector<HTMLElement>("[data-plane=DETECTED]")?.click();
  expect(all(root, ".cw-plane").map((one) => one.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
});
