import { focusedIn, h, s, setAttributes, setText } from "../dom";
import { paint } from "../draw";
import { LEVELS, type PanelName } from "../protocol";
import { PANELS, type Session } from "../session";
import { type Axis, axisOf, histogramOf } from "./histogram";
import { value as short } from "./numbers";
import { unitOf } from "./panel";
import type { InspectorState, Limits } from "./state";

const BINS = 120;
/** Size of the drawing, which is stretched to the available width. */
const [WIDTH, HEIGHT] = [BINS * 3, 90];
/** Step of the arrow keys on a limit, as a fraction of the axis. */
const STEP = 0.01;
/** Levels labelled on the colour bar. */
const NAMED = [0, 0.25, 0.5, 0.75, 1];

/** Limits and curve of the colours, as numbers and on a histogram of the pixels, for one panel or all. */
export function limits(session: Session, signal: AbortSignal, state: InspectorState): HTMLElement {
  const target = h("select", { "aria-label": "Panels that are changed", "data-testid": "limits-panel" });
  const curve = h("select", {
    "aria-label": "Curve",
    title: "Stretch between the limits",
    "data-testid": "limits-curve",
  });
  const number = (end: "low" | "high"): HTMLInputElement =>
    h("input", {
      type: "number",
      step: "any",
      class: "cw-limit",
      "aria-label": end === "low" ? "Darkest value" : "Brightest value",
      "data-testid": `limits-${end}`,
    });
  const boxes = { low: number("low"), high: number("high") };
  const reset = h(
    "button",
    {
      type: "button",
      class: "cw-small",
      title: "Limits and curve of the look again, in all panels",
      "data-testid": "limits-reset",
    },
    "reset",
  );
  const bars = s("path", { class: "cw-bars" });
  const outside = { low: s("rect", { class: "cw-clipped" }), high: s("rect", { class: "cw-clipped" }) };
  const drawing = s(
    "svg",
    {
      class: "cw-histogram",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    outside.low,
    outside.high,
    bars,
  );
  const handle = (end: "low" | "high"): HTMLElement =>
    h("div", {
      class: "cw-handle",
      role: "slider",
      tabindex: 0,
      "aria-label": end === "low" ? "Darkest value" : "Brightest value",
      "data-testid": `handle-${end}`,
    });
  const handles = { low: handle("low"), high: handle("high") };
  const area = h(
    "div",
    { class: "cw-histogram-area", "data-testid": "histogram" },
    drawing,
    handles.low,
    handles.high,
  );
  const bar = h("canvas", {
    class: "cw-colourbar",
    role: "img",
    "aria-label": "Colour bar",
    "data-testid": "colourbar",
  });
  const names = h("div", { class: "cw-scale-names" });
  const ticks = h("div", { class: "cw-scale-names", "data-testid": "histogram-names" });
  const unit = h("span", { class: "cw-unit", "data-testid": "limits-unit" });
  const hint = h("p", { class: "cw-hint" });
  let axis: Axis | null = null;

  /** The panel whose histogram is drawn, and the panels that are changed. */
  const shown = (): PanelName | null => {
    const name = PANELS.find((one) => one === target.value);
    if (name !== undefined && state.panels[name]) return name;
    return state.panels.science ? "science" : (state.ready[0] ?? null);
  };
  const changed = (): readonly PanelName[] => {
    const name = PANELS.find((one) => one === target.value);
    return name === undefined ? state.ready : [name];
  };
  const change = (next: Partial<Limits>): void => {
    const name = shown();
    const now = name && state.limitsOf(name);
    if (!now) return;
    const wanted = { ...now, ...next };
    if (Number.isFinite(wanted.low + wanted.high) && wanted.low <= wanted.high)
      state.setDisplay(changed(), { limits: wanted });
    else refresh(); // restore the current values
  };

  const drawBars = (): void => {
    const name = shown();
    const panel = name && state.panels[name];
    const now = name && state.limitsOf(name);
    if (!name || !panel || !now) {
      axis = null;
      bars.setAttribute("d", "");
      ticks.replaceChildren();
      return;
    }
    const values = panel.layers[state.layerOf(name)] ?? panel.values;
    axis = axisOf(values, [now.low, now.high]);
    const counts = histogramOf(values, axis, BINS);
    const most = Math.log1p(Math.max(...counts));
    const step = WIDTH / BINS;
    const path = counts.map((count, k) => {
      const height = most > 0 ? (Math.log1p(count) / most) * (HEIGHT - 4) : 0;
      return count === 0 ? "" : `M${k * step} ${HEIGHT}v${-height}h${step}v${height}z`;
    });
    bars.setAttribute("d", path.join(""));
    const { value } = axis;
    ticks.replaceChildren(...NAMED.map((place) => named(place, round(value(place)))));
  };

  const refresh = (): void => {
    const name = shown();
    const panel = name && state.panels[name];
    const now = name && state.limitsOf(name);
    for (const one of [curve, reset, boxes.low, boxes.high]) one.disabled = !now;
    if (!name || !panel || !now || axis === null) return;
    curve.replaceChildren(...[...state.curves.keys()].map((one) => h("option", { value: one }, one)));
    curve.value = now.curve;
    reset.disabled = state.ready.every((one) => state.display[one].limits === null);
    setText(unit, unitOf(panel, state.layerOf(name)));
    setText(
      hint,
      `Histogram of the ${name} pixels, with a logarithmic count axis; values far from the sky level are drawn closer together. Drag the two limits. The bar below has the colours between them.`,
    );
    for (const end of ["low", "high"] as const) {
      if (focusedIn(boxes[end]) === null) boxes[end].value = String(Number(now[end].toPrecision(7)));
      const place = Math.min(Math.max(0, axis.place(now[end])), 1);
      handles[end].style.left = `${place * 100}%`;
      setAttributes(handles[end], {
        "aria-valuenow": Number(now[end].toPrecision(7)),
        "aria-valuetext": `${short(now[end])} ${unit.textContent}`,
      });
      const x = end === "low" ? 0 : place * WIDTH;
      setAttributes(outside[end], {
        x,
        y: 0,
        height: HEIGHT,
        width: end === "low" ? place * WIDTH : WIDTH - x,
      });
    }
    drawBar(name, now);
  };

  const drawBar = (name: PanelName, now: Limits): void => {
    const levels = Uint8Array.from({ length: LEVELS }, (_, k) => k + 1);
    paint(bar, levels, [1, LEVELS], session.colours.tableFor(name, state.answer?.look ?? ""));
    const starts = state.curves.get(now.curve);
    names.replaceChildren(
      ...NAMED.map((place) => {
        const start = place === 0 ? 0 : (starts?.[Math.round(place * (LEVELS - 1)) - 1] ?? place);
        const number = round(now.low + (place === 1 ? 1 : start) * (now.high - now.low));
        return named(place, place === 1 ? `${number} ${unit.textContent}`.trim() : number);
      }),
    );
  };

  const show = (): void => {
    const before = target.value;
    target.replaceChildren(
      h("option", { value: "" }, "all panels"),
      ...state.ready.map((one) => h("option", { value: one }, one)),
    );
    target.value = state.ready.some((one) => one === before) ? before : "";
    drawing.dataset.layer = layersOf(state);
    drawBars();
    refresh();
  };

  for (const end of ["low", "high"] as const) {
    const one = handles[end];
    one.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      one.setPointerCapture(event.pointerId);
      one.focus({ preventScroll: true });
      event.preventDefault();
    }, { signal }); // biome-ignore format: listeners read better so
    one.addEventListener("pointermove", (event) => {
      if (axis === null || !one.hasPointerCapture(event.pointerId)) return;
      const { left, width } = area.getBoundingClientRect();
      change({ [end]: axis.value(Math.min(Math.max(0, (event.clientX - left) / width), 1)) });
    }, { signal }); // biome-ignore format: listeners read better so
    one.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP }[event.key];
      const name = shown();
      const now = name && state.limitsOf(name);
      if (step === undefined || axis === null || !now) return;
      change({ [end]: axis.value(axis.place(now[end]) + step) });
      event.preventDefault();
      event.stopPropagation(); // do not move the tiles' cursor
    }, { signal }); // biome-ignore format: listeners read better so
    boxes[end].addEventListener("change", () => {
      if (boxes[end].value !== "") change({ [end]: Number(boxes[end].value) });
      show(); // extends the axis to a limit beyond the pixels
    }, { signal }); // biome-ignore format: listeners read better so
  }
  curve.addEventListener("change", () => change({ curve: curve.value }), { signal });
  reset.addEventListener("click", () => {
    state.setDisplay(PANELS, { limits: null });
    show();
  }, { signal }); // biome-ignore format: listeners read better so
  target.addEventListener("change", show, { signal });
  state.subscribe(["panels"], show, signal);
  state.subscribe(["display"], () => {
    if (drawing.dataset.layer !== layersOf(state)) {
      drawing.dataset.layer = layersOf(state);
      drawBars();
    }
    refresh();
  }, signal); // biome-ignore format: a list of two
  session.subscribe(["colours"], refresh, signal);
  show();
  return h(
    "div",
    { class: "cw-part" },
    h("div", { class: "cw-find" }, target, h("label", { class: "cw-switch" }, "curve", curve), reset),
    h(
      "div",
      { class: "cw-find" },
      h("label", { class: "cw-switch" }, "from", boxes.low),
      h("label", { class: "cw-switch" }, "to", boxes.high),
      unit,
    ),
    area,
    ticks,
    bar,
    names,
    hint,
  );
}

/** A number below a scale, at a place from 0 (left) to 1 (right). */
function named(place: number, words: string): HTMLElement {
  const one = h("span", {}, words);
  one.style.left = `${place * 100}%`;
  one.style.translate = `${-place * 100}%`; // the ends do not leave the scale
  return one;
}

/** A number on a scale: four digits are enough between the limits. */
const round = (number: number): string => short(Number(number.toPrecision(4)));

/** The layer that the panels show, in one word. */
function layersOf(state: InspectorState): string {
  return PANELS.map((name) => state.layerOf(name)).join(" ");
}
