import { afterEach, expect, test, vi } from "vitest";
import grid from "../../src/widget";
import { Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => document.body.replaceChildren());

test("a page has tiles, each with three canvases that show the pixels", async () => {
  const { root } = await show();
  expect(all(root, "[data-testid=tile]").length).toBe(4);
  const canvases = all(root, "[data-place='1'] canvas") as HTMLCanvasElement[];
  expect(canvases.map((one) => [one.width, one.height])).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  const drawn = canvases[0]?.getContext("2d")?.getImageData(0, 0, 2, 2).data;
  expect([...(drawn ?? [])].slice(0, 4)).toEqual([2, 2, 2, 255]);
});

test("turning a page reuses the tile elements and updates their contents", async () => {
  const { root } = await show();
  const parts = (): HTMLElement[] =>
    all(root, "[data-place='0'] :is(canvas, .cw-badge, .cw-facts span, svg)");
  const before = parts();
  byTestId(root, "next").click();
  await settle();
  expect(byTestId(root, "id").textContent).toBe("9007199254740997");
  expect(parts().length).toBe(before.length);
  expect(parts().every((one, k) => one === before[k])).toBe(true);
});

test("text from data is never read as HTML", async () => {
  const kernel = new Kernel();
  const { root } = await show(kernel);
  byTestId(root, "tile").click();
  await settle();
  expect(root.querySelector("[data-column=psfFlux] .cw-value")?.textContent).toBe("<b> nJy");
  expect(root.querySelector("[data-column] b")).toBe(null);
  expect(byTestId(root, "problems").textContent).toBe("template: no such file");
});

test("a badge shows its text, its colour and which columns raised it", async () => {
  const { root } = await show();
  const badge = root.querySelector<HTMLElement>(".cw-badge");
  expect([badge?.textContent, badge?.title, badge?.style.getPropertyValue("--cw-badge")]).toEqual([
    "SAT",
    "saturated\nClick: only sources with this flag",
    "#008000",
  ]);
});

test("keys move, select and label, and do not reach the notebook", async () => {
  const { kernel, root } = await show();
  let beyond = 0;
  document.body.addEventListener("keydown", () => beyond++);
  press(root, "ArrowRight");
  press(root, " ");
  press(root, "2");
  expect(kernel.model.get("selected")).toEqual(["9007199254740994"]);
  expect(kernel.of("label").map((one) => [one.ids, one.label])).toEqual([[["9007199254740994"], "bogus"]]);
  expect(beyond).toBe(0);
  press(root, "i", { ctrlKey: true });
  expect(beyond).toBe(1);
});

test("keys typed into a field do not act on the grid", async () => {
  const { kernel, root } = await show();
  const where = byTestId(root, "where");
  where.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
  await settle();
  expect(kernel.model.get("page")).toBe(0);
});

test("two grids share nothing, and two views of one share their state", async () => {
  const one = await show();
  const other = await show();
  byTestId(one.root, "next").click();
  await settle();
  expect([one.root.dataset.page, other.root.dataset.page]).toEqual(["1", "0"]);
});

test("a closed view leaves no listener", async () => {
  const { kernel, root, end } = await show();
  end();
  expect(root.isConnected).toBe(false);
  expect(kernel.listeners()).toBe(0);
});

test("the signal of anywidget 0.11 ends a view too", async () => {
  const kernel = new Kernel();
  const widget = grid();
  const [model, shown] = [new AbortController(), new AbortController()];
  widget.initialize({ model: kernel.model, signal: model.signal });
  const el = document.createElement("div");
  widget.render({ model: kernel.model, el, signal: shown.signal });
  await settle();
  expect(el.querySelectorAll("[data-testid=cutouts]").length).toBe(1);
  shown.abort();
  expect(el.childElementCount).toBe(0);
  model.abort();
  expect(kernel.listeners()).toBe(0);
});

test("without a kernel the view says so and keeps its page", async () => {
  const { kernel, root } = await show();
  kernel.die();
  await settle();
  expect(root.dataset.state).toBe("disconnected");
  expect(byTestId(root, "status").textContent).toContain("Run the cell again");
  expect(all(root, "[data-testid=tile]").length).toBe(4);
  expect((byTestId(root, "next") as HTMLButtonElement).disabled).toBe(true);
});

test("a saved page offers nothing that needs a kernel", async () => {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  Object.assign(kernel.model, { isFile: true });
  const { root } = await show(kernel);
  press(root, "a");
  press(root, "Enter");
  await settle();
  const offered = ["tool-save", "new-grid", "inspect-size"].flatMap((name) =>
    all(root, `[data-testid=${name}]`).map((one) => one.hidden),
  );
  expect(offered).toEqual([true, true, true, true]);
  expect(byTestId(root, "epochs-fold").closest("section")?.hidden).toBe(true);
  press(root, "w");
  expect(byTestId(root, "prompt").hidden).toBe(true);
  press(root, "?");
  expect(byTestId(root, "help").textContent).not.toContain("to a folder");
  expect(kernel.of("epochs")).toEqual([]);
});

test("the tiles fade if the wanted page takes long, not if it arrives soon", async () => {
  const { kernel, root } = await show(new Kernel({ n_rows: 40, n_total: 40 }));
  kernel.prompt = false;
  vi.useFakeTimers();
  try {
    const press3 = (): void => void ["n", "n", "n"].forEach((key) => void press(root, key));
    press3();
    await vi.advanceTimersByTimeAsync(60);
    kernel.prompt = true;
    for (const one of kernel.of("page").slice(-1)) kernel.answer(one);
    await vi.advanceTimersByTimeAsync(100);
    expect([root.dataset.page, root.dataset.faded]).toEqual(["3", undefined]);
    kernel.prompt = false;
    press3();
    await vi.advanceTimersByTimeAsync(100);
    expect([root.dataset.pending, root.dataset.faded]).toEqual(["", ""]);
    kernel.prompt = true;
    for (const one of kernel.of("page").slice(-1)) kernel.answer(one);
    await vi.advanceTimersByTimeAsync(1);
    expect([root.dataset.page, root.dataset.faded]).toEqual(["6", undefined]);
  } finally {
    vi.useRealTimers();
  }
});
