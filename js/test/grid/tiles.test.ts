import { afterEach, expect, test, vi } from "vitest";
import { settle } from "../kernel";
import { all, byTestId, show } from "../shown";

afterEach(() => {
  vi.unstubAllGlobals();
  getSelection()?.removeAllRanges();
  document.body.replaceChildren();
});

test("a click inspects while text is selected elsewhere, and does not while its own is", async () => {
  const { kernel, root } = await show();
  const [first, second] = all(root, "[data-testid=tile]") as [HTMLElement, HTMLElement];
  getSelection()?.selectAllChildren(byTestId(second, "id"));
  byTestId(second, "science").click();
  expect(kernel.model.get("inspected")).toBe(null);
  byTestId(first, "science").click();
  expect(kernel.model.get("inspected")).toBe(first.dataset.id);
});

test("clicks on an id, which select it, open nothing", async () => {
  const { kernel, root } = await show();
  byTestId(root, "id").click();
  expect(kernel.model.get("inspected")).toBe(null);
});

test("a button copies the id and says so", async () => {
  const copied: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  const { kernel, root } = await show();
  root.querySelector<HTMLElement>(".cw-copy")?.click();
  await settle();
  expect(copied).toEqual(["9007199254740993"]);
  expect(byTestId(root, "notice").textContent).toContain("copied 9007199254740993");
  expect(kernel.model.get("inspected")).toBe(null);
});
