import { afterEach, expect, test } from "vitest";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

afterEach(() => document.body.replaceChildren());

/** A view whose inspector shows three panels of 3 by 3 pixels, each in a frame of 90 by 90 at (100, 200). */
async function inspecting({ lacksScience = false } = {}): Promise<Shown & { frame: HTMLElement }> {
  const kernel = new Kernel();
  kernel.lacksScience = lacksScience;
  kernel.hasPixels = true;
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  const frames = all(shown.root, ".cw-inspector-panels .cw-frame");
  for (const one of frames)
    one.getBoundingClientRect = () =>
      ({ left: 100, top: 200, right: 190, bottom: 290, x: 100, y: 200, width: 90, height: 90 }) as DOMRect;
  const frame = frames[1];
  if (frame === undefined) throw new Error("no panels");
  return { ...shown, frame };
}

const point = (on: HTMLElement, type: string, x: number, y: number, more: PointerEventInit = {}): boolean =>
  on.dispatchEvent(
    new PointerEvent(type, {
      clientX: x,
      clientY: y,
      bubbles: true,
      cancelable: true,
      pointerId: 1,
      ...more,
    }),
  );

/** What is under the cursor on each panel: its name and value. */
const valuesIn = (root: HTMLElement): string[] =>
  [...byTestId(root, "readout-values").children].map((row) =>
    [...row.children]
      .slice(0, 2)
      .map((cell) => cell.textContent)
      .join(" "),
  );

/** By how much of the frame a crosshair is moved right and down, per cent. */
const shifted = (cross: SVGElement | null | undefined): number[] =>
  [...(cross?.style.transform ?? "").matchAll(/[\d.]+/g)].map(Number);

const drawn = (root: HTMLElement): number[] => {
  const canvas = byTestId(root, "inspector-science") as HTMLCanvasElement;
  return [...(canvas.getContext("2d")?.getImageData(0, 0, 3, 3).data ?? [])].filter((_, i) => i % 4 === 0);
};

test("the readout shows the detector pixel under the pointer", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointermove", 100 + 75, 200 + 15); // right column, top row
  expect(byTestId(root, "readout-place").textContent).toBe("x 22  y 32  (0-based)");
  expect(byTestId(root, "readout-fits").textContent).toBe("FITS 23, 33");
  expect(valuesIn(root)).toContain("science 18 nJy");
});

test("a panel on another pixel grid is read and marked at the same sky position", async () => {
  const { root, frame } = await inspecting();
  const crosses = [...root.querySelectorAll<SVGElement>("[data-testid=cross]")];
  const hidden = () => crosses.map((one) => one.hasAttribute("hidden"));
  point(frame, "pointermove", 100 + 75, 200 + 15);
  expect(valuesIn(root)).toEqual([
    "template 17 nJy",
    "science 18 nJy",
    "difference 18 nJy", // which has no WCS: by the numbers of its pixels
  ]);
  expect(shifted(crosses[0])[0]).toBeCloseTo(50, 2);
  expect(hidden()).toEqual([false, false, false]);
  point(frame, "pointermove", 100 + 15, 200 + 15); // the template begins one column further right
  expect(valuesIn(root)[0]).toBe("template outside");
  expect(hidden()).toEqual([true, false, false]);
});

test("the next pixel changes texts and moves crosshairs: nothing is added, removed or hidden", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointermove", 100 + 45, 200 + 45);
  const changes = new MutationObserver(() => {});
  changes.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  point(frame, "pointermove", 100 + 75, 200 + 45);
  const found = changes.takeRecords().map(({ type, target }) => {
    const element = target instanceof Element ? target : target.parentElement;
    return `${type} of ${element?.getAttribute("data-testid") ?? element?.className}`;
  });
  changes.disconnect();
  expect(found).toContain("characterData of readout-place");
  expect(new Set(found.map((one) => one.split(" ")[0]))).toEqual(new Set(["characterData", "attributes"]));
  const attributes = found.filter((one) => one.startsWith("attributes"));
  expect(new Set(attributes)).toEqual(new Set(["attributes of cross"]));
});

test("the pattern for missing values is only behind panels that lack some", async () => {
  const { root } = await inspecting();
  const gaps = [...root.querySelectorAll<HTMLElement>(".cw-inspector-panels .cw-turned")].map(
    (one) => one.dataset.gaps !== undefined,
  );
  expect(gaps).toEqual([false, false, false]);
});

test("Enter once more focuses the science panel, else the first panel with pixels", async () => {
  const focused = (): string | undefined =>
    document.activeElement?.closest<HTMLElement>("[data-panel]")?.dataset.panel;
  const { root } = await inspecting();
  press(root, "Enter");
  expect(focused()).toBe("science");
  const other = await inspecting({ lacksScience: true });
  press(other.root, "Enter");
  expect([focused(), other.root.contains(document.activeElement)]).toEqual(["template", true]);
});

test("with north up the readout still shows the detector pixel", async () => {
  const { root, frame } = await inspecting();
  press(root, "o");
  // North lies right and east down: the detector's upper left (20, 32), west and south, is now lower right.
  point(frame, "pointermove", 100 + 75, 200 + 75);
  expect(byTestId(root, "readout-place").textContent).toContain("x 20  y 32");
  expect(valuesIn(root)).toContain("science 16 nJy");
  expect(shifted(frame.querySelector<SVGElement>("[data-testid=cross]"))).toEqual([
    expect.closeTo((5 / 6) * 100), // where the pointer is
    expect.closeTo((5 / 6) * 100),
  ]);
  press(root, "o");
  point(frame, "pointermove", 100 + 75, 200 + 75);
  expect(byTestId(root, "readout-place").textContent).toContain("x 22  y 30");
});

test("a right drag sets contrast and bias of the inspector panels only", async () => {
  const { root, frame } = await inspecting();
  expect(drawn(root)).toEqual([17, 18, 19, 14, 15, 16, 11, 12, 13]);
  point(frame, "pointerdown", 145, 245, { button: 2 });
  point(frame, "pointermove", 145 - 45, 245); // half a panel to the left: the middle colour for the darkest level
  expect(byTestId(root, "contrast").textContent).toBe("contrast 1.00  bias 0.00");
  expect(drawn(root)).toEqual([17, 18, 19, 14, 15, 16, 11, 12, 13].map((level) => level + 127));
  point(frame, "pointerup", 100, 245, { button: 2 });
  point(frame, "pointermove", 145, 245);
  expect(byTestId(root, "contrast").textContent).toBe("contrast 1.00  bias 0.00");
  const tile = root.querySelector<HTMLCanvasElement>("[data-place='0'] canvas");
  expect(tile?.getContext("2d")?.getImageData(0, 0, 2, 2).data[0]).toBe(1);
});

test("no menu opens over the panels", async () => {
  const { root, frame } = await inspecting();
  let beyond = 0;
  root.addEventListener("contextmenu", () => beyond++);
  expect(point(frame, "contextmenu", 145, 245, { button: 2 })).toBe(false);
  expect(beyond).toBe(0);
});

test.each([
  [
    "a double right click",
    (frame: HTMLElement) => point(frame, "mousedown", 145, 245, { button: 2, detail: 2 }),
  ],
  ["Esc", (_: HTMLElement, root: HTMLElement) => press(root, "Escape")],
  ["the button", (_: HTMLElement, root: HTMLElement) => byTestId(root, "reset").click()],
])("%s resets contrast and bias and leaves the inspector open", async (_, act) => {
  const { root, frame } = await inspecting();
  point(frame, "pointerdown", 145, 245, { button: 2 });
  point(frame, "pointermove", 160, 260);
  point(frame, "pointerup", 160, 260, { button: 2 });
  expect(drawn(root)).not.toEqual([17, 18, 19, 14, 15, 16, 11, 12, 13]);
  act(frame, root);
  expect(drawn(root)).toEqual([17, 18, 19, 14, 15, 16, 11, 12, 13]);
  expect(byTestId(root, "contrast").closest<HTMLElement>(".cw-contrast")?.hidden).toBe(true);
  expect(byTestId(root, "inspector").hidden).toBe(false);
});

test("a left drag changes nothing", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointerdown", 145, 245, { button: 0 });
  point(frame, "pointermove", 100, 245);
  expect(drawn(root)).toEqual([17, 18, 19, 14, 15, 16, 11, 12, 13]);
});
