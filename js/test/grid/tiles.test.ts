import { afterEach, expect, test, vi } from "vitest";
import { Kernel, labelled, settle } from "../kernel";
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

const places = (buttons: readonly HTMLElement[]) =>
  buttons.map((one) => one.closest<HTMLElement>("[data-place]")?.dataset.place);
const stops = (root: HTMLElement) =>
  all(root, "[data-testid=tile] button").filter((one) => one.tabIndex === 0);

test("only the buttons of the cursor's tile are stops of the Tab key", async () => {
  const { root } = await show();
  const buttons = all(root, "[data-testid=tile] button");
  expect(places(stops(root))).toEqual(["0", "0", "0"]); // its id, SAT and DIPOLE
  press(root, "ArrowRight");
  expect(places(stops(root))).toEqual(["1", "1", "1"]);
  press(root, "n");
  await settle();
  expect(places(stops(root))).toEqual(["0", "0", "0"]);
  expect(all(root, "[data-testid=tile] button")).toEqual(buttons);
});

test("a button that gets the focus takes the cursor to its tile", async () => {
  const { root } = await show();
  all(root, "[data-testid=tile] .cw-copy")[2]?.focus();
  expect(places(stops(root))).toEqual(["2", "2", "2"]);
  expect(root.getAttribute("aria-activedescendant")).toBe(all(root, "[data-testid=tile]")[2]?.id);
});

test("arrow keys take the focus from a button to the same button of the next tile", async () => {
  const { root } = await show();
  const dipoles = all(root, "button[data-badge=DIPOLE]");
  dipoles[0]?.focus();
  press(dipoles[0] as HTMLElement, "ArrowRight");
  expect(document.activeElement).toBe(dipoles[1]);
  press(dipoles[1] as HTMLElement, "n");
  await settle();
  expect(document.activeElement).toBe(dipoles[0]);
});

test("a button with the focus that goes away leaves it to the tiles, so that keys still work", async () => {
  const kernel = new Kernel();
  const { root } = await show(kernel);
  const [tile] = all(root, "[data-testid=tile]") as [HTMLElement];
  tile.querySelector<HTMLElement>("[data-badge=DIPOLE]")?.focus();
  kernel.hasFlags = false;
  kernel.set({ where: "not isDipole" });
  await settle();
  expect(tile.querySelector("[data-badge]")).toBe(null);
  expect(document.activeElement).toBe(tile.querySelector(".cw-copy"));
  all(root, ".cw-copy")[1]?.focus();
  kernel.set({ where: "snr > 500", n_rows: 1 });
  await settle();
  expect(all(root, "[data-testid=tile]").length).toBe(1);
  expect(document.activeElement?.closest("[data-testid=cutouts]")).toBe(root);
});

test("a page turn sets no attribute of the buttons' Tab order again", async () => {
  const { root } = await show();
  const seen = new MutationObserver(() => {});
  seen.observe(root, { subtree: true, attributeFilter: ["tabindex"] });
  press(root, "n");
  await settle();
  expect(seen.takeRecords()).toEqual([]);
});

test("the tiles say under which widths their headers are", async () => {
  let resized = (): void => {};
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(act: () => void) {
        const before = resized;
        resized = () => {
          before();
          act();
        };
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
  const { root } = await show();
  const under = (width: number): string | undefined => {
    const head = root.querySelector(".cw-head") as HTMLElement;
    Object.defineProperty(head, "clientWidth", { configurable: true, value: width });
    resized();
    return byTestId(root, "tiles").dataset.under;
  };
  expect([280, 279, 150, 60].map(under)).toEqual(["", "280", "280 200", "280 200 120"]);
  expect(under(0)).toBe("280 200 120"); // hidden: nothing is known
});
