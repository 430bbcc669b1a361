import { focusedIn } from "../dom";
import { onFrame, onPanel, type Turn, turnedBack } from "../draw";
import type { PanelName } from "../protocol";
import { PANELS } from "../session";
import { Fingers, type Grip, growth } from "./fingers";
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

/** A drag with the left button, or with one or two fingers. */
interface Drag {
  /** Where pointer or fingers were when their number last changed, with the pixel there and the zoom. */
  grip: Grip;
  pixel: Place;
  zoom: number;
  /** Whether it is more than a click. */
  moved: boolean;
}

/** Mouse, fingers and keys on the panels: zoom, pan, pixel cursor, aperture. The right button is handled elsewhere. */
export function navigation(
  area: HTMLElement,
  state: InspectorState,
  turnOf: (name: PanelName) => Turn,
  signal: AbortSignal,
): void {
  const fingers = new Fingers();
  let drag: Drag | null = null;

  /** A position on the frame of a panel, in sides of the frame from its centre: right, down. */
  const onFrameAt = (name: PanelName, clientX: number, clientY: number): [number, number] | null => {
    const frame = frameOf(area, name);
    if (frame === null) return null;
    const { left, top, width, height } = frame.getBoundingClientRect();
    const side = Math.min(width, height);
    return [(clientX - left - width / 2) / side, (clientY - top - height / 2) / side];
  };
  const pixelAt = (name: PanelName, clientX: number, clientY: number): Place | null => {
    const panel = state.panels[name];
    const at = onFrameAt(name, clientX, clientY);
    if (panel === undefined || at === null) return null;
    const { shape, x0, y0 } = panel.about;
    const { x, y } = onPanel(state.framingOf(name), turnOf(name), shape, ...at);
    return { panel: name, x: x + x0, y: y + y0 };
  };
  /** Begin a drag anew, from where the pointer or the two fingers are. */
  const begin = (name: PanelName, moved: boolean): void => {
    const { grip } = fingers;
    const pixel = pixelAt(name, grip.clientX, grip.clientY);
    drag = pixel && { grip, pixel, zoom: state.framingOf(name).zoom, moved };
  };
  const follow = (event: PointerEvent): void => {
    const name = panelAt(event.target);
    const pixel = name && pixelAt(name, event.clientX, event.clientY);
    if (pixel && isInside(state, pixel)) state.point(pixel);
    else leave();
  };
  const leave = (): void => {
    // With the focus on a panel, the arrow keys continue from here.
    if (focusedIn(area) === null) state.point(null);
  };

  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    act: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void => area.addEventListener(type, act, { ...options, signal });

  on("pointerdown", (event) => {
    const name = panelAt(event.target);
    if (event.button !== 0 || name === null || isControl(event.target)) return;
    fingers.press(event);
    begin(drag?.pixel.panel ?? name, drag !== null);
    if (drag === null) return;
    area.setPointerCapture?.(event.pointerId);
    frameOf(area, name)?.focus({ preventScroll: true });
  });

  on("pointermove", (event) => {
    fingers.move(event);
    if (drag === null) return follow(event);
    const { pixel, zoom, grip: from } = drag;
    const { clientX, clientY } = fingers.grip;
    drag.moved ||= Math.hypot(clientX - from.clientX, clientY - from.clientY) > CLICK_PX;
    if (fingers.count < 2 && !drag.moved) return;
    if (fingers.count < 2 && state.tool === "aperture") {
      const here = pixelAt(pixel.panel, clientX, clientY);
      if (here === null) return;
      state.aperture = { ...pixel, radius: Math.hypot(here.x - pixel.x, here.y - pixel.y) };
      state.notify("aperture");
      return;
    }
    const at = onFrameAt(pixel.panel, clientX, clientY);
    if (at === null) return;
    const [across, down] = turnedBack(turnOf(pixel.panel), ...at);
    state.hold(pixel, across, down, zoom * growth(from, fingers.grip));
  });

  const end = (event: PointerEvent): void => {
    if (!fingers.lift(event) || drag === null) return;
    const { moved, pixel, zoom } = drag;
    // A pinch that ends smaller than the frame fits the cutout to it.
    const now = state.framingOf(pixel.panel).zoom;
    if (now < zoom && now <= 1) state.fit();
    drag = null;
    if (fingers.count > 0) {
      if (state.tool === "pan") begin(pixel.panel, true); // the finger that stays draws no circle
    } else if (!moved && event.type === "pointerup" && isInside(state, pixel)) state.point(pixel);
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
    const isFitted = factor < 1 && state.framing === null; // nothing to zoom out: the page scrolls
    if (!isFitted || event.ctrlKey) event.preventDefault(); // a pinch on a touch pad never zooms the page
    if (isFitted) return;
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
