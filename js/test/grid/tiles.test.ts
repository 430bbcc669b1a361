import { afterEach, expect, test, vi } from "vitest";
import { labelled, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

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

test("the accessible name of a tile has id, signal to noise, band, flags and label", async () => {
  const { kernel, root } = await show();
  const [first, second] = all(root, "[data-testid=tile]") as [HTMLElement, HTMLElement];
  const named = /^source 9007199254740993, S\/N 7.0, band r, .*, fitted as a dipole$/;
  expect(first.getAttribute("aria-label")).toMatch(named);
  kernel.reply({ version: 1, client: "", request: 0 }, labelled({ "9007199254740993": "real" }));
  expect(first.getAttribute("aria-label")).toMatch(/, fitted as a dipole, label real$/);
  expect(second.getAttribute("aria-label")).not.toContain("label");
});

test("a page is scrolled to its first tile once, with the next frame", async () => {
  const { root } = await show();
  const scrolled: string[] = [];
  const [first] = all(root, "[data-testid=tile]") as [HTMLElement];
  first.scrollIntoView = () => scrolled.push(root.dataset.page ?? "");
  press(root, "n");
  await settle();
  press(root, "n");
  press(root, "p");
  await settle();
  await new Promise(requestAnimationFrame);
  const before = scrolled.length;
  press(root, "n");
  expect(scrolled.length).toBe(before);
  await settle();
  await new Promise(requestAnimationFrame);
  expect(scrolled.length).toBe(before + 1);
});

test("a new page is announced with its range of rows", async () => {
  const { root } = await show();
  const tiles = all(root, "[data-testid=tile]");
  const heard = byTestId(root, "announced-page");
  press(root, "n");
  await settle();
  const place = tiles[0]?.getAttribute("aria-rowindex");
  expect(Number(place)).toBe(tiles.length + 1);
  expect(heard.textContent).toMatch(new RegExp(`^page 2 of \\d+, sources ${place} to `));
  expect(heard.getAttribute("role")).toBe("status");
});

test("clicks that select an id do not open the inspector", async () => {
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
