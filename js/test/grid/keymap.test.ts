import { afterEach, expect, test } from "vitest";
import { Kernel } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

test("a changed key acts, the one before it does not, and the help tells", async () => {
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

test("keys held together with Ctrl belong to the notebook unless the grid has them", async () => {
  const { kernel, root } = await show(new Kernel({ keymap: { undo: ["ctrl+z"] } }));
  expect(press(root, "i", { ctrlKey: true })).toBe(true);
  expect(press(root, "z", { ctrlKey: true })).toBe(false);
  expect(kernel.of("undo").length).toBe(1);
});
