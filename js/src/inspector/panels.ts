import { anySignal, h, setAttributes } from "../dom";
import { PanelRow, paint } from "../draw";
import type { PanelName } from "../protocol";
import { PANELS, type Session } from "../session";
import { onAnswer } from "./answer";
import { type ContrastControl, contrastControl } from "./contrast";
import { navigation } from "./navigation";
import { missingPanel, type PanelView, panelView } from "./panel_view";
import { sideOf } from "./side";
import type { InspectorState } from "./state";

/** The three panels of the inspected source, with mouse and key handling. */
export interface InspectorPanels {
  element: HTMLElement;
  contrast: ContrastControl;
  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink(frame: number | null): number;
}

export function inspectorPanels(
  session: Session,
  state: InspectorState,
  signal: AbortSignal,
): InspectorPanels {
  const element = h("div", { class: "cw-inspector-panels" });
  const row = new PanelRow(element, 150);
  let shown: PanelView[] = [];
  let drawn: AbortController | null = null;
  state.side = sideOf(element, () => state.notify("framing"), signal);

  const tableOf = (name: PanelName) =>
    contrast.applied(session.colours.tableFor(name, state.answer?.look ?? ""));
  const recolour = (): void => {
    for (const { name, canvas, levels, shape } of shown) paint(canvas, levels(), shape, tableOf(name));
  };
  const contrast = contrastControl(element, recolour, signal);

  const drawMarks = (): void => {
    for (const { marks } of shown) marks.draw();
  };
  /** Pixels smaller than those of the screen are averaged: else stars between those drawn would disappear. */
  const smooth = (): void => {
    const side = state.side() * (window.devicePixelRatio || 1);
    for (const { name, turned, shape } of shown) {
      const isShrunk = side > 0 && side * state.framingOf(name).zoom < Math.max(...shape);
      setAttributes(turned, { "data-shrunk": isShrunk });
    }
  };
  const reframe = (): void => {
    smooth();
    row.frame((name) => state.framingOf(name));
    drawMarks();
  };
  const reorient = (): void => {
    row.orient(shown, session.northUp);
    reframe();
  };

  const show = (): void => {
    drawn?.abort();
    drawn = new AbortController();
    const until = anySignal(signal, drawn.signal);
    shown = [];
    const { answer } = state;
    const figures = PANELS.flatMap((name) => {
      const about = answer?.panels[name];
      if (about === undefined) return [];
      const panel = state.panels[name];
      if (panel === undefined) return [missingPanel(name, "reason" in about ? about.reason : "")];
      const one = panelView(name, panel, session, state, () => row.turnOf(name), until);
      shown.push(one);
      return [one.element];
    });
    element.replaceChildren(...figures);
    recolour();
    reorient();
  };

  navigation(element, state, (name) => row.turnOf(name), signal);
  session.subscribe(["colours", "page"], recolour, signal);
  session.subscribe(["orientation"], reorient, signal);
  state.subscribe(["panels"], show, signal);
  state.subscribe(["display"], recolour, signal);
  state.subscribe(["framing"], reframe, signal);
  session.subscribe(["masks"], drawMarks, signal);
  state.subscribe(["cursor"], () => {
    for (const { marks } of shown) marks.drawCursor();
  }, signal); // biome-ignore format: a list of two
  state.subscribe(["aperture"], () => {
    for (const { marks } of shown) marks.drawAperture();
  }, signal); // biome-ignore format: a list of two
  onAnswer(session, {
    show: (answer, bytes) => state.show(answer, bytes),
    clear: () => state.show(null, new DataView(new ArrayBuffer(0))),
  }, signal); // biome-ignore format: a list of two

  return { element, contrast, blink: (frame) => row.blink(frame) };
}
