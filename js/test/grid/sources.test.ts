import { afterEach, expect, test, vi } from "vitest";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const id = (n: number): string => String(9007199254740993n + BigInt(n));
const current = (root: HTMLElement) => all(root, "[data-current]").map((one) => one.dataset.id);

function type(root: HTMLElement, text: string, end = "Enter"): void {
  const field = byTestId(root, "prompt-field") as HTMLInputElement;
  field.value = text;
  press(field, end);
}

test("g goes to a row number, on this page and on another", async () => {
  const { root } = await show();
  press(root, "g");
  expect(document.activeElement).toBe(byTestId(root, "prompt-field"));
  type(root, "11");
  await settle();
  expect([root.dataset.page, current(root)]).toEqual(["2", [id(10)]]);
  expect(document.activeElement).toBe(root);
  press(root, "g");
  type(root, "9");
  await settle();
  expect(current(root)).toEqual([id(8)]);
});

test("Esc closes the prompt without moving", async () => {
  const { kernel, root } = await show();
  press(root, "g");
  type(root, "11", "Escape");
  expect([kernel.of("find").length, byTestId(root, "prompt").hidden]).toEqual([0, true]);
});

test("a row that is not found is reported, and the page stays", async () => {
  const { kernel, root } = await show();
  kernel.prompt = false;
  press(root, "g");
  type(root, "99");
  const [asked] = kernel.of("find");
  if (asked === undefined) throw new Error("nothing was asked");
  kernel.reply(asked, { kind: "failed", reason: "no such row", field: null, cancelled: false });
  await settle();
  expect(byTestId(root, "notice").textContent).toBe("\u26a0no such row");
  expect(root.dataset.page).toBe("0");
});

test("e writes a note, which the tile shows", async () => {
  const { kernel, root } = await show();
  press(root, "e");
  type(root, " a ghost of the bright star ");
  await settle();
  expect(kernel.of("note").map((one) => [one.id, one.note])).toEqual([[id(0), "a ghost of the bright star"]]);
  const note = all(root, "[data-place='0'] .cw-note")[0];
  expect([note?.hidden, note?.title]).toEqual([false, "note: a ghost of the bright star"]);
});

test("a slash gives the filter the focus", async () => {
  const { root } = await show();
  press(root, "/");
  expect(document.activeElement).toBe(byTestId(root, "where"));
});

test("s marks the page as seen in one request", async () => {
  const { kernel, root } = await show();
  press(root, "s");
  expect(kernel.of("seen").map((one) => one.ids)).toEqual([[id(0), id(1), id(2), id(3)]]);
});

test("sources visible for a while are marked as seen, in one request per moment", async () => {
  let look: (place: number, isIntersecting: boolean) => void = () => {};
  const watched: Element[] = [];
  class Observer {
    constructor(changed: (entries: { target: Element; isIntersecting: boolean }[]) => void) {
      look = (place, isIntersecting) => changed([{ target: watched[place] as Element, isIntersecting }]);
    }
    observe = (element: Element) => void watched.push(element);
    disconnect = () => {};
  }
  vi.stubGlobal("IntersectionObserver", Observer);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const { kernel } = await show(new Kernel({ seen_after_s: 1 }));
  for (const place of [0, 1, 2]) look(place, true);
  await vi.advanceTimersByTimeAsync(600);
  look(2, false);
  expect(kernel.of("seen")).toEqual([]);
  await vi.advanceTimersByTimeAsync(600);
  vi.useRealTimers();
  expect(kernel.of("seen").map((one) => one.ids)).toEqual([[id(0), id(1)]]);
});

test("an id typed alone in the filter shows its source, and the filter is kept", async () => {
  const { kernel, root } = await show(new Kernel({ where: "snr > 5" }));
  const field = byTestId(root, "where") as HTMLInputElement;
  field.focus();
  field.value = " 11 ";
  press(field, "Enter");
  await settle();
  expect(kernel.of("find").map((one) => one.text)).toEqual(["11"]);
  expect([root.dataset.page, current(root), field.value]).toEqual(["2", [id(10)], "snr > 5"]);
  expect(document.activeElement).toBe(root);
  expect(byTestId(root, "notice").textContent).toBe(`\u2713source ${id(10)}: row 11 of 12`);
  expect(kernel.of("page").every((one) => one.target.where === "snr > 5")).toBe(true);
});
