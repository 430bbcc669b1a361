import { afterEach, expect, test } from "vitest";
import type { State } from "../../src/protocol";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

const progress = (labels: Record<string, number>, unlabelled: number) => ({
  rows: Object.values(labels).reduce((sum, n) => sum + n, unlabelled),
  labels,
  unlabelled,
  seen: 3,
});

test("the bar shows key, symbol, name and count of each label, and the progress", async () => {
  const { kernel, root } = await show(new Kernel({ progress: progress({ real: 2, bogus: 1 }, 9) }));
  const rowsOfBar = () =>
    all(root, ".cw-label-choices > .cw-choice").map((one) =>
      [...one.children].map((part) => part.textContent),
    );
  expect(rowsOfBar()).toEqual([
    ["1", "o", "real", "2"],
    ["2", "o", "bogus", "1"],
    ["0", "\u25cb", "unlabelled", "9"],
  ]);
  expect([byTestId(root, "progress").textContent, byTestId(root, "seen").textContent]).toEqual([
    "3 of 12",
    "3 seen",
  ]);
  kernel.set({ progress: progress({ real: 1002, bogus: 1 }, 8) });
  expect(rowsOfBar()[0]).toEqual(["1", "o", "real", "1,002"]);
});

test("a click on a label sets it on the source at the cursor, and the keys still work", async () => {
  const { kernel, root } = await show();
  press(root, "l");
  all(root, "[data-testid=choice]")[1]?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
  expect(kernel.of("label").map((one) => [one.ids, one.label])).toEqual([[["9007199254740994"], "bogus"]]);
  expect(document.activeElement).toBe(root);
  byTestId(root, "tool-undo").click();
  expect(kernel.of("undo").length).toBe(1);
});

test("there is no bar without a labels file", async () => {
  const { root } = await show(new Kernel({ labelling: false, progress: {} as State["progress"] }));
  expect(byTestId(root, "label-bar").hidden).toBe(true);
});

test("advancing the cursor is switched on the bar, and remembered", async () => {
  const { kernel, root } = await show();
  byTestId(root, "advance").click();
  expect(kernel.saved.at(-1)?.advance).toBe(false);
  press(root, "1");
  expect(root.querySelector("[data-current]")?.getAttribute("data-place")).toBe("0");
});

test("a label is shown on the tile and in the inspector by word, symbol and colour", async () => {
  const { root } = await show(new Kernel({ advance: false }));
  press(root, "Enter");
  press(root, "2");
  await settle();
  const tile = all(root, "[data-place='0']")[0];
  expect(tile?.style.getPropertyValue("--cw-label")).toBe("#009E73");
  expect(tile?.querySelector("[data-testid=label]")?.textContent).toBe("o bogus");
  expect(byTestId(root, "inspected-label").textContent).toBe("o bogus");
});

test("a blind grid says so", async () => {
  const seen = await show();
  expect(byTestId(seen.root, "blind").hidden).toBe(true);
  seen.end();
  const blind = await show(new Kernel({ blind: true }));
  expect(byTestId(blind.root, "blind").hidden).toBe(false);
  blind.end();
});

test("the bar reports a lost disk and its return", async () => {
  const { kernel, root, end } = await show();
  kernel.set({ labelling_problem: "the journal labels.jsonl is gone" });
  const line = byTestId(root, "label-problem");
  expect([line.hidden, line.textContent]).toEqual([false, "\u26a0 the journal labels.jsonl is gone"]);
  kernel.set({ labelling_problem: "" });
  expect(line.hidden).toBe(true);
  end();
});
