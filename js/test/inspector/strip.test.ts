import { afterEach, expect, test, vi } from "vitest";
import { epoch, exposure, Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
  localStorage.clear();
});

const [FIRST, SECOND] = ["9007199254740993", "9007199254740994"];

/** Three epochs of one object: the first two sources of the page, and between them a visit without a detection. */
const THREE = [
  exposure({ source: FIRST, in_table: true, time: 61001, visit: "1", snr: 7 }),
  exposure({ time: 61002, visit: "2" }),
  exposure({ source: SECOND, in_table: true, time: 61003, visit: "3", snr: -9 }),
];

async function inspecting(epochs: typeof THREE | string = THREE): Promise<Shown> {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  kernel.epochs = epochs;
  kernel.curve.points = [
    epoch({ time: 61001, source: FIRST, in_table: true, visit: "1", detector: "0" }),
    epoch({ time: 61002, kind: "forced", visit: "2", source: "5" }),
  ];
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  return shown;
}

const cells = (root: HTMLElement) =>
  all(root, "[data-testid=epoch]").sort((a, b) => Number(a.dataset.epoch) - Number(b.dataset.epoch));
const current = (root: HTMLElement) =>
  cells(root).findIndex((one) => one.getAttribute("aria-selected") === "true");

test("epochs are in time order with their cutouts, and mark visits without a detection", async () => {
  const { root, kernel } = await inspecting();
  expect(all(root, ".cw-strip-track .cw-strip-words").map((one) => one.textContent)).toEqual([
    "S/N 7.0",
    "no detection",
    "S/N \u22129.0",
  ]);
  expect(byTestId(root, "epochs-count").textContent).toBe("1 of 3, 1 without a detection");
  expect(kernel.of("epoch_tiles").map((one) => one.places)).toEqual([[0, 1, 2]]);
  expect(all(root, ".cw-strip-track .cw-panel").every((one) => one.dataset.pixels === "ready")).toBe(true);
});

test("epochs that cannot be read say why, and are asked for once", async () => {
  const { root, kernel } = await inspecting("the database is locked");
  await settle();
  expect(byTestId(root, "epochs-count").textContent).toBe("No epochs: the database is locked.");
  expect(kernel.of("epochs").length).toBe(1);
});

test("only the visible ones of a hundred epochs are created and read", async () => {
  const many = Array.from({ length: 100 }, (_, n) => exposure({ time: 61000 + n }));
  const { root, kernel } = await inspecting(many);
  expect(cells(root).length).toBeLessThan(30);
  expect(kernel.of("epoch_tiles").flatMap((one) => one.places).length).toBeLessThan(30);
});

test("clicking an epoch in the table inspects it, and the strip keeps its object", async () => {
  const { root, kernel } = await inspecting();
  cells(root)[2]?.click();
  await settle();
  expect(kernel.model.get("inspected")).toBe(SECOND);
  expect(current(root)).toBe(2);
  expect(kernel.of("epochs")).toHaveLength(1);
  expect(kernel.of("epoch_tiles")).toHaveLength(1);
});

test("an epoch chosen while another one's panels are loading stays chosen when they arrive", async () => {
  const { root, kernel } = await inspecting();
  kernel.prompt = false;
  cells(root)[2]?.click(); // the second source of the table: its panels are requested
  const [asked] = kernel.of("inspect").slice(-1);
  const scroller = root.querySelector(".cw-strip-scroller");
  scroller?.dispatchEvent(
    new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true, cancelable: true }),
  );
  expect([asked?.id, current(root)]).toEqual([SECOND, 1]);
  kernel.prompt = true;
  if (asked !== undefined) kernel.answer(asked);
  await settle();
  expect(byTestId(root, "inspector").dataset.state).toBe("ready");
  expect(current(root)).toBe(1);
});

test("selecting a light curve point selects its cutouts, and vice versa", async () => {
  const { root } = await inspecting();
  byTestId(root, "tab-curve").click();
  await settle();
  const ring = () => root.querySelector("[data-testid=epoch-now]")?.getAttribute("cx");
  const first = ring();
  cells(root)[1]?.click(); // a visit without a detection, which forced photometry measured
  await settle();
  expect(current(root)).toBe(1);
  expect(ring()).not.toBe(first);
});

test("brackets step through the epochs and stop at the ends", async () => {
  const { root, kernel } = await inspecting();
  press(root, "]");
  expect(current(root)).toBe(1);
  press(root, "]");
  await settle();
  expect(kernel.model.get("inspected")).toBe(SECOND);
  press(root, "]");
  expect(current(root)).toBe(2);
  press(root, "[");
  expect(current(root)).toBe(1);
});

test("individual limits request new pixels; showing a single panel does not", async () => {
  const { root, kernel } = await inspecting();
  byTestId(root, "epochs-same").click();
  await settle();
  expect(kernel.of("epoch_tiles").map((one) => one.same_limits)).toEqual([true, false]);
  const panel = byTestId(root, "epochs-panel") as HTMLSelectElement;
  panel.value = "difference";
  panel.dispatchEvent(new Event("change"));
  await settle();
  expect(kernel.of("epoch_tiles")).toHaveLength(2);
});

test("the direction of motion of a moving object is up by choice; a fixed one offers none", async () => {
  const fixed = await inspecting();
  expect(byTestId(fixed.root, "epochs-motion").closest("label")?.hidden).toBe(true);
  fixed.end();
  document.body.replaceChildren();
  const { root } = await inspecting(THREE.map((one) => ({ ...one, motion: 90 })));
  const turns = () => all(root, ".cw-strip-track .cw-turned").map((one) => one.style.transform);
  expect(new Set(turns())).toEqual(new Set([""]));
  const choice = byTestId(root, "epochs-motion");
  expect(choice.closest("label")?.hidden).toBe(false);
  choice.click();
  expect(turns().every((one) => one.includes("matrix("))).toBe(true);
  choice.click();
  expect(new Set(turns())).toEqual(new Set([""]));
});

test("an object with one epoch has no strip, and a closed strip requests nothing", async () => {
  const { root } = await inspecting([exposure({ source: FIRST, in_table: true })]);
  expect(byTestId(root, "epochs-count").textContent).toBe("No other epoch is known.");
  expect(byTestId(root, "epochs").hidden).toBe(true);
  byTestId(root, "epochs-fold").click();
  const again = await inspecting();
  expect(again.kernel.of("epochs")).toHaveLength(0);
});

test("an epoch outside the table is enlarged, one in the table is inspected", async () => {
  const { root } = await inspecting();
  const stage = byTestId(root, "epoch-stage");
  expect(stage.hidden).toBe(true);
  cells(root)[1]?.click();
  await settle();
  expect(stage.hidden).toBe(false);
  expect(byTestId(root, "epoch-shown").getAttribute("aria-label")).toContain("visit 2");
  expect(all(stage, ".cw-panel").map((one) => one.dataset.pixels)).toEqual(["ready", "ready", "ready"]);
  cells(root)[2]?.click();
  await settle();
  expect(stage.hidden).toBe(true);
});

test("the epochs play in a loop, and the one where they stop is inspected", async () => {
  const { root, kernel } = await inspecting();
  vi.useFakeTimers();
  const play = byTestId(root, "epochs-play");
  play.click();
  expect(play.getAttribute("aria-pressed")).toBe("true");
  const seen: number[] = [];
  for (let k = 0; k < 4; k++) {
    vi.advanceTimersByTime(500);
    seen.push(current(root));
    expect(byTestId(root, "epoch-stage").hidden).toBe(false);
  }
  expect(seen).toEqual([1, 2, 0, 1]);
  expect(kernel.model.get("inspected")).toBe(FIRST);
  vi.advanceTimersByTime(500);
  play.click();
  expect(play.getAttribute("aria-pressed")).toBe("false");
  vi.useRealTimers();
  await settle();
  expect(kernel.model.get("inspected")).toBe(SECOND);
  expect(byTestId(root, "epoch-stage").hidden).toBe(true);
});

test("folding the strip stops the movie", async () => {
  const { root } = await inspecting();
  vi.useFakeTimers();
  byTestId(root, "epochs-play").click();
  byTestId(root, "epochs-fold").click();
  vi.advanceTimersByTime(5000);
  byTestId(root, "epochs-fold").click();
  expect(byTestId(root, "epochs-play").getAttribute("aria-pressed")).toBe("false");
});
