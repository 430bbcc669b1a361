import { afterEach, expect, test } from "vitest";
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
  expect(all(alone.frame, ".cw-source").length).toBe(0);
  document.body.replaceChildren();
  const { root, frame } = await marks([neighbour("7", 20, 30)]);
  const source = frame.querySelector(".cw-source");
  // The source is at (21, 31), the middle pixel.
  expect([source?.getAttribute("x"), source?.getAttribute("y")]).toEqual(["50%", "50%"]);
  byTestId(root, "neighbours-switch").click();
  expect(all(frame, ".cw-source, .cw-neighbour").length).toBe(0);
});

test("in a cutout of another size than the tiles' the source is ticked even without neighbours", async () => {
  const { root } = await marks([]);
  const menu = byTestId(root, "inspect-size") as HTMLSelectElement;
  menu.value = "120";
  menu.dispatchEvent(new Event("change"));
  await settle();
  expect(all(root, ".cw-inspector-panels [data-panel=science] .cw-source").length).toBe(1);
});
