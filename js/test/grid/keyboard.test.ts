import { afterEach, expect, test } from "vitest";
import { Kernel } from "../kernel";
import { byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

/** Which of some keys get past the grid, and which ones JupyterLab is asked to ignore. */
function beyond(root: HTMLElement, at: HTMLElement, keys: readonly string[]): [string[], string[]] {
  const [reached, kept]: [string[], string[]] = [[], []];
  const listener = (): void => void reached.push(name);
  let name = "";
  document.addEventListener("keydown", listener);
  for (name of keys) {
    const [key = "", ...held] = name.split("+").reverse();
    press(at, key, { ctrlKey: held.includes("ctrl"), shiftKey: held.includes("shift") });
    if (root.hasAttribute("data-lm-suppress-shortcuts")) kept.push(name);
  }
  document.removeEventListener("keydown", listener);
  return [reached, kept];
}

test("only the grid's own keys and plain letters are kept from the notebook", async () => {
  const { root } = await show();
  const ours = ["ctrl+a", "ctrl+z", "l", "x", "d"];
  const theirs = ["ctrl+s", "ctrl+b", "shift+Enter", "ctrl+Enter", "F1", "ctrl+shift+c"];
  expect(beyond(root, root, [...ours, ...theirs])).toEqual([theirs, ours]);
});

test("without labels the labelling keys are left to the notebook", async () => {
  const { root } = await show(new Kernel({ labelling: false }));
  expect(beyond(root, root, ["ctrl+z", "u"])).toEqual([["ctrl+z"], ["u"]]);
});

test("in a text field editing keys are kept from the notebook, and Ctrl+S is not", async () => {
  const { root } = await show();
  const ours = ["n", "Enter", "ctrl+a", "ctrl+v"];
  expect(beyond(root, byTestId(root, "page"), [...ours, "ctrl+s"])).toEqual([["ctrl+s"], ours]);
});
