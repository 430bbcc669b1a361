import { type Framing, levelsOf, wholeOf } from "../draw";
import type { InspectAnswer, PanelName } from "../protocol";
import { PANELS } from "../session";
import { curvesOf, hasPixels, type InspectedPanel, inspectedPanel, type Layer, samePlace } from "./panel";

/** The topics of an inspector, to which its parts subscribe. */
export type InspectorTopic = "panels" | "framing" | "cursor" | "display" | "aperture" | "tool" | "tabs";

/** A position on a panel, in its parent pixels: whole numbers are centres of pixels. */
export interface Place {
  panel: PanelName;
  x: number;
  y: number;
}

/** Limits and curve chosen by the user. */
export interface Limits {
  low: number;
  high: number;
  curve: string;
}

/** The display settings of one panel. */
export interface Display {
  layer: Layer;
  /** Null: those of the look. */
  limits: Limits | null;
}

/** The action of a drag with the left button. */
export type Tool = "pan" | "aperture";

const LARGEST_ZOOM = 64;
const SMALLEST_ZOOM = 1 / 32;

/** The shared state of the parts of one inspector: panels, cursor, zoom, limits. */
export class InspectorState {
  answer: InspectAnswer | null = null;
  /** The panels with pixels. */
  panels: Partial<Record<PanelName, InspectedPanel>> = {};
  curves: ReadonlyMap<string, Float64Array> = new Map();
  /** The pixel at the pointer or the keyboard cursor. */
  cursor: Place | null = null;
  /** The centre and magnification of the zoomed panel; null: every panel fits. */
  framing: (Place & { zoom: number }) | null = null;
  aperture: (Place & { radius: number }) | null = null;
  tool: Tool = "pan";
  /** The side of a panel's frame on the screen, CSS pixels; 0 if it is unknown. */
  side: () => number = () => 0;
  readonly display: Record<PanelName, Display> = {
    template: { layer: "value", limits: null },
    science: { layer: "value", limits: null },
    difference: { layer: "value", limits: null },
  };
  readonly #listeners = new Set<{ topics: readonly InspectorTopic[]; changed: () => void }>();

  subscribe(topics: readonly InspectorTopic[], changed: () => void, signal: AbortSignal): void {
    const one = { topics, changed };
    this.#listeners.add(one);
    signal.addEventListener("abort", () => this.#listeners.delete(one), { once: true });
  }

  notify(topic: InspectorTopic): void {
    for (const { topics, changed } of [...this.#listeners]) if (topics.includes(topic)) changed();
  }

  /** Show another source: the zoom is kept and moved to it; cursor and aperture are cleared. */
  show(answer: InspectAnswer | null, bytes: DataView): void {
    const isSame = answer !== null && this.answer?.id === answer.id;
    this.answer = answer;
    this.panels = {};
    this.curves = answer === null ? new Map() : curvesOf(answer, bytes);
    for (const name of PANELS) {
      const about = answer?.panels[name];
      if (about !== undefined && hasPixels(about)) this.panels[name] = inspectedPanel(about, bytes);
    }
    this.cursor = null;
    if (!isSame) {
      this.aperture = null;
      this.#recentre();
    }
    this.notify("panels");
  }

  /** The names of the panels with pixels, left to right. */
  get ready(): PanelName[] {
    return PANELS.filter((name) => this.panels[name] !== undefined);
  }

  /** The visible part of a panel: the same sky, at the same scale, as in the zoomed panel. */
  framingOf(name: PanelName): Framing {
    const panel = this.panels[name];
    if (panel === undefined) return wholeOf([1, 1]);
    const { shape, x0, y0, compass } = panel.about;
    const whole = wholeOf(shape);
    const anchor = this.framing === null ? undefined : this.panels[this.framing.panel];
    if (this.framing === null || anchor === undefined) return whole;
    const there = samePlace(anchor, panel, this.framing.x, this.framing.y);
    const scale =
      compass && anchor.about.compass ? compass.arcsec_per_px / anchor.about.compass.arcsec_per_px : 1;
    const zoom = (this.framing.zoom * scale * Math.max(...shape)) / Math.max(...anchor.about.shape);
    if (!Number.isFinite(there.x + there.y)) return { ...whole, zoom };
    return { zoom, x: there.x - x0, y: there.y - y0 };
  }

  /** Centre a parent pixel of a panel; the centre stays on the panel. */
  frame(panel: PanelName, x: number, y: number, zoom: number): void {
    const about = this.panels[panel]?.about;
    if (about === undefined) return;
    const [ny, nx] = about.shape;
    this.framing = {
      panel,
      x: Math.min(Math.max(about.x0 - 0.5, x), about.x0 + nx - 0.5),
      y: Math.min(Math.max(about.y0 - 0.5, y), about.y0 + ny - 0.5),
      zoom: Math.min(Math.max(SMALLEST_ZOOM, zoom), LARGEST_ZOOM),
    };
    this.notify("framing");
  }

  /** Zoom by a factor about a parent pixel, which stays at its position on the screen. */
  zoomAbout({ panel, x, y }: Place, factor: number): void {
    const about = this.panels[panel]?.about;
    if (about === undefined) return;
    const now = this.framingOf(panel);
    const scale = now.zoom / Math.max(...about.shape);
    const [across, up] = [(x - about.x0 - now.x) * scale, (y - about.y0 - now.y) * scale];
    this.hold({ panel, x, y }, across, -up, now.zoom * factor);
  }

  /** Put a parent pixel at a position on the frame of its unrotated panel: sides of the frame from its centre. */
  hold({ panel, x, y }: Place, across: number, down: number, zoom: number): void {
    const about = this.panels[panel]?.about;
    if (about === undefined) return;
    const bounded = Math.min(Math.max(SMALLEST_ZOOM, zoom), LARGEST_ZOOM);
    const scale = Math.max(...about.shape) / bounded;
    this.frame(panel, x - across * scale, y + down * scale, bounded);
  }

  /** Fit every panel to its frame. */
  fit(): void {
    this.framing = null;
    this.notify("framing");
  }

  point(cursor: Place | null): void {
    this.cursor = cursor;
    this.notify("cursor");
  }

  /** Set the layer or the limits of some panels. */
  setDisplay(names: readonly PanelName[], change: Partial<Display>): void {
    for (const name of names) Object.assign(this.display[name], change);
    this.notify("display");
  }

  /** The current layer of a panel: the chosen one, if it exists. */
  layerOf(name: PanelName): Layer {
    const wanted = this.display[name].layer;
    return this.panels[name]?.layers[wanted] === undefined ? "value" : wanted;
  }

  /** The current limits and curve of a panel; null if it has no value. */
  limitsOf(name: PanelName): Limits | null {
    const panel = this.panels[name];
    const { limits } = this.display[name];
    if (panel === undefined || limits !== null) return limits;
    const layer = this.layerOf(name);
    if (layer === "snr") return { low: -5, high: 5, curve: "linear" };
    if (!isLikeImage(layer)) return extremes(panel.layers[layer]);
    const { limits: own, curve } = panel.about;
    return own === null ? null : { low: own[0], high: own[1], curve };
  }

  /** The current levels of a panel. */
  levelsOf(name: PanelName): Uint8Array {
    const panel = this.panels[name];
    if (panel === undefined) return new Uint8Array();
    const layer = this.layerOf(name);
    const values = panel.layers[layer] ?? panel.values;
    if (isLikeImage(layer) && this.display[name].limits === null) return levelsOf(values, panel.thresholds);
    const limits = this.limitsOf(name);
    const starts = limits && this.curves.get(limits.curve);
    if (!limits || !starts) return new Uint8Array(values.length);
    const { low, high } = limits;
    return levelsOf(
      values,
      Float32Array.from(starts, (start) => low + start * (high - low)),
    );
  }

  #recentre(): void {
    if (this.framing === null) return;
    const panel = this.panels[this.framing.panel];
    if (panel === undefined) {
      this.framing = null;
      return;
    }
    const { source, shape, x0, y0 } = panel.about;
    const middle = wholeOf(shape);
    const [x, y] = source ?? [x0 + middle.x, y0 + middle.y];
    this.framing = { ...this.framing, x, y };
  }
}

/** A residual has the limits of the image, for comparison. */
const isLikeImage = (layer: Layer): boolean => layer === "value" || layer === "residual";

function extremes(values: Float32Array | undefined): Limits | null {
  const known = (values ?? new Float32Array()).filter(Number.isFinite);
  if (known.length === 0) return null;
  const low = known.reduce((a, b) => Math.min(a, b));
  return { low, high: known.reduce((a, b) => Math.max(a, b)), curve: "linear" };
}
