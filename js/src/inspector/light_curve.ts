import { h, onResize, s, setAttributes, setText } from "../dom";
import type { LightCurveAnswer, LightCurvePoint } from "../protocol";
import { isSameEpoch, type Session } from "../session";
import { notesOn, wordsOf } from "./epoch_words";
import {
  type CurveChoice,
  type Epoch,
  type Epochs,
  epochsOf,
  isWider,
  type Range,
  rangeOf,
  shifted,
  zoomed,
} from "./epochs";
import { Fingers, type Grip, growth } from "./fingers";
import { drawCurve, type Frame, frameOf, groupOf, legendOf, placeOf, valueAt } from "./light_curve_plot";
import type { InspectorState } from "./state";

/** Wheel movement in CSS pixels that zooms by e. */
const WHEEL_PX = 400;
const LINE_PX = 16;
/** Maximum distance of the pointer from a point, in units of the drawing. */
const REACH = 12;
/** Maximum movement of a click, CSS pixels. */
const CLICK_PX = 4;

/** The light curve of the inspected source's object. */
export function lightCurve(session: Session, signal: AbortSignal, state: InspectorState): HTMLElement {
  const menu = (name: string, label: string, choices: Record<string, string>): HTMLSelectElement =>
    h(
      "select",
      { "aria-label": label, "data-testid": `curve-${name}` },
      ...Object.entries(choices).map(([value, title]) => h("option", { value }, title)),
    );
  const flux = menu("flux", "Flux", { flux: "difference", science: "science" });
  const unit = menu("unit", "Unit", { nJy: "nJy", mag: "AB mag" });
  const time = menu("time", "Time", { mjd: "MJD", days: "days" });
  const period = h("input", {
    type: "number",
    class: "cw-period",
    min: 0,
    step: "any",
    placeholder: "days",
    "aria-label": "Period to fold by, in days",
    "data-testid": "curve-period",
  });
  const reset = h(
    "button",
    { type: "button", class: "cw-small", "data-testid": "curve-reset", title: "Reset the zoom" },
    "show all",
  );
  const plot = s("svg", {
    class: "cw-curve-plot",
    role: "img",
    tabindex: 0,
    "data-testid": "curve-plot",
  });
  const hover = s("circle", { class: "cw-epoch-hover", r: 7, visibility: "hidden" });
  const legend = h("div", { class: "cw-legend", "data-testid": "curve-legend" });
  const notes = h("p", { class: "cw-hint", "aria-live": "polite", "data-testid": "curve-notes" });
  const words = h("p", { class: "cw-epoch-words", "aria-live": "polite", "data-testid": "curve-point" });
  const root = h(
    "div",
    { class: "cw-part" },
    h(
      "div",
      { class: "cw-find" },
      flux,
      unit,
      time,
      h("label", { class: "cw-switch" }, "period", period),
      reset,
    ),
    notes,
    plot,
    legend,
    words,
  );

  let asked: { id: string; controller: AbortController } | null = null;
  let answer: LightCurveAnswer | string | null = null;
  let epochs: Epochs = epochsOf([], { flux: "flux", unit: "nJy", time: "mjd", period: null });
  /** The zoomed ranges; null: everything is visible. */
  let view: Range | null = null;
  let whole: Range | null = null;
  let pointed: Epoch | null = null;
  let frame: Frame = frameOf(0);
  /** Kinds and bands that were switched off in the legend. */
  const hidden = new Set<string>();
  const visible = (): Epoch[] => epochs.drawn.filter((one) => !hidden.has(groupOf(one)));

  const choice = (): CurveChoice => {
    const days = Number(period.value);
    return {
      flux: flux.value === "science" ? "science" : "flux",
      unit: unit.value === "mag" ? "mag" : "nJy",
      time: time.value === "days" ? "days" : "mjd",
      period: Number.isFinite(days) && days > 0 ? days : null,
    };
  };

  /** True for a point of the current epoch, else of the inspected source. */
  const isCurrent = (one: LightCurvePoint): boolean => {
    const chosen = session.epochs.currentEpoch;
    return chosen === null ? one.source === asked?.id : isSameEpoch(chosen, one);
  };

  const draw = (): void => {
    const range = view ?? whole;
    reset.disabled = view === null;
    plot.toggleAttribute("hidden", range === null);
    if (range === null) return;
    frame = frameOf(plot.clientWidth);
    setAttributes(plot, { viewBox: `0 0 ${frame.width} ${frame.height}` });
    const now = choice();
    const days = now.time === "days" ? `days since MJD ${epochs.first.toFixed(3)}` : "MJD";
    plot.replaceChildren(
      ...drawCurve({
        frame,
        epochs: visible(),
        range,
        xLabel: now.period === null ? days : `phase, 0 at MJD ${epochs.first.toFixed(4)}`,
        yLabel: `${now.flux === "flux" ? "difference" : "science"} ${now.unit === "nJy" ? "flux, nJy" : "AB magnitude"}`,
        isCurrent,
      }),
      hover,
    );
  };

  /** Highlight an epoch and show its description. */
  const point = (epoch: Epoch | null): void => {
    pointed = epoch;
    const range = view ?? whole;
    if (epoch === null || range === null) hover.setAttribute("visibility", "hidden");
    else {
      const [cx, cy] = placeOf(frame, range, epoch.x, epoch.y);
      setAttributes(hover, { cx, cy, visibility: "visible" });
    }
    plot.dataset.over = epoch?.point.in_table ? "row" : "";
    const isEmpty = epochs.drawn.length === 0;
    words.classList.toggle("cw-hint", epoch === null);
    setText(words, epoch !== null ? wordsOf(epoch.point, asked?.id ?? "") : isEmpty ? "" : HINT);
  };

  const toggle = (group: string): void => {
    const place = [...legend.children].findIndex((one) => one.matches(":focus"));
    if (!hidden.delete(group)) hidden.add(group);
    show();
    const button = legend.children[place];
    if (button instanceof HTMLElement) button.focus(); // the buttons are new
  };

  /** Reset the zoom for another curve, or other axes. */
  const show = (): void => {
    view = null;
    const now = choice();
    const points = typeof answer === "string" || answer === null ? [] : answer.points;
    const hasScience = points.some((one) => one.science !== null);
    flux.hidden = !hasScience;
    if (!hasScience && now.flux === "science") flux.value = now.flux = "flux";
    time.disabled = now.period !== null;
    epochs = epochsOf(points, now);
    whole = rangeOf(visible(), now);
    legend.replaceChildren(...legendOf(epochs.drawn, hidden, toggle));
    setText(notes, notesOn(answer, epochs, whole));
    setAttributes(plot, { "aria-label": `Light curve: ${epochs.drawn.length} points` });
    draw();
    point(null);
  };

  const isShown = (): boolean => root.closest<HTMLElement>(".cw-sheet")?.hidden === false;
  const follow = (): void => {
    const id = session.inspected?.id ?? null;
    if (id === null) {
      asked?.controller.abort();
      asked = answer = null;
      return;
    }
    if (!isShown() || asked?.id === id) return;
    asked?.controller.abort();
    const controller = new AbortController();
    asked = { id, controller };
    // Another epoch of the same object has the same curve: only the ring moves.
    draw();
    void session.lightCurve(id, controller.signal).then((found) => {
      if (controller.signal.aborted || signal.aborted) return;
      const kept = sameTimes(answer, found) ? view : null;
      answer = found;
      show();
      view = kept;
      draw();
    });
  };

  /** The position of the pointer, in units of the drawing. */
  const under = ({ clientX, clientY }: { clientX: number; clientY: number }): [number, number] => {
    const { left, top, width, height } = plot.getBoundingClientRect();
    return [((clientX - left) / width) * frame.width, ((clientY - top) / height) * frame.height];
  };
  const nearest = (px: number, py: number): Epoch | null => {
    const range = view ?? whole;
    let [best, least]: [Epoch | null, number] = [null, REACH];
    if (range === null || px < frame.left - 2 || px > frame.right + 2) return null;
    for (const one of visible()) {
      const [x, y] = placeOf(frame, range, one.x, one.y);
      const distance = Math.hypot(x - px, y - py);
      if (distance <= least) [best, least] = [one, distance];
    }
    return best;
  };
  const open = (epoch: Epoch | null): void => {
    if (epoch === null) return;
    const source = epoch.point.in_table ? epoch.point.source : null;
    if (source !== null) session.inspect(source);
    session.epochs.choose(session.epochs.placeOf(epoch.point), source !== null);
  };

  const on = <K extends keyof SVGElementEventMap>(
    kind: K,
    act: (event: SVGElementEventMap[K]) => void,
  ): void => plot.addEventListener(kind, act, { signal, passive: false });
  const fingers = new Fingers();
  /** A drag with the mouse, or with one or two fingers, from where their number last changed. */
  let drag: { grip: Grip; range: Range; moved: boolean } | null = null;
  const begin = (moved: boolean): void => {
    const range = view ?? whole;
    drag = range && { grip: fingers.grip, range, moved };
  };
  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.press(event);
    begin(drag !== null);
    plot.setPointerCapture?.(event.pointerId);
  });
  on("pointermove", (event) => {
    fingers.move(event);
    if (drag === null) return point(nearest(...under(event)));
    const { grip } = fingers;
    const path = Math.hypot(grip.clientX - drag.grip.clientX, grip.clientY - drag.grip.clientY);
    if (fingers.count < 2 && !drag.moved && path < CLICK_PX) return;
    drag.moved = true;
    // What was under the pointer, or between the fingers, stays there.
    const held = valueAt(frame, drag.range, ...under(drag.grip));
    const next = zoomed(drag.range, ...held, growth(drag.grip, grip), "both");
    const here = valueAt(frame, next, ...under(grip));
    view = shifted(next, held[0] - here[0], held[1] - here[1]);
    draw();
    point(null);
  });
  const end = (event: PointerEvent): void => {
    if (!fingers.lift(event) || drag === null) return;
    if (!drag.moved && event.type === "pointerup") {
      const epoch = nearest(...under(event));
      point(epoch); // there is no pointer over it on a touch screen
      open(epoch);
    }
    if (view !== null && whole !== null && isWider(view, drag.range) && isWider(view, whole)) view = null;
    if (fingers.count > 0) begin(true);
    else drag = null;
    draw();
  };
  on("pointerup", end);
  on("pointercancel", end);
  on("pointerleave", (event) => {
    if (drag === null && event.pointerType !== "touch") point(null);
  });
  on("wheel", (event) => {
    const range = view ?? whole;
    const factor = Math.exp((-event.deltaY * (event.deltaMode === 1 ? LINE_PX : 1)) / WHEEL_PX);
    if (range === null || (factor < 1 && view === null)) return; // nothing to zoom out: the page scrolls
    event.preventDefault();
    event.stopPropagation();
    const [px, py] = under(event);
    const along = px < frame.left ? "y" : py > frame.bottom ? "x" : "both";
    view = zoomed(range, ...valueAt(frame, range, px, py), factor, along);
    if (whole !== null && Math.abs(view.x1 - view.x0) >= Math.abs(whole.x1 - whole.x0) * 1.5) view = null;
    draw();
    point(null);
  });
  on("dblclick", () => {
    view = null;
    draw();
  });
  on("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter" && pointed !== null) open(pointed);
    else if (step !== undefined && visible().length > 0) {
      const order = visible().sort((a, b) => a.x - b.x);
      const now = pointed === null ? -1 : order.indexOf(pointed);
      const next = now < 0 ? (step > 0 ? 0 : order.length - 1) : now + step;
      point(order[Math.min(Math.max(0, next), order.length - 1)] ?? null);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // do not move the tiles' cursor
  });
  for (const one of [flux, unit, time]) one.addEventListener("change", show, { signal });
  period.addEventListener("input", show, { signal });
  reset.addEventListener("click", () => {
    view = null;
    draw();
  }, { signal }); // biome-ignore format: listeners read better so
  const fit = (): void => {
    if (plot.clientWidth > 0 && frameOf(plot.clientWidth).width !== frame.width) draw();
  };
  onResize([plot], fit, signal);
  session.subscribe(["inspector"], follow, signal);
  session.subscribe(["epochs"], draw, signal);
  state.subscribe(["tabs"], follow, signal);
  show();
  return root;
}

const HINT =
  "Point at an epoch to see its values; click to inspect it if it is a row of the table. Scroll to zoom (over an axis: that axis only), drag to pan.";

function sameTimes(a: LightCurveAnswer | string | null, b: LightCurveAnswer | string): boolean {
  if (a === null || typeof a === "string" || typeof b === "string") return false;
  return a.points.length === b.points.length && a.points.every((one, k) => one.time === b.points[k]?.time);
}
