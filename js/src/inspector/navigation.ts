import { onFrame, onPanel, type Turn, turnedBack } from "../draw";
import type { PanelName } from "../protocol";
import { PANELS } from "../session";
import type { InspectorState, Place } from "./state";

/** Wheel movement in CSS pixels that zooms by e; a pinch on a touch pad sends smaller steps. */
const WHEEL_PX = 500;
const PINCH_PX = 100;
const LINE_PX = 16;
/** Maximum movement of a click. */
const CLICK_PX = 3;
/** Margin between cursor and frame, as a fraction of its side. */
const INSIDE = 0.47;
const KEY_ZOOM = Math.SQRT2;

/** A drag with the left button. */
interface Drag {
  at: PanelName;
  pixel: Place;
  /** The centre of the panel when it began. */
  middle: { x: number; y: number; zoom: number };
  clientX: number;
  clientY: number;
  moved: boolean;
}

/** Mouse and keys on the panels: zoom, pan, pixel cursor, aperture. The right button is handled elsewhere. */
export function navigation(
  area: HTMLElement,
  state: InspectorState,
  turnOf: (name: PanelName) => Turn,
  signal: AbortSignal,
): void {
  const touches = new Map<number, PointerEvent>();
  let drag: Drag | null = null;
  let spread = 0;

  const pixelAt = (name: PanelName, clientX: number, clientY: number): Place | null => {
    const panel = state.panels[name];
    const frame = frameOf(area, name);
    if (panel === undefined || frame === null) return null;
    const { left, top, width, height } = frame.getBoundingClientRect();
    const side = Math.min(width, height);
    const [u, v] = [(clientX - left - width / 2) / side, (clientY - top - height / 2) / side];
    const { shape, x0, y0 } = panel.about;
    const { x, y } = onPanel(state.framingOf(name), turnOf(name), shape, u, v);
    return { panel: name, x: x + x0, y: y + y0 };
  };
  const follow = (event: PointerEvent): void => {
    const name = panelAt(event.target);
    const pixel = name && pixelAt(name, event.clientX, event.clientY);
    if (pixel && isInside(state, pixel)) state.point(pixel);
    else leave();
  };
  const leave = (): void => {
    // With the focus on a panel, the arrow keys continue from here.
    if (!area.contains(area.ownerDocument.activeElement)) state.point(null);
  };

  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    act: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void => area.addEventListener(type, act, { ...options, signal });

  on("pointerdown", (event) => {
    const name = panelAt(event.target);
    if (event.button !== 0 || name === null || isControl(event.target)) return;
    touches.set(event.pointerId, event);
    const pixel = pixelAt(name, event.clientX, event.clientY);
    if (pixel === null) return;
    area.setPointerCapture?.(event.pointerId);
    frameOf(area, name)?.focus({ preventScroll: true });
    const { x, y, zoom } = state.framingOf(name);
    const about = state.panels[name]?.about;
    const middle = { x: x + (about?.x0 ?? 0), y: y + (about?.y0 ?? 0), zoom };
    drag = { at: name, pixel, middle, clientX: event.clientX, clientY: event.clientY, moved: false };
    spread = spreadOf(touches);
  });

  on("pointermove", (event) => {
    if (touches.has(event.pointerId)) touches.set(event.pointerId, event);
    if (drag === null) return follow(event);
    if (touches.size === 2) {
      const next = spreadOf(touches);
      const [first, second] = [...touches.values()];
      if (spread > 0 && next > 0 && first && second) {
        const middle = pixelAt(
          drag.at,
          (first.clientX + second.clientX) / 2,
          (first.clientY + second.clientY) / 2,
        );
        if (middle !== null) state.zoomAbout(middle, next / spread);
      }
      spread = next;
      return;
    }
    const [right, down] = [event.clientX - drag.clientX, event.clientY - drag.clientY];
    drag.moved ||= Math.hypot(right, down) > CLICK_PX;
    if (!drag.moved) return;
    if (state.tool === "aperture") {
      const here = pixelAt(drag.at, event.clientX, event.clientY);
      if (here === null) return;
      state.aperture = { ...drag.pixel, radius: Math.hypot(here.x - drag.pixel.x, here.y - drag.pixel.y) };
      state.notify("aperture");
      return;
    }
    const panel = state.panels[drag.at];
    const frame = frameOf(area, drag.at);
    if (panel === undefined || frame === null) return;
    const side = Math.min(frame.clientWidth, frame.clientHeight) || frame.getBoundingClientRect().width;
    const [across, up] = turnedBack(turnOf(drag.at), right / side, down / side);
    const scale = Math.max(...panel.about.shape) / drag.middle.zoom;
    state.frame(drag.at, drag.middle.x - across * scale, drag.middle.y + up * scale, drag.middle.zoom);
  });

  const end = (event: PointerEvent): void => {
    touches.delete(event.pointerId);
    if (drag === null || touches.size > 0) return;
    const { moved, pixel } = drag;
    drag = null;
    if (!moved && event.type === "pointerup" && isInside(state, pixel)) state.point(pixel);
  };
  on("pointerup", end);
  on("pointercancel", end);
  on("pointerleave", leave);
  on("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node && area.contains(event.relatedTarget))) state.point(null);
  });

  on("wheel", (event) => {
    const name = panelAt(event.target);
    const pixel = name && pixelAt(name, event.clientX, event.clientY);
    if (!pixel || event.deltaY === 0) return;
    const step = event.deltaY * (event.deltaMode === 1 ? LINE_PX : 1);
    const factor = Math.exp(-step / (event.ctrlKey ? PINCH_PX : WHEEL_PX));
    if (factor < 1 && state.framing === null) return; // nothing to zoom out: the page scrolls
    event.preventDefault();
    event.stopPropagation();
    if (factor < 1 && state.framingOf(pixel.panel).zoom * factor <= 1) state.fit();
    else state.zoomAbout(pixel, factor);
  }, { passive: false }); // biome-ignore format: listeners read better so
  on("dblclick", (event) => {
    if (panelAt(event.target) !== null && !isControl(event.target)) state.fit();
  });

  on("keydown", (event) => {
    const name = panelAt(event.target);
    if (name === null || isControl(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const zoom = { "+": KEY_ZOOM, "=": KEY_ZOOM, "-": 1 / KEY_ZOOM }[event.key];
    if (event.key === "Escape") {
      // Keys act on the tiles again; the next Esc closes the inspector.
      area.parentElement?.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
    } else if (step !== undefined) moveCursor(state, name, turnOf(name), step, event.shiftKey ? 10 : 1);
    else if (zoom !== undefined) state.zoomAbout(state.cursor ?? middleOf(state, name), zoom);
    else return;
    event.preventDefault();
    event.stopPropagation(); // do not move the tiles' cursor
  });
}

/** Move the cursor by whole pixels in a direction on the screen, and keep it in view. */
function moveCursor(
  state: InspectorState,
  name: PanelName,
  turn: Turn,
  [right = 0, down = 0]: number[],
  times: number,
): void {
  const about = state.panels[name]?.about;
  if (about === undefined) return;
  const start = state.cursor?.panel === name ? state.cursor : middleOf(state, name);
  const [across, up] = turnedBack(turn, right, down);
  const [ny, nx] = about.shape;
  const bounded = (value: number, first: number, n: number): number =>
    Math.min(Math.max(first, value), first + n - 1);
  const x = bounded(Math.round(start.x) + Math.round(across) * times, about.x0, nx);
  const y = bounded(Math.round(start.y) - Math.round(up) * times, about.y0, ny);
  const framing = state.framingOf(name);
  const [u, v] = onFrame(framing, turn, about.shape, x - about.x0, y - about.y0);
  if (Math.max(Math.abs(u), Math.abs(v)) > INSIDE && framing.zoom > 1) state.frame(name, x, y, framing.zoom);
  state.point({ panel: name, x, y });
}

/** The position of the source, or the centre of a panel. */
function middleOf(state: InspectorState, name: PanelName): Place {
  const about = state.panels[name]?.about;
  if (about === undefined) return { panel: name, x: 0, y: 0 };
  const [ny, nx] = about.shape;
  const [x, y] = about.source ?? [about.x0 + (nx - 1) / 2, about.y0 + (ny - 1) / 2];
  return { panel: name, x, y };
}

function isInside(state: InspectorState, { panel, x, y }: Place): boolean {
  const about = state.panels[panel]?.about;
  if (about === undefined) return false;
  const [ny, nx] = about.shape;
  const [column, row] = [x - about.x0, y - about.y0];
  return column >= -0.5 && row >= -0.5 && column < nx - 0.5 && row < ny - 0.5;
}

function panelAt(target: EventTarget | null): PanelName | null {
  const frame = target instanceof Element ? target.closest(".cw-frame") : null;
  const name = frame?.closest<HTMLElement>("[data-panel]")?.dataset.panel;
  return PANELS.find((one) => one === name) ?? null;
}

const isControl = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("select, button, input, a") !== null;

function frameOf(area: HTMLElement, name: PanelName): HTMLElement | null {
  return area.querySelector<HTMLElement>(`[data-panel="${name}"] .cw-frame`);
}

function spreadOf(touches: ReadonlyMap<number, PointerEvent>): number {
  const [one, other] = [...touches.values()];
  return one && other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
}
