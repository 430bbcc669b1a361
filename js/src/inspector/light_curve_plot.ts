import { h, s } from "../dom";
import type { LightCurvePoint } from "../protocol";
import type { Epoch, Range } from "./epochs";
import { ticksOf } from "./epochs";
import { minus } from "./numbers";
import { arrowAt, byWavelength, colourOf, symbolAt, symbolsOf, type Vertices } from "./symbols";

/** The drawing and the axes in it, in units of the drawing. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Width of a drawing whose width on the screen is unknown, and the least one. */
const USUAL = 360;
const NARROWEST = 300;
/** CSS pixels of one unit, so that texts have the size of others. */
const UNIT_PX = 1.2;

/** The frame of a drawing this wide on the screen, in CSS pixels; 0 if that is unknown. */
export function frameOf(widthPx: number): Frame {
  const width = widthPx > 0 ? Math.max(NARROWEST, Math.round(widthPx / UNIT_PX)) : USUAL;
  return { width, height: 250, left: 60, right: width - 8, top: 10, bottom: 212 };
}

export interface Drawing {
  frame: Frame;
  epochs: readonly Epoch[];
  range: Range;
  xLabel: string;
  yLabel: string;
  /** Whether a point belongs to the current epoch, which has a ring. */
  isCurrent(point: LightCurvePoint): boolean;
}

/** Conversion from axis values to the drawing. */
export function placeOf(frame: Frame, range: Range, x: number, y: number): [number, number] {
  return [
    frame.left + ((x - range.x0) / (range.x1 - range.x0)) * (frame.right - frame.left),
    frame.bottom - ((y - range.y0) / (range.y1 - range.y0)) * (frame.bottom - frame.top),
  ];
}

/** Conversion from the drawing to axis values. */
export function valueAt(frame: Frame, range: Range, px: number, py: number): [number, number] {
  return [
    range.x0 + ((px - frame.left) / (frame.right - frame.left)) * (range.x1 - range.x0),
    range.y0 + ((frame.bottom - py) / (frame.bottom - frame.top)) * (range.y1 - range.y0),
  ];
}

/** Values from here on are written with a power of ten. */
const LONGEST_TICK = 1e5;

/** Drawing order, from bottom to top. */
const KINDS = ["limit", "forced", "detection"];

const bandOf = (epoch: Epoch): string => epoch.point.band ?? "?";

/** Axes and points, clipped to the frame. */
export function drawCurve({ frame, epochs, range, xLabel, yLabel, isCurrent }: Drawing): SVGElement[] {
  const { left, right, top, bottom } = frame;
  const [x, y] = [ticksOf(range.x0, range.x1, 5), ticksOf(range.y0, range.y1, 5)];
  // An inner svg clips its contents.
  const inner = s("svg", {
    x: left,
    y: top,
    width: right - left,
    height: bottom - top,
    viewBox: `${left} ${top} ${right - left} ${bottom - top}`,
  });
  const place = (one: Epoch): [number, number] => placeOf(frame, range, one.x, one.y);
  const symbols = symbolsOf(epochs.map(bandOf));
  for (const { band, kind, members } of groupsOf(epochs)) {
    const bars = members.map((one) => {
      if (one.error === null || kind === "limit") return "";
      const [px] = place(one);
      const [from, to] = [-one.error, one.error].map((by) => placeOf(frame, range, one.x, one.y + by)[1]);
      return `M${px.toFixed(1)} ${from?.toFixed(1)}V${to?.toFixed(1)}`;
    });
    const marks = members.map((one) => markOf(kind, symbols.get(band) ?? [], ...place(one)));
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
  const zero = range.y0 < 0 && range.y1 > 0 ? placeOf(frame, range, range.x0, 0)[1] : null;
  return [
    ...x.values.flatMap((tick) => {
      const [px] = placeOf(frame, range, tick, range.y0);
      return [
        s("line", { class: "cw-tick", x1: px, x2: px, y1: bottom, y2: bottom + 4 }),
        text(inside(px, tick.toFixed(x.digits), frame), bottom + 15, "middle", tick.toFixed(x.digits)),
      ];
    }),
    ...y.values.flatMap((tick) => {
      const [, py] = placeOf(frame, range, range.x0, tick);
      return [
        s("line", { class: "cw-rule", x1: left, x2: right, y1: py, y2: py }),
        text(left - 5, py + 3.5, "end", inWords(tick)),
      ];
    }),
    ...(zero === null ? [] : [s("line", { class: "cw-tick", x1: left, x2: right, y1: zero, y2: zero })]),
    inner,
    s("path", { class: "cw-axis", d: `M${left} ${top}V${bottom}H${right}` }),
    text((left + right) / 2, frame.height - 6, "middle", xLabel),
    text(12, (top + bottom) / 2, "middle", yLabel, `rotate(-90 12 ${(top + bottom) / 2})`),
  ];
}

/** Width of a digit of an axis, at most. */
const DIGIT = 6.2;

/** The middle of words that should stand at a place, moved so that none of them leaves the drawing. */
function inside(at: number, words: string, { width }: Frame): number {
  const half = (words.length * DIGIT) / 2;
  return Math.min(Math.max(half, at), width - half);
}

/** Formats the values of an axis: with a power of ten if they would run into the axis label. */
export function tickWords(values: readonly number[], digits: number): (value: number) => string {
  const isLong = values.some((one) => Math.abs(one) >= LONGEST_TICK);
  return (value) => {
    const words = isLong && value !== 0 ? value.toExponential().replace("e+", "e") : value.toFixed(digits);
    return minus(words);
  };
}

/** Forced photometry is drawn larger, so that a detection at the same place does not hide it. */
const FORCED = 1.7;

/** The path of the symbol of a kind of point. */
function markOf(kind: string, symbol: Vertices, x: number, y: number): string {
  return kind === "limit" ? arrowAt(x, y) : symbolAt(symbol, x, y, kind === "forced" ? FORCED : 1);
}

/** The name of the points of one kind in one band. */
export function groupOf(epoch: Epoch): string {
  return `${epoch.point.kind} ${bandOf(epoch)}`;
}

/** Buttons with the meaning of each symbol and its number of points; each hides or shows its points. */
export function legendOf(
  epochs: readonly Epoch[],
  hidden: ReadonlySet<string>,
  toggle: (group: string) => void,
): HTMLElement[] {
  const symbols = symbolsOf(epochs.map(bandOf));
  const groups = groupsOf(epochs);
  const ordered = [...KINDS].reverse().flatMap((kind) => groups.filter((one) => one.kind === kind));
  return ordered.map(({ band, kind, members }) => {
    const group = `${kind} ${band}`;
    const item = h(
      "button",
      {
        type: "button",
        class: "cw-legend-item",
        title: "Hide or show these points",
        "aria-pressed": String(!hidden.has(group)),
        "data-band": band,
        "data-kind": kind,
      },
      s(
        "svg",
        { width: 16, height: 16, "aria-hidden": "true" },
        s(
          "g",
          { class: "cw-epochs", "data-kind": kind },
          s("path", {
            class: "cw-epoch",
            d: markOf(kind, symbols.get(band) ?? [], 8, kind === "limit" ? 3 : 8),
          }),
        ),
      ),
      `${band === "?" ? "no band" : band} ${kind}, ${members.length}`,
    );
    item.style.setProperty("--cw-band", colourOf(band));
    item.addEventListener("click", () => toggle(group));
    return item;
  });
}

function groupsOf(epochs: readonly Epoch[]): { band: string; kind: string; members: Epoch[] }[] {
  const groups = new Map<string, { band: string; kind: string; members: Epoch[] }>();
  for (const one of epochs) {
    const [band, kind] = [bandOf(one), one.point.kind];
    const key = groupOf(one);
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
    minus(words),
  );
