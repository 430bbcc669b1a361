import { anySignal, h, setBreakableText } from "../dom";
import { type DrawnPanel, footprintOutline, PanelRow, paint, type Turn, turnedBack } from "../draw";
import type { InspectAnswer, PanelName } from "../protocol";
import { PANELS, type Session } from "../session";
import { onAnswer } from "./answer";
import { type ContrastControl, contrastControl } from "./contrast";
import { hasPixels, type InspectedPanel, inspectedPanel, maskColours, samePlace } from "./panel";
import { readout } from "./readout";

/** The three panels of the inspected source, with the read-out and the contrast that the pointer sets on them. */
export interface InspectorPanels {
  element: HTMLElement;
  readout: HTMLElement;
  contrast: ContrastControl;
  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink(frame: number | null): number;
}

/** A panel that has pixels, with its numbers. */
interface ReadyPanel extends DrawnPanel {
  panel: InspectedPanel;
  element: HTMLElement;
  box: HTMLElement;
  canvas: HTMLCanvasElement;
  cross: HTMLElement;
}

export function inspectorPanels(session: Session, signal: AbortSignal): InspectorPanels {
  const element = h("div", { class: "cw-inspector-panels" });
  const line = readout();
  const row = new PanelRow(element, 150);
  let answer: InspectAnswer | null = null;
  let ready: ReadyPanel[] = [];
  let drawn: AbortController | null = null;

  const recolour = (): void => {
    for (const { name, panel, canvas } of ready) {
      const table = contrast.applied(session.tableFor(name, answer?.look ?? ""));
      paint(canvas, panel.levels, panel.about.shape, table);
    }
  };
  const contrast = contrastControl(element, recolour, signal);

  const reorient = (): void => row.orient(ready, session.northUp);

  const clearPointer = (): void => {
    for (const one of ready) one.cross.hidden = true;
    line.clear();
  };

  const followPointer = (one: ReadyPanel, until: AbortSignal): void => {
    const { x0, y0, shape } = one.panel.about;
    one.box.addEventListener("pointermove", (event) => {
      const { x, y, inside } = pixelAt(one.box, event, shape, row.turnOf(one.name));
      if (!inside) return clearPointer();
      for (const { cross, panel } of ready) {
        const there = samePlace(one.panel, panel, x + x0, y + y0);
        pointAt(cross, there.x - panel.about.x0, there.y - panel.about.y0, panel.about.shape);
      }
      const panels = Object.fromEntries(ready.map(({ name, panel }) => [name, panel]));
      line.show(panels, x + x0, y + y0, one.name);
    }, { signal: until });
    one.box.addEventListener("pointerleave", clearPointer, { signal: until });
  }; // biome-ignore format: listeners read better so

  session.subscribe(["colours", "page"], recolour, signal);
  session.subscribe(["orientation"], reorient, signal);

  const clear = (): void => {
    drawn?.abort();
    answer = null;
    ready = [];
    element.replaceChildren();
    reorient();
  };

  const show = (next: InspectAnswer, bytes: DataView): void => {
    clear();
    drawn = new AbortController();
    answer = next;
    for (const name of PANELS) {
      const about = next.panels[name];
      if (!hasPixels(about)) {
        element.append(missing(name, about.reason));
        continue;
      }
      const one = readyPanel(name, inspectedPanel(about, bytes));
      ready.push(one);
      element.append(one.element);
      followPointer(one, anySignal(signal, drawn.signal));
    }
    recolour();
    reorient();
    clearPointer();
  };
  onAnswer(session, { show, clear }, signal);

  return { element, readout: line.element, contrast, blink: (frame) => row.blink(frame) };
}

function readyPanel(name: PanelName, panel: InspectedPanel): ReadyPanel {
  const { about } = panel;
  const canvas = h("canvas", {
    "data-testid": `inspector-${name}`,
    role: "img",
    "aria-label": `${name}, large`,
  });
  const cross = h("div", { class: "cw-cross", hidden: true });
  const outline =
    about.outlines.length > 0 ? footprintOutline(about.outlines, about, about.shape) : undefined;
  const turned = h("div", { class: "cw-turned" }, canvas, maskCanvas(panel), outline, cross);
  const overlays = h("div", { class: "cw-overlays" });
  const box = h("div", { class: "cw-frame" }, turned, overlays);
  const element = h(
    "figure",
    { class: "cw-panel", "data-panel": name, "data-state": "ready" },
    box,
    h("figcaption", {}, name),
  );
  return {
    name,
    shape: about.shape,
    compass: about.compass,
    panel,
    element,
    box,
    canvas,
    turned,
    overlays,
    cross,
  };
}

function missing(name: PanelName, reason: string): HTMLElement {
  const sentence = h("p");
  setBreakableText(sentence, reason);
  return h(
    "figure",
    { class: "cw-panel", "data-panel": name, "data-state": "missing" },
    h("div", { class: "cw-frame" }, h("div", { class: "cw-reason" }, sentence)),
    h("figcaption", {}, name),
  );
}

function maskCanvas(panel: InspectedPanel): HTMLCanvasElement | null {
  const colours = maskColours(panel);
  if (colours === null) return null;
  const [ny, nx] = panel.about.shape;
  const canvas = h("canvas", { class: "cw-mask", width: nx, height: ny, "aria-hidden": "true" });
  canvas.getContext("2d")?.putImageData(new ImageData(colours, nx, ny), 0, 0);
  return canvas;
}

/** Pixel of a panel under the pointer, y up, pixel centres at whole numbers; the panel is fitted into its frame. */
function pixelAt(
  frame: HTMLElement,
  event: { clientX: number; clientY: number },
  [ny, nx]: [number, number],
  turn: Turn,
): { x: number; y: number; inside: boolean } {
  const { left, top, width, height } = frame.getBoundingClientRect();
  const scale = Math.min(width / nx, height / ny);
  const step = turnedBack(turn, event.clientX - left - width / 2, event.clientY - top - height / 2);
  const x = (nx - 1) / 2 + step[0] / scale;
  const y = (ny - 1) / 2 - step[1] / scale;
  return { x, y, inside: isInside(x, y, [ny, nx]) };
}

function isInside(x: number, y: number, [ny, nx]: [number, number]): boolean {
  return x >= -0.5 && y >= -0.5 && x < nx - 0.5 && y < ny - 0.5;
}

/** Put the cross at a pixel of a panel in detector orientation; hide it outside the panel. */
function pointAt(cross: HTMLElement, x: number, y: number, [ny, nx]: [number, number]): void {
  const side = Math.max(ny, nx);
  cross.hidden = !isInside(x, y, [ny, nx]);
  if (cross.hidden) return;
  cross.style.left = `${(0.5 + (x - (nx - 1) / 2) / side) * 100}%`;
  cross.style.top = `${(0.5 - (y - (ny - 1) / 2) / side) * 100}%`;
}
