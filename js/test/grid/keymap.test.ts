import { afterEach, expect, test } from "vitest";
import { Kernel } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});

test("a changed key works, the previous one does not, and the help shows it", async () => {
  const { kernel, root } = await show(new Kernel({ keymap: { label_2: ["r"] } }));
  press(root, "2");
  expect(kernel.of("label")).toEqual([]);
  press(root, "r");
  expect(kernel.of("label").map((one) => one.label)).toEqual(["bogus"]);
  press(root, "?");
  const shown = all(byTestId(root, "help"), "kbd").map((one) => one.textContent);
  expect(shown).toContain("1 r 3 4 5 6 7 8 9");
});

test("a digit that needs Shift on a keyboard is that digit", async () => {
  const { kernel, root } = await show();
  press(root, "2", { shiftKey: true, code: "Digit2" }); // as on a French keyboard
  expect(kernel.of("label").map((one) => one.label)).toEqual(["bogus"]);
});

test("keys with Ctrl are left to the notebook unless the grid uses them", async () => {
  const { kernel, root } = await show(new Kernel({ keymap: { undo: ["ctrl+z"] } }));
  expect(press(root, "i", { ctrlKey: true })).toBe(true);
  expect(press(root, "z", { ctrlKey: true })).toBe(false);
  expect(kernel.of("undo").length).toBe(1);
});

/** Choose another key for an action in the help. */
function rekey(root: HTMLElement, name: string, key: string, more: KeyboardEventInit = {}): void {
  if (byTestId(root, "help").hidden) press(root, "?");
  root.querySelector<HTMLElement>("[data-testid=keys-change]")?.click();
  const button = root.querySelector<HTMLElement>(`[data-key=${name}]`);
  if (button === null) throw new Error(`no ${name}`);
  button.click();
  press(button, key, more);
}

test("a key is changed in the help, and the next grid in this browser has it too", async () => {
  const { kernel, root } = await show();
  rekey(root, "label_2", "r");
  expect(kernel.saved.at(-1)?.keymap).toEqual({ label_2: ["r"] });
  press(root, "r");
  expect(kernel.of("label").map((one) => one.label)).toEqual(["bogus"]);
  const next = await show(new Kernel());
  expect(next.kernel.model.get("keymap")).toEqual({ label_2: ["r"] });
});

test("a key already in use is refused in the help", async () => {
  const { kernel, root } = await show();
  rekey(root, "label_2", "n");
  expect(byTestId(root, "notice").textContent).toBe("\u26a0n is the key of \u201cnext page\u201d");
  expect(kernel.model.get("keymap")).toEqual({});
  rekey(root, "label_2", "!", { shiftKey: true, code: "Digit1" });
  expect(byTestId(root, "notice").textContent).toContain("Shift+1 is the key of");
});

test("changing keys takes the place of the list, which shows the new one after it", async () => {
  const { root } = await show();
  rekey(root, "undo", "q");
  const help = byTestId(root, "help");
  expect(help.textContent).not.toContain("undo the last label");
  const names = all(help, "[data-key]").map((one) => one.dataset.key);
  expect(names).toContain("rest_2");
  expect(names).not.toContain("label_3"); // there are two labels
  byTestId(root, "keys-done").click();
  expect(all(help, "kbd").map((one) => one.textContent)).toContain("q");
});

test("one press resets all keys", async () => {
  const { kernel, root } = await show(new Kernel({ keymap: { label_2: ["r"] } }));
  press(root, "?");
  byTestId(root, "keys-change").click();
  byTestId(root, "keys-reset").click();
  expect(kernel.model.get("keymap")).toEqual({});
});
