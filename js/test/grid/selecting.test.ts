import { afterEach, beforeEach, expect, it } from "vitest";
import { labelled, settle } from "../kernel";
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

it("Shift+click extends the selection from the cursor", () => {
  click(0, { ctrlKey: true });
  click(2, { ctrlKey: true });
  click(3, { shiftKey: true });
  expect(places()).toEqual([0, 2, 3]);
  expect(shown.kernel.of("inspect")).toEqual([]);
});

it("a click on a tile's box selects it, with Shift all up to there, and opens none", () => {
  const box = (place: number): Element => tile(place).querySelector("[data-testid=box]") ?? tile(place);
  box(1).dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(places()).toEqual([1]);
  box(3).dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
  expect(places()).toEqual([1, 2, 3]);
  box(2).dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(places()).toEqual([1, 3]);
  expect(shown.kernel.of("inspect")).toEqual([]);
});

it("a selects the page, x inverts the selection on it", () => {
  press(shown.root, "a");
  expect(places()).toEqual([0, 1, 2, 3]);
  press(shown.root, "x");
  expect(places()).toEqual([]);
  click(1, { ctrlKey: true });
  press(shown.root, "x");
  expect(places()).toEqual([0, 2, 3]);
});

it("x does not change the selection on other pages", async () => {
  click(0, { ctrlKey: true });
  byTestId(shown.root, "next").click();
  await settle();
  press(shown.root, "x");
  expect(shown.kernel.model.get("selected")).toHaveLength(5);
});

it("the selection bar clears the selection and disappears", () => {
  click(0, { ctrlKey: true });
  expect(byTestId(shown.root, "selected").textContent).toBe("1 selected");
  byTestId(shown.root, "clear-selection").click();
  expect(places()).toEqual([]);
  expect(byTestId(shown.root, "selected").closest<HTMLElement>(".cw-selected")?.hidden).toBe(true);
});

it("copies the ids, one per line", async () => {
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

const words = (): string | null => byTestId(shown.root, "selected").textContent;
const rule = (...spans: [number, number][]) => ({ where: null, sort: null, spans });
const next = async (): Promise<void> => {
  byTestId(shown.root, "next").click();
  await settle();
};

it("Ctrl+A selects all filtered rows on every page by a rule", async () => {
  expect(press(shown.root, "a", { ctrlKey: true })).toBe(false);
  await settle();
  expect(shown.kernel.of("select").map((one) => [one.what, one.where])).toEqual([["all", null]]);
  expect(words()).toBe("all 12 sources selected");
  await next();
  expect(places()).toEqual([0, 1, 2, 3]);
});

it("Ctrl+A takes effect before the kernel answers, so that a digit typed next labels the selection", () => {
  shown.kernel.prompt = false;
  press(shown.root, "a", { ctrlKey: true });
  expect(places()).toEqual([0, 1, 2, 3]);
  press(shown.root, "1");
  expect(shown.kernel.of("label")).toEqual([]);
  expect(byTestId(shown.root, "notice").textContent).toContain("press again to label all");
});

it("the label menu closes with Esc, a click elsewhere, and a change of the selection", () => {
  const menu = () => all(shown.root, ".cw-selected-labels")[0];
  const open = () => {
    byTestId(shown.root, "label-selection").click();
    expect(menu()?.hidden).toBe(false);
  };
  click(0, { ctrlKey: true });
  open();
  const esc = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
  byTestId(shown.root, "label-selection").dispatchEvent(esc);
  expect(menu()?.hidden).toBe(true);
  expect(places()).toEqual([0]);
  open();
  tile(2).dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, composed: true }));
  expect(menu()?.hidden).toBe(true);
  open();
  click(1, { ctrlKey: true });
  expect(menu()?.hidden).toBe(true);
});

it("the request to press again disappears with its selection", () => {
  shown.kernel.prompt = false;
  press(shown.root, "a", { ctrlKey: true });
  press(shown.root, "1");
  press(shown.root, "Escape");
  expect(byTestId(shown.root, "notice").textContent).toBe("");
});

it("a source is removed from a rule and added back by its position", async () => {
  press(shown.root, "a", { ctrlKey: true });
  await next();
  click(1, { ctrlKey: true });
  expect(shown.kernel.model.get("selected")).toEqual(rule([0, 5], [6, 12]));
  expect(words()).toBe("11 selected (8 on other pages)");
  click(1, { ctrlKey: true });
  expect(shown.kernel.model.get("selected")).toEqual(rule([0, 12]));
  press(shown.root, "x");
  expect(shown.kernel.model.get("selected")).toEqual(rule([0, 4], [8, 12]));
});

it("another filter clears a selection rule, and a notice says so", async () => {
  press(shown.root, "a", { ctrlKey: true });
  await settle();
  shown.kernel.set({ where: "snr > 1", selected: [] });
  await settle();
  expect(byTestId(shown.root, "notice").textContent).toContain(
    "the filter changed: the selection was cleared",
  );
});

it("Shift+click on another page requests the range from the last source clicked", async () => {
  click(2, { ctrlKey: true });
  await next();
  click(1, { shiftKey: true });
  await settle();
  expect(shown.kernel.of("select").map((one) => [one.what, one.first, one.last])).toEqual([
    ["range", "9007199254740995", "9007199254740998"],
  ]);
  expect(places()).toEqual([0, 1]);
});

it("a selection rule is labelled in one request, and visible tiles show the label at once", async () => {
  press(shown.root, "a", { ctrlKey: true });
  await settle();
  shown.kernel.prompt = false;
  byTestId(shown.root, "label-selection").click();
  all(shown.root, ".cw-selected-labels [data-word=bogus]")[0]?.click();
  expect(shown.kernel.of("label_all").map((one) => [one.label, one.selected])).toEqual([
    ["bogus", rule([0, 12])],
  ]);
  expect(shown.kernel.of("label")).toEqual([]);
  expect(all(shown.root, "[data-testid=label]").map((one) => one.textContent)).toEqual(
    Array(4).fill("o bogus"),
  );
});

it("labels of more sources than are listed are read with the page again", async () => {
  const before = shown.kernel.of("page").length;
  shown.kernel.reply(
    { version: 1, client: "", request: 0 },
    { ...labelled({ "9007199254740993": "real" }), n_changed: 5000 },
  );
  await settle();
  expect(shown.kernel.of("page").length).toBeGreaterThan(before);
});

it("the ids of a rule are requested when copied", async () => {
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
  });
  press(shown.root, "a", { ctrlKey: true });
  await settle();
  byTestId(shown.root, "copy-ids").click();
  await settle();
  expect(copied).toEqual(["1\n2"]);
});

/** Type a folder into the line that asks for it. */
const typeFolder = (text: string): void => {
  const field = byTestId(shown.root, "prompt-field") as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
};
const saving = {
  of: "save",
  folder: "/home/vera/out",
  n_all: 12,
  present: 2,
  failed: 0,
  problem: "",
} as const;

it("w saves all filtered rows, shows progress and finally the folder", async () => {
  press(shown.root, "w");
  typeFolder("out");
  const [request] = shown.kernel.of("save");
  if (request === undefined) throw new Error("nothing was asked");
  expect([request.folder, request.selected]).toEqual(["out", rule([0, 12])]);
  shown.kernel.reply(request, { ...saving, kind: "part", n_done: 5, written: 0 });
  expect(byTestId(shown.root, "save-line").textContent).toBe("saving 5 of 12 to /home/vera/out");
  shown.kernel.reply(request, { ...saving, kind: "done", n_done: 12, written: 10 });
  await settle();
  expect(byTestId(shown.root, "save-line").textContent).toBe(
    "saved 12 of 12 sources to /home/vera/out, 2 of them already there",
  );
});

it("saving can be cancelled, and the notice says what was written", async () => {
  click(0, { ctrlKey: true });
  byTestId(shown.root, "tool-save").click();
  typeFolder("");
  const [request] = shown.kernel.of("save");
  if (request === undefined) throw new Error("nothing was asked");
  expect([request.folder, request.selected]).toEqual(["cutouts", ["9007199254740993"]]);
  byTestId(shown.root, "cancel-save").click();
  await settle();
  expect(byTestId(shown.root, "save-line").textContent).toBe(
    "stopped after 0 of 1; the files written are in cutouts",
  );
  byTestId(shown.root, "dismiss-save").click();
  expect(byTestId(shown.root, "save-line").closest<HTMLElement>(".cw-save")?.hidden).toBe(true);
});

it("a drag that begins between tiles selects those it touches, and opens none of them", () => {
  const tiles = byTestId(shown.root, "tiles");
  for (const [place, left] of [0, 100, 200, 300].entries())
    tile(place).getBoundingClientRect = () => new DOMRect(left, 0, 90, 90);
  const at = (type: string, on: EventTarget, x: number): boolean =>
    on.dispatchEvent(
      new MouseEvent(type, { bubbles: true, cancelable: true, buttons: 1, clientX: x, clientY: 50 }),
    );
  at("mousedown", tiles, 95);
  at("mousemove", window, 250);
  const band = byTestId(shown.root, "rubber-band");
  band.getBoundingClientRect = () => new DOMRect(95, 40, 155, 20);
  at("mousemove", window, 251);
  expect(all(shown.root, "[data-touched]").map((one) => one.dataset.place)).toEqual(["1", "2"]);
  at("mouseup", window, 251);
  at("click", tile(2), 251);
  expect(places()).toEqual([1, 2]);
  expect(shown.kernel.of("inspect")).toEqual([]);
  expect(all(shown.root, "[data-testid=rubber-band], [data-touched]")).toEqual([]);
});

it("a drag on the text of a tile is left to the browser", () => {
  const id = tile(0).querySelector(".cw-id");
  const event = new MouseEvent("mousedown", { bubbles: true, cancelable: true, buttons: 1 });
  expect(id?.dispatchEvent(event)).toBe(true);
});

it("every control of the selection bar has a name, and a tooltip with its key if it has one", () => {
  click(0, { ctrlKey: true });
  const buttons = all(shown.root, ".cw-selected > button, .cw-tools button");
  const lettered = buttons.filter((one) => /\p{L}{2}/u.test(one.textContent ?? ""));
  const named = (one: HTMLElement): string =>
    (one.getAttribute("aria-label") ?? one.textContent ?? "").toLowerCase();
  const word = (one: HTMLElement): string => one.lastChild?.textContent?.trim() ?? "";
  expect(buttons.filter((one) => !one.title)).toEqual([]);
  expect(lettered.length).toBeGreaterThan(6);
  expect(lettered.filter((one) => !named(one).includes(word(one)))).toEqual([]); // what is seen can be said
  expect(byTestId(shown.root, "tool-invert_all").title).toBe(
    "Select all others that pass the filter (Shift+X)",
  );
  expect(byTestId(shown.root, "tool-select_all").title).toBe("Select all that pass the filter (Ctrl+A)");
});
