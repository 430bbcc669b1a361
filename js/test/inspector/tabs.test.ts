import { afterEach, expect, test } from "vitest";
import { tabs } from "../../src/inspector/tabs";
import { Session } from "../../src/session";
import { Kernel } from "../kernel";
import { byTestId, press } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

function shown(): HTMLElement {
  const { signal } = new AbortController();
  const sheets = ["one", "two"].map((name) => ({
    name,
    title: name,
    part: () => document.createElement("p"),
  }));
  const element = tabs(sheets, new Session(new Kernel().model, signal), signal, null);
  document.body.append(element);
  return element;
}

test("one tab is shown, and the next inspector opens with the last one chosen", () => {
  const first = shown();
  const hidden = (root: HTMLElement): boolean[] =>
    ["one", "two"].map((name) => byTestId(root, `sheet-${name}`).hidden === true);
  expect(hidden(first)).toEqual([false, true]);
  byTestId(first, "tab-two").click();
  expect(hidden(first)).toEqual([true, false]);
  expect(hidden(shown())).toEqual([true, false]);
});

test("arrow keys go from tab to tab, around the end", () => {
  const root = shown();
  press(byTestId(root, "tab-one"), "ArrowLeft");
  expect(document.activeElement).toBe(byTestId(root, "tab-two"));
  expect(byTestId(root, "tab-two").getAttribute("aria-selected")).toBe("true");
});
