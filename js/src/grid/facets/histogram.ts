import { focusedIn, h, s, setAttributes, setText } from "../../dom";
import type { Histogram } from "../../protocol";
import type { Session } from "../../session";
import { chosenRange, type NumberRange, rounded, withRange } from "./range";

const WIDTH = 120;
const HEIGHT = 24;

/** A histogram for filtering: drag over it, or type the limits. */
export interface HistogramView {
  element: HTMLElement;
  show(histogram: Histogram): void;
}

export function histogram(session: Session, signal: AbortSignal): HistogramView {
  const all = s("path", { class: "cw-facet-all" });
  const rows = s("path", { class: "cw-facet-rows" });
  const brush = s("rect", { class: "cw-facet-brush", y: 0, height: HEIGHT });
  const plot = s(
    "svg",
    {
      class: "cw-facet-plot",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      width: WIDTH,
      height: HEIGHT,
      role: "img",
    },
    all,
    rows,
    brush,
  );
  const name = h("span", { class: "cw-facet-name" });
  const low = end("lowest");
  const high = end("highest");
  const element = h(
    "div",
    { class: "cw-facet", role: "group", "data-testid": "histogram" },
    name,
    h("div", { class: "cw-facet-row" }, low, plot, high),
  );
  let shown: Histogram | null = null;

  const choose = (range: NumberRange): void => {
    if (shown !== null)
      session.setTarget({ where: withRange(shown.query, range, session.wanted.where), page: 0 });
  };
  const valueAt = (event: PointerEvent): number => {
    const { left, width } = plot.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width)));
    return shown === null ? 0 : valueAtShare(share, shown);
  };

  let from: number | null = null;
  const dragged = (event: PointerEvent): NumberRange => {
    const to = valueAt(event);
    return ordered(from ?? to, to);
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || shown === null || !session.connected) return;
    from = valueAt(event);
    plot.setPointerCapture(event.pointerId);
    event.preventDefault();
  }, { signal }); // biome-ignore format: listeners read better so
  plot.addEventListener("pointermove", (event) => {
    if (from !== null) showBrush(dragged(event));
  }, { signal }); // biome-ignore format: listeners read better so
  plot.addEventListener("pointerup", (event) => {
    if (from === null || shown === null) return;
    const { low: a, high: b } = dragged(event);
    from = null;
    const isClick = a === null || b === null || shareOf(b, shown) - shareOf(a, shown) < 1 / 60;
    choose(isClick ? { low: null, high: null } : openAtEnds({ low: a, high: b }, shown));
    showBrush(chosenRange(shown.query, session.wanted.where));
  }, { signal }); // biome-ignore format: listeners read better so
  plot.addEventListener("pointercancel", () => {
    from = null;
  }, { signal }); // biome-ignore format: listeners read better so
  for (const field of [low, high])
    field.addEventListener("change", () => choose({ low: numberIn(low), high: numberIn(high) }), { signal });

  const showBrush = (range: NumberRange): void => {
    if (shown === null) return;
    const isOpen = range.low === null && range.high === null;
    const x0 = WIDTH * shareOf(range.low ?? shown.low, shown);
    const x1 = WIDTH * shareOf(range.high ?? shown.high, shown);
    setAttributes(brush, { x: x0, width: Math.max(1, x1 - x0), visibility: isOpen ? "hidden" : "visible" });
  };

  return {
    element,
    show(one) {
      shown = one;
      const range = chosenRange(one.query, session.wanted.where);
      const top = Math.max(1, ...one.n_all);
      all.setAttribute("d", bars(one.n_all, top));
      rows.setAttribute("d", bars(one.n_rows, top));
      setText(name, one.unit === "" ? one.column : `${one.column} (${one.unit})`);
      const title = `${one.column}: drag to choose a range, click to choose all${one.missing > 0 ? `; ${one.missing.toLocaleString("en")} rows without a value` : ""}`;
      setAttributes(plot, { "aria-label": title });
      setAttributes(element, {
        title,
        "aria-label": one.column,
        "data-column": one.column,
        "data-chosen": range.low !== null || range.high !== null,
      });
      for (const [field, value, edge, word] of [
        [low, range.low, one.low, "at least"],
        [high, range.high, one.high, "at most"],
      ] as const) {
        if (focusedIn(field) === null) field.value = value === null ? "" : String(value);
        setAttributes(field, {
          placeholder: String(rounded(edge, one.low, one.high)),
          "aria-label": `${one.column} ${word}`,
        });
      }
      if (from === null) showBrush(range);
    },
  };
}

function end(testid: string): HTMLInputElement {
  return h("input", {
    class: "cw-end",
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": testid,
  });
}

function numberIn(field: HTMLInputElement): number | null {
  const text = field.value.trim().replace("\u2212", "-");
  const value = text === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  field.value = "";
  return null;
}

function ordered(a: number, b: number): NumberRange {
  return { low: Math.min(a, b), high: Math.max(a, b) };
}

/** A brush that reaches an end of the plot has no limit there: the outermost bins also count values beyond. */
function openAtEnds({ low, high }: NumberRange, of: Histogram): NumberRange {
  const end = (value: number | null, isOpen: boolean): number | null =>
    value === null || isOpen ? null : rounded(value, value, valueAtShare(shareOf(value, of) + 0.02, of));
  return {
    low: end(low, shareOf(low ?? of.low, of) < 1 / 60),
    high: end(high, shareOf(high ?? of.high, of) > 59 / 60),
  };
}

const bent = (value: number, soft: number | null): number =>
  soft === null ? value : Math.asinh(value / soft);

/** The position of a value between the edges of a plot, 0 to 1. */
export function shareOf(value: number, { low, high, soft }: Histogram): number {
  const [first, last] = [bent(low, soft), bent(high, soft)];
  return Math.min(1, Math.max(0, (bent(value, soft) - first) / (last - first)));
}

/** The value at a position between the edges of a plot. */
export function valueAtShare(share: number, { low, high, soft }: Histogram): number {
  const [first, last] = [bent(low, soft), bent(high, soft)];
  const at = first + share * (last - first);
  return soft === null ? at : soft * Math.sinh(at);
}

/** Bars as a path; square roots, so that small counts are visible beside large ones. */
function bars(counts: readonly number[], top: number): string {
  const width = WIDTH / counts.length;
  return counts
    .map((n, i) => {
      const height = n === 0 ? 0 : Math.max(1, Math.sqrt(n / top) * HEIGHT);
      return `M${i * width} ${HEIGHT}v${-height}h${width - 0.6}v${height}z`;
    })
    .join("");
}
