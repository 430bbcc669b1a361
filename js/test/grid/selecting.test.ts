import { afterEach, beforeEach, expect, it } from "vitest";
import { settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

let shown: Shown;
beforeEach(async () => {
  shown = await show();
});
afterEach(() => shown.end());

const tile = (place: number): HTMLElement => {
  const found = all(shown.root, "[data-testid=tile]")[place];
  if (found === undefined) throw new Error(`no tile ${place}`);
  return found;
};
const click = (place: number, more: MouseEventInit = {}): void => {
  tile(place).dispatchEvent(new MouseEvent("click", { bubbles: true, ...more }));
};
const places = (): number[] =>
  [0, 1, 2, 3].filter((place) => tile(place).getAttribute("aria-selected") === "true");

it("Shift+click selects from the cursor to there, and keeps what was selected", () => {
  click(0, { ctrlKey: true });
  click(2, { ctrlKey: true });
  click(3, { shiftKey: true });
  expect(places()).toEqual([0, 2, 3]);
  expect(shown.kernel.of("inspect")).toEqual([]);
});

it("a selects the page, x the others of it", () => {
  press(shown.root, "a");
  expect(places()).toEqual([0, 1, 2, 3]);
  press(shown.root, "x");
  expect(places()).toEqual([]);
  click(1, { ctrlKey: true });
  press(shown.root, "x");
  expect(places()).toEqual([0, 2, 3]);
});

it("x leaves the selection of other pages as it is", async () => {
  click(0, { ctrlKey: true });
  byTestId(shown.root, "next").click();
  await settle();
  press(shown.root, "x");
  expect(shown.kernel.model.get("selected")).toHaveLength(5);
});

it("the bar of the selection clears it, and goes away", () => {
  click(0, { ctrlKey: true });
  expect(byTestId(shown.root, "selected").textContent).toBe("1 selected");
  byTestId(shown.root, "clear-selection").click();
  expect(places()).toEqual([]);
  expect(byTestId(shown.root, "selected").closest<HTMLElement>(".cw-selected")?.hidden).toBe(true);
});

it("copies the ids, one a line", async () => {
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
  });
  click(0, { ctrlKey: true });
  click(1, { ctrlKey: true });
  byTestId(shown.root, "copy-ids").click();
  await settle();
  expect(copied).toEqual(["9007199254740993\n9007199254740994"]);
});
