import { afterEach, expect, test, vi } from "vitest";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
  vi.unstubAllGlobals();
});

/** Three panels of 3 by 3 pixels, each in a frame of 90 by 90 at (100, 200). */
async function inspecting(): Promise<Shown & { frames: HTMLElement[]; frame: HTMLElement }> {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  const frames = all(shown.root, ".cw-inspector-panels .cw-frame");
  for (const one of frames)
    one.getBoundingClientRect = () => ({ left: 100, top: 200, width: 90, height: 90 }) as DOMRect;
  const frame = frames[1];
  if (frame === undefined) throw new Error("no panels");
  return { ...shown, frames, frame };
}

const at = (x: number, y: number) => ({
  clientX: 100 + x,
  clientY: 200 + y,
  bubbles: true,
  cancelable: true,
});
const point = (on: HTMLElement, type: string, x: number, y: number): boolean =>
  on.dispatchEvent(new PointerEvent(type, { ...at(x, y), button: 0, pointerId: 1 }));
const wheel = (on: HTMLElement, x: number, y: number, deltaY: number): boolean =>
  on.dispatchEvent(new WheelEvent("wheel", { ...at(x, y), deltaY }));
const transforms = (root: HTMLElement): string[] =>
  all(root, ".cw-inspector-panels .cw-turned").map((one) => one.style.transform);
const place = (root: HTMLElement): string => byTestId(root, "readout-place").textContent ?? "";

test("the wheel zooms all panels about the sky position under the pointer", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointermove", 75, 15);
  expect(place(root)).toContain("x 22  y 32");
  expect(wheel(frame, 75, 15, -500 * Math.LN2)).toBe(false); // the page does not scroll
  point(frame, "pointermove", 75, 15);
  expect(place(root)).toContain("x 22  y 32"); // twice as large about (22, 32): (21.5, 31.5) is in the middle
  const [template, science] = transforms(root).map((one) => one.match(/[-\d.]+/g)?.map(Number));
  expect(science).toEqual([2, expect.closeTo(-100 / 6), expect.closeTo(100 / 6)]);
  expect(template).toEqual([2, expect.closeTo(100 / 6, 3), expect.closeTo(100 / 6, 3)]); // a pixel further left
});

test("zooming out ends at the whole cutout, and then the wheel scrolls the page", async () => {
  const { root, frame } = await inspecting();
  expect(wheel(frame, 45, 45, 100)).toBe(true);
  wheel(frame, 45, 45, -300);
  wheel(frame, 45, 45, 1000);
  expect(transforms(root)).toEqual(["", "", ""]);
});

test("a drag pans the image, and a double click fits the cutout again", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointerdown", 45, 45);
  point(frame, "pointermove", 45 + 30, 45); // a pixel to the right
  point(frame, "pointerup", 45 + 30, 45);
  point(frame, "pointermove", 45 + 30, 45);
  expect(place(root)).toContain("x 21  y 31"); // what was in the middle is still under the hand
  frame.dispatchEvent(new MouseEvent("dblclick", { ...at(45, 45) }));
  expect(transforms(root)).toEqual(["", "", ""]);
});

const finger = (on: HTMLElement, type: string, pointerId: number, x: number, y: number): boolean =>
  on.dispatchEvent(new PointerEvent(type, { ...at(x, y), button: 0, pointerId, pointerType: "touch" }));

test("two fingers zoom by their distance and keep what is between them between them", async () => {
  const { root, frame } = await inspecting();
  finger(frame, "pointerdown", 1, 30, 45);
  finger(frame, "pointerdown", 2, 60, 45);
  finger(frame, "pointermove", 1, 30, 60);
  finger(frame, "pointermove", 2, 90, 60); // twice as far apart, their middle from (45, 45) to (60, 60)
  expect(
    transforms(root)[1]
      ?.match(/[-\d.]+/g)
      ?.map(Number),
  ).toEqual([
    2,
    expect.closeTo(100 / 12), // half of 15 of 90, as the translation is scaled
    expect.closeTo(100 / 12),
  ]);
  finger(frame, "pointerup", 1, 30, 60);
  finger(frame, "pointermove", 2, 75, 45); // the finger that stays pans back
  expect(transforms(root)[1]).toBe("scale(2) translate(0%, 0%)");
  finger(frame, "pointerup", 2, 75, 45);
  expect(byTestId(root, "readout-place").closest("[hidden]")).not.toBeNull(); // it was no click
});

test("a pinch that ends smaller than the frame fits the cutout", async () => {
  const { root, frame } = await inspecting();
  finger(frame, "pointerdown", 1, 15, 45);
  finger(frame, "pointerdown", 2, 75, 45);
  finger(frame, "pointermove", 1, 30, 60);
  expect(transforms(root)[1]).not.toBe("");
  finger(frame, "pointerup", 1, 30, 60);
  finger(frame, "pointerup", 2, 75, 45);
  expect(transforms(root)).toEqual(["", "", ""]);
});

test("a pinch on a touch pad never zooms the whole page", async () => {
  const { root, frame } = await inspecting();
  const zoomOut = new WheelEvent("wheel", { ...at(45, 45), deltaY: 20, ctrlKey: true });
  expect(frame.dispatchEvent(zoomOut)).toBe(false);
  expect(transforms(root)).toEqual(["", "", ""]);
});

test("in aperture mode the finger that stays after a pinch draws no circle", async () => {
  const { root, frame } = await inspecting();
  byTestId(root, "aperture-tool").click();
  finger(frame, "pointerdown", 1, 30, 45);
  finger(frame, "pointerdown", 2, 60, 45);
  finger(frame, "pointerup", 1, 30, 45);
  finger(frame, "pointermove", 2, 80, 45);
  finger(frame, "pointerup", 2, 80, 45);
  expect((byTestId(root, "aperture-radius") as HTMLInputElement).value).toBe("");
});

test("between the centres of pixels the position has decimals, as the sky position is of that point", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointermove", 45 + 7.5, 45 + 3); // 30 screen pixels to an image pixel
  expect(place(root)).toBe("x 21.25  y 30.90  (0-based)");
  expect(byTestId(root, "readout-fits").textContent).toBe("FITS 22.25, 31.90");
});

test("pixels smaller than those of the screen are averaged", async () => {
  const { root, frames } = await inspecting();
  const shrunk = (): boolean[] => all(root, ".cw-turned").map((one) => one.hasAttribute("data-shrunk"));
  for (const one of frames) Object.defineProperty(one, "clientWidth", { value: 2, configurable: true });
  const [frame] = frames;
  if (frame === undefined) throw new Error("no panels");
  wheel(frame, 45, 45, -50); // 2 screen pixels times 1.1 for 3 image pixels
  expect(shrunk().slice(0, 3)).toEqual([true, true, true]);
  wheel(frame, 45, 45, -500 * Math.LN2);
  expect(shrunk().slice(0, 3)).toEqual([false, false, false]);
});

test("a click gives the arrow keys to the pixel cursor, and Esc gives them back to the tiles", async () => {
  const { root, frame } = await inspecting();
  point(frame, "pointerdown", 45, 45);
  point(frame, "pointerup", 45, 45);
  expect(document.activeElement).toBe(frame);
  press(frame, "ArrowRight");
  press(frame, "ArrowUp");
  expect(place(root)).toContain("x 22  y 32");
  press(frame, "ArrowRight"); // the edge
  expect(place(root)).toContain("x 22  y 32");
  expect(root.querySelector("[data-place='0']")?.hasAttribute("data-current")).toBe(true);
  press(frame, "Escape");
  expect(document.activeElement).toBe(root);
  expect(byTestId(root, "inspector").hidden).toBe(false);
  press(root, "ArrowRight");
  expect(root.querySelector("[data-place='1']")?.hasAttribute("data-current")).toBe(true);
});

test("with north up the arrow keys follow the displayed directions", async () => {
  const { root, frame } = await inspecting();
  press(root, "o"); // north lies right on the detector: up on the screen is right there
  point(frame, "pointerdown", 45, 45);
  point(frame, "pointerup", 45, 45);
  press(frame, "ArrowUp");
  expect(place(root)).toContain("x 22  y 31");
});

test("c copies the position under the cursor in degrees", async () => {
  const { root, frame } = await inspecting();
  const copied: string[] = [];
  Object.assign(navigator, { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  press(root, "c");
  point(frame, "pointermove", 45, 45);
  press(root, "c");
  await settle();
  expect(copied).toEqual(["0.00005730 0.00005730"]); // 1e-6 radians
  expect(byTestId(root, "announcement").textContent).toBe("copied 0.00005730 0.00005730");
});

test("the next source is shown at the same zoom, centred on the source", async () => {
  const { root, frame } = await inspecting();
  wheel(frame, 75, 15, -500 * Math.LN2);
  press(root, "ArrowRight");
  await settle();
  expect(transforms(root)[1]).toBe("scale(2) translate(0%, 0%)"); // it lies at (21, 31)
});

test("another cutout size can be requested, and is kept for the next source", async () => {
  const { root, kernel } = await inspecting();
  const menu = byTestId(root, "inspect-size") as HTMLSelectElement;
  menu.value = "120";
  menu.dispatchEvent(new Event("change"));
  press(root, "ArrowRight");
  expect(kernel.of("inspect").map((one) => one.size)).toEqual([null, 120, 120]);
});

const offered = (root: HTMLElement): string[] =>
  all(root, "[data-testid=inspect-size] option").map((one) => one.textContent ?? "");

test("sizes beyond the stamp, which have no more pixels, are not offered", async () => {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  kernel.stampSide = 63;
  const { root } = await show(kernel);
  press(root, "Enter");
  await settle();
  expect(offered(root)).toEqual(["as in the tiles", "30 \u00d7 30 px", "60 \u00d7 60 px", "all, 63 px"]);
  kernel.stampSide = null;
  press(root, "ArrowRight");
  expect(offered(root).length).toBe(4); // while the next answer is on its way
  await settle();
  expect(offered(root).slice(3)).toEqual(["120 \u00d7 120 px", "all, up to 1024 px"]);
  const menu = byTestId(root, "inspect-size") as HTMLSelectElement;
  menu.value = "120";
  menu.dispatchEvent(new Event("change"));
  kernel.stampSide = 63;
  press(root, "ArrowRight");
  await settle();
  expect(menu.value).toBe("120"); // chosen for an earlier source
  expect(offered(root)).toContain("120 \u00d7 120 px");
});

test("a stamp that the tiles show whole has no other size", async () => {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  kernel.stampSide = 3; // as are the panels
  const { root } = await show(kernel);
  press(root, "Enter");
  await settle();
  expect(byTestId(root, "inspect-size").hidden).toBe(true);
});

test("pixels reached by arrow keys are announced, those under the pointer are not", async () => {
  const { root, frame } = await inspecting();
  const heard = byTestId(root, "readout-heard");
  expect(heard.getAttribute("role")).toBe("status");
  point(frame, "pointermove", 45, 45);
  expect(heard.textContent).toBe("");
  frame.focus();
  press(frame, "ArrowRight");
  expect(heard.textContent).toContain(byTestId(root, "readout-place").textContent?.match(/x \d+/)?.[0]);
  expect(heard.textContent).toMatch(/^x \d+, y \d+; .*science -?[\d.]+/);
});

test("the magnification is told anew when the inspector changes its width", async () => {
  const observed: (() => void)[] = [];
  class Observer {
    constructor(act: () => void) {
      observed.push(act);
    }
    observe(): void {}
    disconnect(): void {}
  }
  vi.stubGlobal("ResizeObserver", Observer);
  const { root, frames } = await inspecting();
  const widen = (px: number): void => {
    for (const one of frames) Object.defineProperty(one, "clientWidth", { value: px, configurable: true });
    for (const act of observed) act();
  };
  widen(90); // three pixels
  expect(byTestId(root, "zoom").textContent).toBe("30.0\u00d7");
  widen(180);
  expect(byTestId(root, "zoom").textContent).toBe("60.0\u00d7");
});

test("Enter on the inspected source goes to the panels, where arrow keys move the pixel cursor", async () => {
  const { root, frame } = await inspecting();
  press(root, "Enter");
  expect(document.activeElement).toBe(frame); // science
  press(frame, "ArrowUp");
  expect(place(root)).not.toBe("");
  press(frame, "Escape");
  expect(document.activeElement).toBe(root);
});
