import { h, s } from "../dom";
import type { LightCurvePoint } from "../protocol";
import type { Epoch, Range } from "./epochs";
import { ticksOf } from "./epochs";
import { arrowAt, byWavelength, colourOf, symbolAt, symbolsOf } from "./symbols";

/** Size of the drawing in its own units, which are CSS pixels at this width. */
export const SIZE = { width: 360, height: 250 };
export const FRAME = { left: 60, right: 352, top: 10, bottom: 212 };

export interface Drawing {
  epochs: readonly Epoch[];
  range: Range;
  xLabel: string;
  yLabel: string;
  /** Whether a point belongs to the current epoch, which has a ring. */
  isCurrent(point: LightCurvePoint): boolean;
}

/** Conversion from axis values to the drawing. */
export function placeOf(range: Range, x: number, y: number): [number, number] {
  return [
    FRAME.left + ((x - range.x0) / (range.x1 - range.x0)) * (FRAME.right - FRAME.left),
    FRAME.bottom - ((y - range.y0) / (range.y1 - range.y0)) * (FRAME.bottom - FRAME.top),
  ];
}

/** Conversion from the drawing to axis values. */
export function valueAt(range: Range, px: number, py: number): [number, number] {
  return [
    range.x0 + ((px - FRAME.left) / (FRAME.right - FRAME.left)) * (range.x1 - range.x0),
    range.y0 + ((FRAME.bottom - py) / (FRAME.bottom - FRAME.top)) * (range.y1 - range.y0),
  ];
}

/** Values from here on are written with a power of ten. */
const LONGEST_TICK = 1e5;

/** Drawing order, from bottom to top. */
const KINDS = ["limit", "forced", "detection"];

const bandOf = (epoch: Epoch): string => epoch.point.band ?? "?";

/** Axes and points, clipped to the frame. */
export function drawCurve({ epochs, range, xLabel, yLabel, isCurrent }: Drawing): SVGElement[] {
  const { left, right, top, bottom } = FRAME;
  const [x, y] = [ticksOf(range.x0, range.x1, 5), ticksOf(range.y0, range.y1, 5)];
  // An inner svg clips its contents.
  const inner = s("svg", {
    x: left,
    y: top,
    width: right - left,
    height: bottom - top,
    viewBox: `${left} ${top} ${right - left} ${bottom - top}`,
  });
  const place = (one: Epoch): [number, number] => placeOf(range, one.x, one.y);
  const symbols = symbolsOf(epochs.map(bandOf));
  for (const { band, kind, members } of groupsOf(epochs)) {
    const bars = members.map((one) => {
      if (one.error === null || kind === "limit") return "";
      const [px] = place(one);
      const [from, to] = [-one.error, one.error].map((by) => placeOf(range, one.x, one.y + by)[1]);
      return `M${px.toFixed(1)} ${from?.toFixed(1)}V${to?.toFixed(1)}`;
    });
    const marks = members.map((one) =>
      kind === "limit" ? arrowAt(...place(one)) : symbolAt(symbols.get(band) ?? [], ...place(one)),
    );
    const group = s(
      "g",
      { class: "cw-epochs", "data-band": band, "data-kind": kind, "data-n": members.length },
      s("path", { class: "cw-error-bars", d: bars.join("") }),
      s("path", { class: "cw-epoch", d: marks.join("") }),
    );
    group.style.color = colourOf(band);
    inner.append(group);
  }
  for (const one of epochs) {
    if (!isCurrent(one.point)) continue;
    const [cx, cy] = place(one);
    inner.append(s("circle", { class: "cw-epoch-ring", cx, cy, r: 9, "data-testid": "epoch-now" }));
  }
  const inWords = tickWords(y.values, y.digits);
  const zero = range.y0 < 0 && range.y1 > 0 ? placeOf(range, range.x0, 0)[1] : null;
  return [
    ...x.values.flatMap((tick) => {
      const [px] = placeOf(range, tick, range.y0);
      return [
        s("line", { class: "cw-tick", x1: px, x2: px, y1: bottom, y2: bottom + 4 }),
        text(px, bottom + 15, "middle", tick.toFixed(x.digits)),
      ];
    }),
    ...y.values.flatMap((tick) => {
      const [, py] = placeOf(range, range.x0, tick);
      return [
        s("line", { class: "cw-rule", x1: left, x2: right, y1: py, y2: py }),
        text(left - 5, py + 3.5, "end", inWords(tick)),
      ];
    }),
    ...(zero === null ? [] : [s("line", { class: "cw-tick", x1: left, x2: right, y1: zero, y2: zero })]),
    inner,
    s("path", { class: "cw-axis", d: `M${left} ${top}V${bottom}H${right}` }),
    text((left + right) / 2, SIZE.height - 6, "middle", xLabel),
    text(12, (top + bottom) / 2, "middle", yLabel, `rotate(-90 12 ${(top + bottom) / 2})`),
  ];
}

/** Formats the values of an axis: with a power of ten if they would run into the axis label. */
export function tickWords(values: readonly number[], digits: number): (value: number) => string {
  const isLong = values.some((one) => Math.abs(one) >= LONGEST_TICK);
  return (value) => {
    const words = isLong && value !== 0 ? value.toExponential().replace("e+", "e") : value.toFixed(digits);
    return words.replace("-", "\u2212");
  };
}

/** The meaning of each symbol, with its number of points. */
export function legendOf(epochs: readonly Epoch[]): HTMLElement[] {
  const symbols = symbolsOf(epochs.map(bandOf));
  const groups = groupsOf(epochs);
  const ordered = [...KINDS].reverse().flatMap((kind) => groups.filter((one) => one.kind === kind));
  return ordered.map(({ band, kind, members }) => {
    const mark = kind === "limit" ? arrowAt(8, 3) : symbolAt(symbols.get(band) ?? [], 8, 8);
    const item = h(
      "span",
      { class: "cw-legend-item", "data-band": band, "data-kind": kind },
      s(
        "svg",
        { width: 16, height: 16, "aria-hidden": "true" },
        s("g", { class: "cw-epochs", "data-kind": kind }, s("path", { class: "cw-epoch", d: mark })),
      ),
      `${band === "?" ? "no band" : band} ${kind}, ${members.length}`,
    );
    item.style.setProperty("--cw-band", colourOf(band));
    return item;
  });
}

function groupsOf(epochs: readonly Epoch[]): { band: string; kind: string; members: Epoch[] }[] {
  const groups = new Map<string, { band: string; kind: string; members: Epoch[] }>();
  for (const one of epochs) {
    const [band, kind] = [bandOf(one), one.point.kind];
    const key = `${kind} ${band}`;
    const group = groups.get(key) ?? { band, kind, members: [] };
    group.members.push(one);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || byWavelength(a.band, b.band),
  );
}

const text = (x: number, y: number, anchor: string, words: string, transform?: string): SVGElement =>
  s(
    "text",
    { class: "cw-plot-text", x, y, "text-anchor": anchor, transform: transform ?? null },
    words.replace("-", "\u2212"),
  );
