import { afterEach, expect, test } from "vitest";
import page from "../../../docs/grid.md?raw";
import { Kernel, page as pageOf, settle, target } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

/** The rows of the help: key and action. */
function rowsOfHelp(root: HTMLElement): string[][] {
  return all(byTestId(root, "help"), "p").map((line) =>
    [...line.children].map((one) => one.textContent ?? ""),
  );
}

test("a question mark opens the help, as does its button", async () => {
  const { root } = await show();
  const help = byTestId(root, "help");
  expect(help.hidden).toBe(true);
  press(root, "?");
  expect(help.hidden).toBe(false);
  expect(rowsOfHelp(root)).toContainEqual(["labels", "1 real, 2 bogus"]);
  press(root, "?");
  expect(help.hidden).toBe(true);
  byTestId(root, "keys").click();
  expect(help.hidden).toBe(false);
});

test("the help and the documentation list the same keys", async () => {
  const { root } = await show();
  press(root, "?");
  const table = page.slice(page.indexOf("| | key |")).split("\n\n")[0] ?? "";
  const rows = table.split("\n").slice(2);
  const documented = rows.map((row) =>
    row
      .split("|")
      .slice(2, 4)
      .map((cell) => cell.trim()),
  );
  expect(documented).toEqual(rowsOfHelp(root).filter(([key]) => key !== "labels"));
});

test("the help is in groups, and Esc closes it before anything else", async () => {
  const { kernel, root } = await show();
  byTestId(root, "tile").click();
  await settle();
  press(root, "?");
  const groups = all(byTestId(root, "help"), ".cw-help-group").map((one) => one.ariaLabel);
  expect(groups).toEqual(["labels", "moving", "display", "selection", "inspector"]);
  press(root, "Escape");
  expect(byTestId(root, "help").hidden).toBe(true);
  expect(byTestId(root, "inspector").hidden).toBe(false);
  expect(kernel.of("inspect")).toHaveLength(1);
});

test("the help lists no label keys without a labels file", async () => {
  const { root } = await show(new Kernel({ labelling: false }));
  press(root, "?");
  const keys = rowsOfHelp(root).map(([key]) => key);
  expect(keys).toContain("b");
  expect(keys).not.toContain("u");
  expect(keys).not.toContain("labels");
});

test("without a kernel a click, Enter and a label key say why they do nothing", async () => {
  const [snapshot, pixels] = pageOf(target());
  const kernel = new Kernel({ snapshot, snapshot_pixels: new DataView(pixels.buffer), labelling: true });
  kernel.live = false;
  const { root } = await show(kernel);
  byTestId(root, "tile").click();
  await settle();
  expect(byTestId(root, "notice").textContent).toContain("there is no kernel");
  expect(byTestId(root, "inspector").hidden).toBe(true);
  press(root, "Enter");
  expect(byTestId(root, "inspector").hidden).toBe(true);
  expect([...kernel.of("inspect"), ...kernel.of("label")]).toEqual([]);
});

test("the grid handles the keys of the help and leaves others to the notebook", async () => {
  const { root } = await show();
  for (const key of ["h", "J", "Enter", "Escape", "PageDown", "b", "o", "a", "x", "0", "?"])
    expect(press(root, key)).toBe(false);
  for (const key of ["d", "q", "F5", "Tab"]) expect(press(root, key)).toBe(true);
});

test("Shift with a letter extends the selection as with an arrow", async () => {
  const { kernel, root } = await show();
  press(root, "L", { shiftKey: true });
  expect([kernel.model.get("selected")].flat().length).toBe(2);
});

test("a key held down keeps turning pages, but labels only once", async () => {
  const { kernel, root } = await show();
  press(root, "1");
  press(root, "1", { repeat: true });
  expect(kernel.of("label").length).toBe(1);
  press(root, "n", { repeat: true });
  await settle();
  expect(root.dataset.page).toBe("1");
});

test("Esc closes one thing at a time, the newest first", async () => {
  const { kernel, root } = await show();
  press(root, " ");
  press(root, "Enter");
  await settle();
  press(root, "Escape");
  expect([kernel.model.get("inspected"), [kernel.model.get("selected")].flat().length]).toEqual([null, 1]);
  press(root, "Escape");
  expect(kernel.model.get("selected")).toEqual([]);
});

test("closing the inspector by its button moves the focus to the grid", async () => {
  const { root } = await show();
  press(root, "Enter");
  await settle();
  byTestId(root, "close").focus();
  byTestId(root, "close").click();
  expect(document.activeElement).toBe(root);
});

test("a button that is disabled or hidden moves the focus to the grid", async () => {
  const { root } = await show(new Kernel({ page: 1 })); // of three
  const next = byTestId(root, "next");
  next.focus();
  next.click();
  await settle();
  expect([root.dataset.page, (next as HTMLButtonElement).disabled]).toEqual(["2", true]);
  expect(document.activeElement).toBe(root);
  const where = byTestId(root, "where") as HTMLInputElement;
  where.value = "snr > 1";
  where.dispatchEvent(new Event("change"));
  await settle();
  byTestId(root, "clear").focus();
  byTestId(root, "clear").click();
  expect(document.activeElement).toBe(root);
});

test("the list of columns scrolls by keys while it has the focus", async () => {
  const { root } = await show();
  press(root, "Enter");
  await settle();
  const list = root.querySelector<HTMLElement>(".cw-scroll");
  if (list === null) throw new Error("no list");
  expect(press(list, "ArrowDown")).toBe(true);
  expect(press(list, "PageDown")).toBe(true);
  expect(root.dataset.page).toBe("0");
  expect(press(list, "b")).toBe(false);
});

test("a screen reader is rowsOfHelp where the cursor is", async () => {
  const { root } = await show();
  press(root, "l");
  const tile = root.querySelector("[data-place='1']");
  expect(root.getAttribute("aria-activedescendant")).toBe(tile?.id);
});
