import { afterEach, expect, test, vi } from "vitest";
import type { Neighbour } from "../../src/protocol";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

/** A neighbour on the science image, which has x from 20 to 22 and y from 30 to 32. */
function neighbour(id: string, x: number, y: number, same_exposure = true): Neighbour {
  return { id, same_exposure, template: null, science: [x, y], difference: null };
}

/** The marks of the science panel, whose frame counts as 250 pixels wide. */
async function marks(neighbours: Neighbour[]): Promise<{ root: HTMLElement; frame: HTMLElement }> {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  kernel.neighbours = neighbours;
  const { root } = await show(kernel);
  press(root, "Enter");
  await settle();
  const frame = all(root, ".cw-inspector-panels .cw-frame")[1];
  if (frame === undefined) throw new Error("no panels");
  return { root, frame };
}

const words = (frame: HTMLElement): string[] =>
  all(frame, ".cw-neighbour-id").map((one) => one.textContent ?? "");

test("neighbours have their ids beside them, and dots mark those of other exposures", async () => {
  const { frame } = await marks([neighbour("9007199254740993", 20, 30), neighbour("7", 22, 31, false)]);
  expect(words(frame)).toEqual(["\u2026740993"]);
  expect(all(frame, ".cw-neighbour title").map((one) => one.textContent)).toEqual([
    "9007199254740993",
    "7, of another exposure",
  ]);
});

test("an id that would cover a circle or another id is left to its tooltip", async () => {
  const close = [neighbour("111111", 20, 30), neighbour("222222", 20.1, 30.05), neighbour("333333", 20, 31)];
  const { frame } = await marks(close); // a pixel is 83 px: the second is 8 px to the right of the first
  expect(words(frame)).toEqual(["222222", "333333"]);
  expect(all(frame, "circle.cw-neighbour").length).toBe(3);
});

test("among neighbours the source itself is ticked, and nothing is drawn when they are switched off", async () => {
  const alone = await marks([]);
  expect(all(alone.frame, ".cw-source:not([hidden])").length).toBe(0);
  document.body.replaceChildren();
  const { root, frame } = await marks([neighbour("7", 20, 30)]);
  const source = frame.querySelector(".cw-source:not([hidden])");
  // The source is at (21, 31), the middle pixel.
  expect([source?.getAttribute("x"), source?.getAttribute("y")]).toEqual(["50%", "50%"]);
  byTestId(root, "neighbours-switch").click();
  expect(all(frame, ".cw-source:not([hidden]), .cw-neighbour").length).toBe(0);
});

test("in a cutout of another size than the tiles' the source is ticked even without neighbours", async () => {
  const { root } = await marks([]);
  const menu = byTestId(root, "inspect-size") as HTMLSelectElement;
  menu.value = "120";
  menu.dispatchEvent(new Event("change"));
  await settle();
  expect(all(root, ".cw-inspector-panels [data-panel=science] .cw-source:not([hidden])").length).toBe(1);
});

const circles = (frame: HTMLElement): HTMLElement[] => all(frame, "circle.cw-neighbour");
const zoomIn = (frame: HTMLElement, steps = 1): void => {
  for (let k = 0; k < steps; k++)
    frame.dispatchEvent(
      new WheelEvent("wheel", { clientX: 45, clientY: 45, deltaY: -100, bubbles: true, cancelable: true }),
    );
};

test("a step of the wheel moves the marks and creates none", async () => {
  const { root, frame } = await marks([neighbour("111111", 20.8, 30.9), neighbour("7", 21.1, 31, false)]);
  for (const one of all(root, ".cw-inspector-panels .cw-frame"))
    one.getBoundingClientRect = () => ({ left: 0, top: 0, width: 90, height: 90 }) as DOMRect;
  zoomIn(frame); // the first gives the panels a framing of their own
  await settle();
  const before = circles(frame).map((one) => [one, one.getAttribute("cx")]);
  const made = vi.spyOn(document, "createElementNS");
  const seen = new MutationObserver(() => {});
  seen.observe(root, { childList: true, subtree: true });
  zoomIn(frame, 3);
  await settle();
  const after = circles(frame);
  expect(made).not.toHaveBeenCalled();
  made.mockRestore();
  const added = seen.takeRecords().filter(({ target }) => target instanceof SVGElement);
  expect(added).toEqual([]);
  expect(after).toEqual(before.map(([one]) => one));
  expect(after.map((one) => one.getAttribute("cx"))).not.toEqual(before.map(([, cx]) => cx));
});

test("a mark leaves while its neighbour is out of the frame, and comes back", async () => {
  const { root, frame } = await marks([neighbour("111111", 20, 30), neighbour("222222", 21.1, 31)]);
  for (const one of all(root, ".cw-inspector-panels .cw-frame"))
    one.getBoundingClientRect = () => ({ left: 0, top: 0, width: 90, height: 90 }) as DOMRect;
  const both = circles(frame);
  expect(words(frame)).toEqual(["111111", "222222"]);
  zoomIn(frame, 12);
  await settle();
  expect(words(frame)).toEqual(["222222"]);
  expect(circles(frame)).toEqual(both.slice(1));
  byTestId(root, "zoom-fit").click();
  await settle();
  expect(circles(frame)).toEqual(both);
  expect(words(frame)).toEqual(["111111", "222222"]);
});

test("marks are those of the source that is inspected", async () => {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  kernel.neighbours = [neighbour("1111111", 20, 30), neighbour("7", 22, 31, false)];
  const { root } = await show(kernel);
  press(root, "Enter");
  await settle();
  kernel.neighbours = [neighbour("8", 22, 31)];
  press(root, "ArrowRight");
  await settle();
  const frame = all(root, ".cw-inspector-panels [data-panel=science]")[0] as HTMLElement;
  expect(circles(frame).map((one) => [one.textContent, one.getAttribute("class"), one.dataset.id])).toEqual([
    ["8", "cw-neighbour", "8"],
  ]);
  expect(words(frame)).toEqual(["8"]);
});
