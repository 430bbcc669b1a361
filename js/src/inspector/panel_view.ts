import { h, setBreakableText } from "../dom";
import { type DrawnPanel, maskLayer, mover, type Turn } from "../draw";
import type { PanelName } from "../protocol";
import type { Session } from "../session";
import { Marks } from "./marks";
import { withError } from "./numbers";
import type { InspectedPanel, Layer } from "./panel";
import type { InspectorState } from "./state";

/** A panel with pixels: its elements. */
export interface PanelView extends DrawnPanel {
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  marks: Marks;
  /** Its current levels. */
  levels(): Uint8Array;
}

const LAYERS: readonly (readonly [Layer, string])[] = [
  ["value", "image"],
  ["variance", "variance"],
  ["snr", "image / sigma"],
  ["psf", "PSF"],
  ["residual", "image \u2212 fitted PSF"],
];

export function panelView(
  name: PanelName,
  panel: InspectedPanel,
  session: Session,
  state: InspectorState,
  turn: () => Turn,
  signal: AbortSignal,
): PanelView {
  const { about } = panel;
  const canvas = h("canvas", {
    "data-testid": `inspector-${name}`,
    role: "img",
    "aria-label": `${name}, large`,
  });
  const mask = maskLayer({ ...about, mask: panel.mask });
  const drawMask = (): void => mask.draw(session.overlays.masks, session.overlays.shown.footprint);
  session.subscribe(["masks"], drawMask, signal);
  drawMask();
  const turned = h("div", { class: "cw-turned" }, canvas, mask.element);
  const overlays = h("div", { class: "cw-overlays" });
  const marks = new Marks(
    state,
    name,
    turn,
    () => session.overlays.shown.neighbours,
    () => session.inspectSize !== null,
  );
  const frame = h(
    "div",
    {
      class: "cw-frame",
      tabindex: 0,
      role: "group",
      "aria-label": `${name}: arrow keys move the pixel cursor, plus and minus zoom`,
    },
    turned,
    overlays,
    marks.element,
    marks.cross,
  );
  const { to, rest } = mover(turned);
  let kept: { key: string; levels: Uint8Array } | null = null;
  return {
    name,
    shape: about.shape,
    compass: about.compass,
    element: h(
      "figure",
      { class: "cw-panel", "data-panel": name, "data-pixels": "ready" },
      frame,
      h("figcaption", {}, name, layerMenu(name, panel, state, signal), fitWords(name, panel, state, signal)),
    ),
    canvas,
    turned,
    overlays,
    marks,
    levels() {
      const key = JSON.stringify([state.layerOf(name), state.display[name].limits]);
      if (kept?.key !== key) {
        kept = { key, levels: state.levelsOf(name) };
      }
      return kept.levels;
    },
    // A layer with a pattern around and behind the pixels would need much memory when it is zoomed.
    move: (transform) => (transform === "" || "gaps" in canvas.dataset ? rest(transform) : to(transform)),
  };
}

/** The menu of layers; empty if there are only pixels. */
function layerMenu(
  name: PanelName,
  panel: InspectedPanel,
  state: InspectorState,
  signal: AbortSignal,
): HTMLElement | null {
  const there = LAYERS.filter(([layer]) => panel.layers[layer] !== undefined);
  if (there.length < 2) return null;
  const menu = h(
    "select",
    { class: "cw-layer", "aria-label": `What the ${name} panel shows`, "data-testid": `layer-${name}` },
    ...there.map(([layer, words]) => h("option", { value: layer }, words)),
  );
  menu.value = state.layerOf(name);
  menu.addEventListener("change", () => {
    const layer = there.find(([one]) => one === menu.value)?.[0];
    if (layer !== undefined) state.setDisplay([name], { layer, limits: null });
  }, { signal }); // biome-ignore format: listeners read better so
  return menu;
}

/** The description of the subtracted point source; empty on other layers. */
function fitWords(
  name: PanelName,
  panel: InspectedPanel,
  state: InspectorState,
  signal: AbortSignal,
): HTMLElement | null {
  const { fit, unit } = panel.about;
  if (fit === null) return null;
  const quality = fit.chi2 === null ? "" : `, \u03c7\u00b2/n ${(fit.chi2 / fit.n_pixels).toFixed(2)}`;
  const words = h(
    "span",
    {
      class: "cw-fit",
      title: `Fitted at x ${fit.x.toFixed(2)}, y ${fit.y.toFixed(2)} on ${fit.n_pixels} pixels`,
      "data-testid": `fit-${name}`,
    },
    `PSF ${withError(fit.flux, fit.flux_err, unit ?? "")}${quality}`,
  );
  const refresh = (): void => {
    words.hidden = state.layerOf(name) !== "residual";
  };
  state.subscribe(["display"], refresh, signal);
  refresh();
  return words;
}

/** A panel that cannot be shown, with the reason. */
export function missingPanel(name: PanelName, reason: string): HTMLElement {
  const sentence = h("p");
  setBreakableText(sentence, reason);
  return h(
    "figure",
    { class: "cw-panel", "data-panel": name, "data-pixels": "missing" },
    h("div", { class: "cw-frame" }, h("div", { class: "cw-reason" }, sentence)),
    h("figcaption", {}, name),
  );
}
