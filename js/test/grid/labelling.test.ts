import { afterEach, expect, test } from "vitest";
import { Kernel, labelled, page as pageOf, settle, target } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

const FIRST = 9007199254740993n;
const id = (n: number): string => String(FIRST + BigInt(n));
const given = (kernel: Kernel) => kernel.of("label").map((one) => [one.ids, one.label]);
const notice = (root: HTMLElement): string => byTestId(root, "notice").textContent ?? "";
const frames = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a digit typed while another page is wanted is refused, and the view says why", async () => {
  const { kernel, root } = await show(new Kernel({ n_rows: 40, n_total: 40 }));
  press(root, "n"); // read ahead, so it is there
  kernel.prompt = false;
  for (const key of ["n", "n", "n", "1"]) press(root, key);
  expect(root.dataset.pending).toBe("");
  expect(given(kernel)).toEqual([]);
  expect(notice(root)).toContain("not labelled: page 5 is not here yet");
  kernel.prompt = true;
  for (const one of kernel.sent) kernel.answer(one);
  await settle();
  expect([root.dataset.page, root.dataset.pending]).toEqual(["4", undefined]);
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(16)], "real"]]);
});

test("a change of look does not delay labels, since the sources are the same", async () => {
  const { kernel, root } = await show();
  kernel.prompt = false;
  press(root, "z");
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(0)], "real"]]);
});

test("a label is marked as not on disk until the kernel has confirmed it", async () => {
  const { kernel, root } = await show();
  kernel.prompt = false;
  press(root, "1");
  const first = byTestId(root, "tile");
  expect([first.dataset.label, first.dataset.unsaved]).toEqual(["real", ""]);
  for (const one of kernel.of("label")) kernel.answer(one);
  await settle();
  expect([first.dataset.label, first.dataset.unsaved]).toEqual(["real", undefined]);
});

test("a label that could not be saved brings the cursor back to its source", async () => {
  const { kernel, root } = await show();
  kernel.prompt = false;
  press(root, "1");
  press(root, "2");
  const cursor = () => all(root, "[data-current]").map((one) => one.dataset.place);
  expect(cursor()).toEqual(["2"]);
  for (const one of kernel.of("label"))
    kernel.reply(one, { kind: "failed", reason: "the disk is full", field: null, cancelled: false });
  await settle();
  expect(cursor()).toEqual(["0"]);
  expect(notice(root)).toContain("not saved: the disk is full");
  expect(all(root, "[data-testid=tile][data-label]")).toEqual([]);
});

test("a source can be labelled once its pixels were visible for a while", async () => {
  const { kernel, root } = await show(new Kernel({ label_after_ms: 60_000 }));
  press(root, "1");
  expect(given(kernel)).toEqual([]);
  expect(notice(root)).toContain(`not labelled: ${id(0)} was on the screen for less than 60000 ms`);
  kernel.set({ label_after_ms: 30 });
  await frames(150);
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(0)], "real"]]);
});

test("a source whose images are still being read cannot be labelled", async () => {
  const kernel = new Kernel();
  kernel.prompt = false;
  const { root } = await show(kernel);
  const [answer, bytes] = pageOf(target(), 12, "part");
  for (const tile of answer.tiles) tile.waiting = tile.place > 0;
  const asked = kernel.of("page")[0];
  if (asked === undefined) throw new Error("no page was asked for");
  kernel.reply(asked, answer, bytes);
  press(root, "1"); // the cursor moves on
  press(root, "2");
  expect(given(kernel)).toEqual([[[id(0)], "real"]]);
  expect(notice(root)).toContain(`not labelled: the images of ${id(1)} are not here yet`);
});

test("a selection on other pages is counted, and labelled only after a notice", async () => {
  const { kernel, root } = await show();
  press(root, "ArrowRight", { shiftKey: true });
  expect(byTestId(root, "selected").textContent).toBe("2 selected");
  press(root, "n");
  await settle();
  expect(byTestId(root, "selected").textContent).toBe("2 selected (2 on other pages)");
  press(root, "1");
  expect(given(kernel)).toEqual([]);
  expect(notice(root)).toContain("2 selected (2 on other pages): press again to label all");
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(0), id(1)], "real"]]);
});

test("replacing a label makes the tile flash, and the status line says what was replaced", async () => {
  const { root } = await show(new Kernel({ advance: false }));
  press(root, "1");
  expect(all(root, "[data-flash]")).toEqual([]);
  press(root, "2");
  expect(all(root, "[data-flash]").map((one) => one.dataset.id)).toEqual([id(0)]);
  expect(notice(root)).toContain("replaced: 1 real \u2192 bogus");
});

test("a label moves the cursor to the next unlabelled source, then to the next page", async () => {
  const { kernel, root } = await show();
  press(root, "l");
  press(root, "1"); // the second, and on to the third
  press(root, "Home");
  for (const key of ["2", "2", "2"]) press(root, key); // the first, past the second to the third and fourth
  await settle();
  expect(given(kernel).map(([ids]) => ids)).toEqual([[id(1)], [id(0)], [id(2)], [id(3)]]);
  expect(root.dataset.page).toBe("1");
  press(root, "1");
  expect(given(kernel).at(-1)).toEqual([[id(4)], "real"]);
});

test("skipped sources come before the next page", async () => {
  const { root } = await show();
  press(root, "End");
  press(root, "1");
  expect(all(root, "[data-current]").map((one) => one.dataset.id)).toEqual([id(0)]);
  expect(root.dataset.page).toBe("0");
});

test("Shift with a digit labels all unlabelled sources of the page in one action", async () => {
  const { kernel, root } = await show();
  press(root, "l");
  press(root, "1");
  press(root, "@", { shiftKey: true, code: "Digit2" });
  expect(given(kernel).at(-1)).toEqual([[id(0), id(2), id(3)], "bogus"]);
  await settle();
  expect(root.dataset.page).toBe("1");
});

test("a point repeats the last label", async () => {
  const { kernel, root } = await show();
  press(root, ".");
  expect(notice(root)).toContain("no label was given yet");
  press(root, "2");
  press(root, ".");
  expect(given(kernel)).toEqual([
    [[id(0)], "bogus"],
    [[id(1)], "bogus"],
  ]);
});

test("an undone label is reported, flashes, and gets the cursor", async () => {
  const { kernel, root } = await show();
  press(root, "2");
  press(root, "l");
  press(root, "u");
  await settle();
  const [undo] = kernel.of("undo");
  if (undo === undefined) throw new Error("nothing was undone");
  const answer = labelled({ [id(0)]: null });
  kernel.reply(undo, { ...answer, act: "undo", was: { [id(0)]: "bogus" } });
  await settle();
  expect(notice(root)).toContain("undone: 1 bogus \u2192 unlabelled");
  expect(all(root, "[data-flash]").map((one) => one.dataset.id)).toEqual([id(0)]);
  expect(all(root, "[data-current]").map((one) => one.dataset.id)).toEqual([id(0)]);
  expect(byTestId(all(root, "[data-place='0']")[0] as HTMLElement, "label").hidden).toBe(true);
});

test("the last of several quick labels is kept, whatever is confirmed meanwhile", async () => {
  const { kernel, root } = await show(new Kernel({ advance: false }));
  kernel.prompt = false;
  press(root, "1");
  press(root, "2");
  const [first] = kernel.of("label");
  if (first !== undefined) kernel.answer(first);
  await settle();
  expect(byTestId(root, "label").textContent).toContain("bogus");
});

test("a page begins at its top with the cursor on its first source", async () => {
  const { root } = await show();
  press(root, "End");
  press(root, "n");
  await settle();
  expect(all(root, "[data-current]").map((one) => one.dataset.id)).toEqual([id(4)]);
});
