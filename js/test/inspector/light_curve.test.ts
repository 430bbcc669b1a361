import { afterEach, expect, test } from "vitest";
import { drawCurve, frameOf } from "../../src/inspector/light_curve_plot";
import { epoch, Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

const FIRST = "9007199254740993";
const OTHER = "9007199254740995";

const THREE = [
  epoch({ time: 61000, source: FIRST, in_table: true, flux: 100, flux_err: 10 }),
  epoch({ time: 61002, source: OTHER, in_table: true, flux: 300, flux_err: 10, band: "g" }),
  epoch({ time: 61003, kind: "limit", flux: 50, flux_err: null }),
];

/** The light curve of the first source, drawn 360 by 250 pixels large. */
async function curve(points = THREE, reason = ""): Promise<Shown & { plot: HTMLElement }> {
  const kernel = new Kernel();
  kernel.curve = { points, reason };
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  expect(kernel.of("curve")).toEqual([]); // not visible yet
  byTestId(shown.root, "tab-curve").click();
  await settle();
  const plot = byTestId(shown.root, "curve-plot");
  plot.getBoundingClientRect = () => ({ left: 0, top: 0, width: 360, height: 250 }) as DOMRect;
  return { ...shown, plot };
}

const at = (plot: HTMLElement, kind: string, [x, y]: readonly number[], more: MouseEventInit = {}): void => {
  plot.dispatchEvent(
    new MouseEvent(kind, { clientX: x ?? 0, clientY: y ?? 0, bubbles: true, cancelable: true, ...more }),
  );
};
const groups = (root: HTMLElement): string[] =>
  all(root, ".cw-curve-plot .cw-epochs").map((one) => `${one.dataset.band} ${one.dataset.kind}`);
/** The centre of the ring, which marks the epoch of the inspected source. */
const ring = (root: HTMLElement): number[] =>
  ["cx", "cy"].map((name) => Number(byTestId(root, "epoch-now").getAttribute(name)));

test("the tab requests the curve when visible and draws each band and kind, with a ring on the current epoch", async () => {
  const { root } = await curve();
  expect(groups(root)).toEqual(["r limit", "g detection", "r detection"]);
  expect(all(root, "[data-testid=epoch-now]").length).toBe(1);
  expect(byTestId(root, "curve-legend").textContent).toBe("g detection, 1r detection, 1r limit, 1");
  expect(byTestId(root, "curve-notes").textContent).toBe("2 detections, 1 limit.");
});

test("a click in the legend hides the points of a band and kind, and the axes fit the others", async () => {
  const { root } = await curve();
  const before = ring(root);
  const legend = (): HTMLElement[] => all(byTestId(root, "curve-legend"), "button");
  legend()[0]?.focus();
  legend()[0]?.click(); // g, which is the brightest
  expect(groups(root)).toEqual(["r limit", "r detection"]);
  expect(legend().map((one) => one.getAttribute("aria-pressed"))).toEqual(["false", "true", "true"]);
  expect(document.activeElement).toBe(legend()[0]);
  expect(ring(root)[1]).toBeLessThan(before[1] ?? 0);
  legend()[0]?.click();
  expect(ring(root)).toEqual(before);
});

test("a detection does not hide forced photometry at the same place", async () => {
  const alike = { time: 61000, flux: 100, flux_err: 10 };
  const { root } = await curve([epoch(alike), epoch({ ...alike, kind: "forced" })]);
  const width = (kind: string): number => {
    const path =
      root.querySelector(`.cw-curve-plot [data-kind="${kind}"] .cw-epoch`)?.getAttribute("d") ?? "";
    const xs = [...path.matchAll(/[ML](\S+)/g)].map((one) => Number(one[1]));
    return Math.max(...xs) - Math.min(...xs);
  };
  expect(width("forced")).toBeGreaterThan(1.5 * width("detection"));
});

test("pointing at an epoch shows its values", async () => {
  const { root, plot } = await curve();
  at(plot, "pointermove", ring(root));
  expect(byTestId(root, "curve-point").textContent).toBe(
    `MJD 61000.00000 \u00b7 r detection \u00b7 difference 100.0 \u00b1 10.0 nJy, S/N 10.0, 26.400 \u00b1 0.109 AB \u00b7 id ${FIRST} \u00b7 inspected now`,
  );
});

test("a click on an epoch of the table inspects it, and the ring goes there", async () => {
  const { root, plot, kernel } = await curve();
  const before = ring(root);
  plot.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  plot.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  const hover = plot.querySelector(".cw-epoch-hover");
  const place = ["cx", "cy"].map((name) => Number(hover?.getAttribute(name)));
  at(plot, "pointerdown", place);
  at(plot, "pointerup", place);
  await settle();
  expect(kernel.model.get("inspected")).toBe(OTHER);
  expect(ring(root)).not.toEqual(before);
});

test("wheel and drag change the axes, and reset shows all", async () => {
  const { root, plot } = await curve();
  const first = ring(root);
  const drag = (type: string, x: number): void => at(plot, type, [x, 100]);
  plot.dispatchEvent(new WheelEvent("wheel", { deltaY: -400, clientX: 60, clientY: 212, cancelable: true }));
  expect(ring(root)[1]).toBeLessThan(first[1] ?? 0);
  byTestId(root, "curve-reset").click();
  expect(ring(root)).toEqual(first);
  drag("pointerdown", 100);
  drag("pointermove", 140);
  drag("pointerup", 140);
  expect(ring(root)[0]).toBeCloseTo((first[0] ?? 0) + 40, 3);
  byTestId(root, "curve-reset").click();
  expect(ring(root)).toEqual(first);
});

test("two fingers zoom the curve about the point between them; a pinch back shows all", async () => {
  const { plot } = await curve();
  const finger = (kind: string, pointerId: number, clientX: number, clientY: number): boolean =>
    plot.dispatchEvent(
      new PointerEvent(kind, { clientX, clientY, pointerId, pointerType: "touch", button: 0, bubbles: true }),
    );
  const times = (): string[] =>
    all(plot, ".cw-plot-text").flatMap(({ textContent }) => textContent?.match(/^61\d+(\.\d+)?$/)?.[0] ?? []);
  const before = times();
  finger("pointerdown", 1, 190, 100);
  finger("pointerdown", 2, 230, 100);
  finger("pointermove", 1, 110, 100);
  finger("pointermove", 2, 310, 100); // five times as far apart about (210, 100)
  // Three days with margins, on 292 units from 60: the middle of (60, 352) is at 61001.5.
  expect(
    times()
      .map(Number)
      .every((time) => time > 61001.1 && time < 61001.9),
  ).toBe(true);
  finger("pointerup", 1, 110, 100);
  finger("pointerup", 2, 310, 100);
  expect(byTestId(plot.closest(".cw") as HTMLElement, "curve-reset").hasAttribute("disabled")).toBe(false);
  finger("pointerdown", 1, 110, 100);
  finger("pointerdown", 2, 310, 100);
  finger("pointermove", 1, 200, 100);
  finger("pointermove", 2, 220, 100); // ten times closer
  finger("pointerup", 1, 200, 100);
  finger("pointerup", 2, 220, 100);
  expect(times()).toEqual(before);
});

test("a tap on a point says what it is, and no pointer need stay there", async () => {
  const { root, plot } = await curve();
  const touch = (kind: string): boolean =>
    plot.dispatchEvent(
      new PointerEvent(kind, {
        clientX: place[0] ?? 0,
        clientY: place[1] ?? 0,
        pointerId: 3,
        pointerType: "touch",
        button: 0,
      }),
    );
  const place = ring(root);
  for (const kind of ["pointerdown", "pointerup", "pointerleave"]) touch(kind);
  expect(byTestId(root, "curve-point").textContent).toContain("MJD 61000.00000");
});

test("a period folds the curve", async () => {
  const { root } = await curve();
  const period = byTestId(root, "curve-period") as HTMLInputElement;
  period.value = "1";
  period.dispatchEvent(new Event("input"));
  expect(byTestId(root, "curve-plot").textContent).toContain("phase, 0 at MJD 61000.0000");
});

test("no history and a single point show one sentence each", async () => {
  const none = await curve([], "no such table");
  expect(byTestId(none.root, "curve-notes").textContent).toBe("No light curve: no such table.");
  expect(none.plot.hasAttribute("hidden")).toBe(true);
  none.end();
  document.body.replaceChildren();
  localStorage.clear();
  const one = await curve(THREE.slice(0, 1));
  expect(byTestId(one.root, "curve-notes").textContent).toBe("No other epoch is known.");
});

test("no number of the time axis leaves the drawing", () => {
  const frame = frameOf(360);
  const range = { x0: 60924.1, x1: 60924.8, y0: 0, y1: 1 }; // the last number stands at the right end
  const drawn = drawCurve({ frame, epochs: [], range, xLabel: "", yLabel: "", isCurrent: () => false });
  const last = drawn.find((one) => one.textContent === "60924.8");
  const half = Number(last?.getAttribute("x"));
  expect(half).toBeCloseTo(frame.width - (7 * 6.2) / 2);
});

test("band names are escaped", async () => {
  const { root } = await curve([epoch({ band: "<img src=x>" })]);
  expect(root.querySelector("img")).toBe(null);
  expect(byTestId(root, "curve-legend").textContent).toContain("<img src=x>");
});
