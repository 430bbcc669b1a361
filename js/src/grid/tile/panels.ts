import { h, setAttributes, setBreakableText, setChildren, withoutFolders } from "../../dom";
import { type DrawnPanel, type MaskLayer, maskLayer, PanelRow, paint } from "../../draw";
import type { PanelName } from "../../protocol";
import { isLevels, type Levels, type LoadedTile, PANELS } from "../../session";
import type { MakeTilePart } from "./part";

const NAMES: Record<PanelName, string> = {
  template: "Template",
  science: "Science",
  difference: "Difference",
};

/** Template, science and difference side by side; for a missing one, the reason. */
export const panels: MakeTilePart = (session, signal) => {
  const frames = PANELS.map((name) => frame(name));
  const element = h("div", { class: "cw-panels", role: "gridcell" });
  const row = new PanelRow(element, 100);
  let shown: { source: LoadedTile; look: string } | null = null;

  const recolour = (): void => {
    if (shown === null) return;
    for (const one of frames) {
      const panel = shown.source.panels[one.name];
      if (isLevels(panel))
        paint(one.canvas, panel.levels, panel.shape, session.colours.tableFor(one.name, shown.look));
    }
  };

  const reorient = (): void => {
    if (shown === null) return;
    const { panels } = shown.source;
    const drawn = wanted().flatMap(({ name, turned, overlays }): DrawnPanel[] => {
      const panel = panels[name];
      return isLevels(panel) ? [{ name, shape: panel.shape, compass: panel.compass, turned, overlays }] : [];
    });
    row.orient(drawn, session.northUp);
  };

  const wanted = (): Frame[] =>
    session.get("panels").flatMap((name) => frames.filter((one) => one.name === name));
  const arrange = (): void => {
    setChildren(
      element,
      wanted().map((one) => one.element),
    );
    reorient();
  };

  session.subscribe(["tiles"], arrange, signal);
  const drawMasks = (): void => {
    const { masks, shown } = session.overlays;
    for (const one of frames) one.layer?.draw(masks, shown.footprint);
  };

  session.subscribe(["masks"], drawMasks, signal);
  session.subscribe(["colours"], recolour, signal);
  session.subscribe(["orientation"], reorient, signal);
  arrange();
  return {
    element,
    blink: (frame) => row.blink(frame),
    show(source, look) {
      shown = { source, look };
      for (const one of frames) {
        const panel = source.panels[one.name];
        const reason = isLevels(panel) ? "" : panel.reason;
        const state = isLevels(panel) ? "ready" : reason === "" ? "waiting" : "missing";
        setAttributes(one.element, { "data-pixels": state });
        setBreakableText(one.reason, withoutFolders(reason));
        setAttributes(one.reason, { title: reason });
        one.layer = isLevels(panel) ? layerOf(panel) : null;
        setChildren(one.turned, one.layer === null ? [one.canvas] : [one.canvas, one.layer.element]);
      }
      drawMasks();
      reorient();
      recolour();
    },
  };
};

interface Frame {
  name: PanelName;
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  /** Contains everything that rotates with the pixels. */
  turned: HTMLElement;
  overlays: HTMLElement;
  reason: HTMLElement;
  /** Mask and footprint; null if there is neither. */
  layer: MaskLayer | null;
}

/** Overlays of a panel; null without any. */
function layerOf({ shape, outlines, mask }: Levels): MaskLayer | null {
  if (outlines.length === 0 && mask === null) return null;
  return maskLayer({ shape, outlines, x0: 0, y0: 0, mask: mask?.words ?? null, planes: mask?.planes ?? [] });
}

function frame(name: PanelName): Frame {
  const canvas = h("canvas", {
    width: 1,
    height: 1,
    "data-testid": name,
    "aria-label": NAMES[name],
    role: "img",
  });
  const turned = h("div", { class: "cw-turned" }, canvas);
  const overlays = h("div", { class: "cw-overlays" });
  const reason = h("p");
  const element = h(
    "figure",
    { class: "cw-panel", "data-panel": name, "data-pixels": "waiting" },
    h("div", { class: "cw-frame" }, turned, overlays, h("div", { class: "cw-reason" }, reason)),
  );
  return { name, element, canvas, turned, overlays, reason, layer: null };
}
