import { afterEach, expect, test } from "vitest";
import { Kernel, page as pageOf, settle, target } from "../kernel";
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
  for (const one of kernel.of("cancel")) kernel.answer(one);
  await settle();
  expect([root.dataset.page, root.dataset.pending]).toEqual(["4", undefined]);
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(16)], "real"]]);
});

test("a change of look does not hold up labels: the sources are the same", async () => {
  const { kernel, root } = await show();
  kernel.prompt = false;
  press(root, "z");
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(0)], "real"]]);
});

test("a source takes a label once its pixels were on the screen for a while", async () => {
  const { kernel, root } = await show(new Kernel({ label_after_ms: 30 }));
  press(root, "1");
  expect(given(kernel)).toEqual([]);
  expect(notice(root)).toContain(`not labelled: ${id(0)} was on the screen for less than 30 ms`);
  await frames(150);
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(0)], "real"]]);
});

test("a source whose images are still being read takes no label", async () => {
  const kernel = new Kernel();
  kernel.prompt = false;
  const { root } = await show(kernel);
  const [answer, bytes] = pageOf(target(), 12, "part");
  for (const tile of answer.tiles) tile.waiting = tile.place > 0;
  const asked = kernel.of("page")[0];
  if (asked === undefined) throw new Error("no page was asked for");
  kernel.reply(asked, answer, bytes);
  press(root, "1");
  press(root, "l");
  press(root, "2");
  expect(given(kernel)).toEqual([[[id(0)], "real"]]);
  expect(notice(root)).toContain(`not labelled: the images of ${id(1)} are not here yet`);
});

test("a selection on other pages is counted, and takes a label only after that was said", async () => {
  const { kernel, root } = await show();
  press(root, "ArrowRight", { shiftKey: true });
  expect(byTestId(root, "selected").textContent).toBe("2 selected");
  press(root, "n");
  await settle();
  expect(byTestId(root, "selected").textContent).toBe("2 selected, 2 on other pages");
  press(root, "1");
  expect(given(kernel)).toEqual([]);
  expect(notice(root)).toContain("2 selected, 2 on other pages: press again to label all of them");
  press(root, "1");
  expect(given(kernel)).toEqual([[[id(0), id(1)], "real"]]);
});

test("a label in place of another one makes the tile flash, and the line says what was replaced", async () => {
  const { root } = await show();
  press(root, "1");
  expect(all(root, "[data-flash]")).toEqual([]);
  press(root, "2");
  expect(all(root, "[data-flash]").map((one) => one.dataset.id)).toEqual([id(0)]);
  expect(notice(root)).toContain("replaced: 1 real \u2192 bogus");
});
