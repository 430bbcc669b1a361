import { s } from "../dom";
import { value as short } from "./numbers";

/** A series of a plot: x and y values. */
export interface Series {
  kind: "points" | "line" | "steps";
  /** CSS class with its colour. */
  name: string;
  xs: readonly number[];
  ys: readonly number[];
}

export interface PlotOptions {
  title: string;
  xLabel: string;
  series: readonly Series[];
  /** Position of a vertical line. */
  at?: number;
}

/** Size of the drawing in its own units, which are CSS pixels at this width. */
const [WIDTH, HEIGHT] = [340, 132];
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 16, 8, 30];

/** A small SVG plot with axes. */
export function plot({ title, xLabel, series, at }: PlotOptions): SVGSVGElement {
  const x = scale(series.flatMap((one) => [...one.xs]), LEFT, WIDTH - RIGHT, 0); // biome-ignore format: a scale a line
  const y = scale(series.flatMap((one) => [...one.ys]), HEIGHT - BOTTOM, TOP, 0.06); // biome-ignore format: a scale a line
  const element = s("svg", {
    class: "cw-plot",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": title,
  });
  const edge = { left: LEFT, right: WIDTH - RIGHT, top: TOP, bottom: HEIGHT - BOTTOM };
  element.append(
    ...x.ticks.flatMap((tick) => [
      s("line", { class: "cw-tick", x1: x.to(tick), x2: x.to(tick), y1: edge.bottom, y2: edge.bottom + 3 }),
      s(
        "text",
        { class: "cw-plot-text", x: x.to(tick), y: edge.bottom + 13, "text-anchor": "middle" },
        short(tick),
      ),
    ]),
    ...y.ticks.flatMap((tick) => [
      s("line", { class: "cw-rule", x1: edge.left, x2: edge.right, y1: y.to(tick), y2: y.to(tick) }),
      s(
        "text",
        { class: "cw-plot-text", x: edge.left - 4, y: y.to(tick) + 3, "text-anchor": "end" },
        short(tick),
      ),
    ]),
    s(
      "text",
      { class: "cw-plot-text", x: (edge.left + edge.right) / 2, y: HEIGHT - 4, "text-anchor": "middle" },
      xLabel,
    ),
    s("path", { class: "cw-axis", d: `M${edge.left} ${edge.top}V${edge.bottom}H${edge.right}` }),
  );
  if (at !== undefined && at >= x.first && at <= x.last)
    element.append(s("line", { class: "cw-at", x1: x.to(at), x2: x.to(at), y1: edge.top, y2: edge.bottom }));
  for (const one of series) {
    const known = one.xs.flatMap((value, k) => {
      const other = one.ys[k] ?? Number.NaN;
      return Number.isFinite(value + other) ? [[x.to(value), y.to(other)] as const] : [];
    });
    element.append(
      s("path", { class: `cw-series cw-${one.kind} cw-series-${one.name}`, d: pathOf(one.kind, known) }),
    );
  }
  return element;
}

function pathOf(kind: Series["kind"], points: readonly (readonly [number, number])[]): string {
  const at = ([x, y]: readonly [number, number]): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (kind === "points") return points.map((one) => `M${at(one)}h0`).join("");
  if (kind === "line") return points.length === 0 ? "" : `M${points.map(at).join("L")}`;
  return points
    .map(([x, y], k) => {
      const before = points[k - 1];
      const half = before === undefined ? x : (before[0] + x) / 2;
      return k === 0 ? `M${at([x, y])}` : `H${half.toFixed(1)}V${y.toFixed(1)}H${x.toFixed(1)}`;
    })
    .join("");
}

interface Scale {
  first: number;
  last: number;
  ticks: number[];
  to(value: number): number;
}

/** A linear scale for all values, with a margin as a fraction of their range, and round ticks. */
function scale(values: readonly number[], from: number, to: number, margin: number): Scale {
  const known = values.filter(Number.isFinite);
  let first = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let last = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(first < last)) [first, last] = Number.isFinite(first) ? [first - 0.5, last + 0.5] : [0, 1];
  const extra = (last - first) * margin;
  [first, last] = [first - extra, last + extra];
  const step = roundStep((last - first) / 4);
  const ticks: number[] = [];
  for (let k = Math.ceil(first / step); k * step <= last; k++) ticks.push(k * step);
  return { first, last, ticks, to: (value) => from + ((value - first) / (last - first)) * (to - from) };
}

/** The next 1, 2 or 5 times a power of ten. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least * 0.999) ?? 10) * power;
}
