import { afterEach, expect, test } from "vitest";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

/** Three panels of 3 by 3 pixels with the values 10 to 18, their look linear from 1 to 255. */
async function inspecting(): Promise<Shown> {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  return shown;
}

const drawn = (root: HTMLElement, name: string): number[] => {
  const canvas = byTestId(root, `inspector-${name}`) as HTMLCanvasElement;
  return [...(canvas.getContext("2d")?.getImageData(0, 0, 3, 3).data ?? [])].filter((_, i) => i % 4 === 0);
};

function enter(root: HTMLElement, name: string, value: string): void {
  const field = byTestId(root, name) as HTMLInputElement | HTMLSelectElement;
  field.value = value;
  field.dispatchEvent(new Event("change"));
}

test("typed limits recolour all panels at once, and the look can be restored", async () => {
  const { root } = await inspecting();
  const before = drawn(root, "science");
  enter(root, "limits-low", "10");
  enter(root, "limits-high", "18");
  // Highest row first; linear from level 1 at 10 to level 255 at 18.
  expect(drawn(root, "science").slice(0, 3)).toEqual([192, 223, 255]);
  expect(drawn(root, "difference")).toEqual(drawn(root, "science"));
  byTestId(root, "limits-reset").click();
  expect(drawn(root, "science")).toEqual(before);
});

test("limits of one panel do not affect the others, and reversed limits are refused", async () => {
  const { root } = await inspecting();
  const before = drawn(root, "template");
  enter(root, "limits-panel", "science");
  enter(root, "limits-low", "14");
  enter(root, "limits-high", "2");
  expect((byTestId(root, "limits-high") as HTMLInputElement).value).toBe("255");
  expect(drawn(root, "template")).toEqual(before);
  expect(drawn(root, "science")[8]).toBe(1); // 12 is below the lower limit
});

test("a limit is dragged and moved by arrow keys on the histogram", async () => {
  const { root } = await inspecting();
  const handle = byTestId(root, "handle-high");
  const value = (): number => Number(handle.getAttribute("aria-valuenow"));
  expect(value()).toBe(255);
  press(handle, "ArrowLeft");
  expect(value()).toBeLessThan(255);
  handle.hasPointerCapture = () => true;
  byTestId(root, "histogram").getBoundingClientRect = () => ({ left: 0, width: 100 }) as DOMRect;
  handle.dispatchEvent(new PointerEvent("pointermove", { clientX: 100, pointerId: 1 }));
  expect(value()).toBeCloseTo(255, 3);
});

test("numbers below histogram and colour bar stand where their values are", async () => {
  const { root } = await inspecting();
  const names = () => all(byTestId(root, "sheet-limits"), ".cw-scale-names span");
  const left = names().map((one) => one.style.left);
  expect(left).toEqual([0, 25, 50, 75, 100, 0, 25, 50, 75, 100].map((one) => `${one}%`));
  enter(root, "limits-low", "10");
  enter(root, "limits-high", "18");
  const words = names().map((one) => one.textContent);
  expect([words[0], words[4]]).toEqual(["10", "18"]); // the pixels' range
  expect([words[5], words[9]]).toEqual(["10", "18 nJy"]); // the limits
});

test("Measure says why there is no error, and no magnitude", async () => {
  const { root } = await inspecting();
  byTestId(root, "aperture-source").click();
  const words = byTestId(root, "sheet-measure").textContent;
  expect(words).toContain("Without a variance there is no error.");
  expect(words).not.toContain("no magnitude"); // nJy is a flux density
});

test("an aperture at the source shows the flux of each panel at that sky position", async () => {
  const { root } = await inspecting();
  byTestId(root, "aperture-source").click();
  enter(root, "aperture-radius", "0.5");
  const [template, science] = all(byTestId(root, "photometry"), "tr").map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
  // The source is at (21, 31), the middle pixel, which has 14; pi / 4 of it lie inside. The template is a pixel off.
  expect(science).toEqual(["science", "10.996", "", "28.797"]);
  expect(template?.[1]).toBe("10.21");
  byTestId(root, "aperture-clear").click();
  expect(all(byTestId(root, "photometry"), "tr")).toEqual([]);
});

test("with the aperture tool a drag draws a circle from its centre and does not pan", async () => {
  const { root } = await inspecting();
  const frame = all(root, ".cw-inspector-panels .cw-frame")[1];
  if (frame === undefined) throw new Error("no panels");
  frame.getBoundingClientRect = () => ({ left: 0, top: 0, width: 90, height: 90 }) as DOMRect;
  byTestId(root, "aperture-tool").click();
  const point = (type: string, clientX: number) =>
    frame.dispatchEvent(
      new PointerEvent(type, {
        clientX,
        clientY: 45,
        button: 0,
        pointerId: 1,
        bubbles: true,
        cancelable: true,
      }),
    );
  point("pointerdown", 45);
  point("pointermove", 75);
  point("pointerup", 75);
  expect((byTestId(root, "aperture-radius") as HTMLInputElement).value).toBe("1");
  expect(frame.querySelector("[data-testid=aperture-circle]")?.getAttribute("r")).toMatch(/^33\.3/);
  expect(frame.querySelector<HTMLElement>(".cw-turned")?.style.transform).toBe("");
});

test("profile and cuts are drawn when their tab is shown, and the cuts follow the cursor", async () => {
  const { root } = await inspecting();
  const titles = () => all(byTestId(root, "sheet-measure"), ".cw-plot-title").map((one) => one.textContent);
  expect(titles()).toEqual([]);
  byTestId(root, "tab-measure").click();
  expect(titles()).toEqual([
    "science: radial profile around the source, nJy",
    "row y = 31 through the source, nJy",
    "column x = 21 through the source, nJy",
  ]);
  const frame = all(root, ".cw-inspector-panels .cw-frame")[1];
  if (frame === undefined) throw new Error("no panels");
  press(frame, "ArrowUp");
  expect(titles()[1]).toBe("row y = 32 at the cursor, nJy");
});
