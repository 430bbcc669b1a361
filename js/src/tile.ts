import { assign, h, say, sayBreakable, withoutFolders } from "./dom";
import { footprintOutline } from "./overlay";
import { isLevels, PANELS, type Shot } from "./pages";
import { paint } from "./paint";
import type { Badge, PanelName } from "./protocol";
import { PanelRow, type Seen } from "./row";
import type { Session } from "./state";

const NAMES: Record<PanelName, string> = {
  template: "Template",
  science: "Science",
  difference: "Difference",
};

/** One place of the page: made once, filled again with every page. */
export interface TileView {
  element: HTMLElement;
  show(shot: Shot, look: string): void;
  recolour(): void;
  /** Turn the panels as the session wants them. */
  reorient(): void;
  /** Show one panel alone, as of this frame of a blink; null: side by side. Tells how many can take turns. */
  blink(frame: number | null): number;
  mark(state: { selected: boolean; current: boolean; inspected: boolean; label: string | null }): void;
  id(): string;
}

export function tile(session: Session, place: number, domId: string): TileView {
  const id = h("span", { class: "cw-id" });
  const band = h("span", { class: "cw-band" });
  const facts = h("span", { class: "cw-facts" });
  const label = h("span", { class: "cw-label", hidden: true });
  const badges = h("div", { class: "cw-badges" });
  const frames = PANELS.map((name) => frame(name));
  const panels = h("div", { class: "cw-panels" }, ...frames.map((one) => one.element));
  const row = new PanelRow(panels, 100);
  const element = h(
    "div",
    { class: "cw-tile", role: "option", id: domId, "data-testid": "tile", "data-place": place },
    h("div", { class: "cw-head" }, id, band, facts, label),
    panels,
    badges,
  );
  let shown: { shot: Shot; look: string } | null = null;

  const recolour = (): void => {
    if (shown === null) return;
    for (const one of frames) {
      const panel = shown.shot.panels[one.name];
      if (isLevels(panel))
        paint(one.canvas, panel.levels, panel.shape, session.tableFor(one.name, shown.look));
    }
  };

  const reorient = (): void => {
    if (shown === null) return;
    const { panels } = shown.shot;
    const seen = frames.flatMap(({ name, turned, overlays }): Seen[] => {
      const panel = panels[name];
      return isLevels(panel) ? [{ name, shape: panel.shape, compass: panel.compass, turned, overlays }] : [];
    });
    row.orient(seen, session.northUp);
  };

  return {
    element,
    recolour,
    reorient,
    blink: (frame) => row.blink(frame),
    id: () => shown?.shot.tile.id ?? "",
    show(shot, look) {
      if (shown?.shot === shot && shown.look === look) return;
      shown = { shot, look };
      const { tile: about, panels } = shot;
      assign(element, { "data-id": about.id, "data-waiting": about.waiting, "aria-busy": about.waiting });
      element.setAttribute("aria-label", spoken(about.id, about.band, about.badges, about.problems));
      say(id, about.id);
      say(band, about.band ?? "");
      assign(band, {
        hidden: about.band === null,
        "data-band": about.band,
        title: about.band && `band ${about.band}`,
      });
      facts.replaceChildren(...about.facts.map((one) => h("span", { title: one.title }, one.text)));
      badges.replaceChildren(...about.badges.map(badge));
      for (const one of frames) {
        const panel = panels[one.name];
        one.element.dataset.state = isLevels(panel) ? "ready" : panel.reason === "" ? "waiting" : "missing";
        const reason = isLevels(panel) ? "" : panel.reason;
        sayBreakable(one.reason, withoutFolders(reason));
        one.reason.title = reason;
        one.overlays.replaceChildren();
        one.turned.replaceChildren(one.canvas);
        if (isLevels(panel) && panel.outlines.length > 0)
          one.turned.append(footprintOutline(panel.outlines, { x0: 0, y0: 0 }, panel.shape));
      }
      reorient();
      recolour();
    },
    mark({ selected, current, inspected, label: word }) {
      element.setAttribute("aria-selected", String(selected));
      assign(element, { "data-current": current, "data-inspected": inspected });
      say(label, word ?? "");
      label.hidden = word === null;
    },
  };
}

interface Frame {
  name: PanelName;
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  /** What turns with the pixels. */
  turned: HTMLElement;
  overlays: HTMLElement;
  reason: HTMLElement;
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
    { class: "cw-panel", "data-panel": name, "data-state": "waiting" },
    h("div", { class: "cw-frame" }, turned, overlays, h("div", { class: "cw-reason" }, reason)),
    h("figcaption", {}, NAMES[name]),
  );
  return { name, element, canvas, turned, overlays, reason };
}

/** A flag: its text on a tinted ground, a solid edge if it is about the source itself. */
export function badge(one: Badge): HTMLElement {
  const element = h(
    "span",
    { class: "cw-badge", "data-badge": one.name, "data-kind": one.kind, title: one.title },
    one.text,
  );
  element.style.setProperty("--cw-badge", one.colour);
  return element;
}

function spoken(id: string, band: string | null, badges: Badge[], problems: string[]): string {
  const flags = badges.length > 0 ? `, ${badges.map((one) => one.title || one.text).join(", ")}` : "";
  const missing = problems.length > 0 ? `, ${problems.join(", ")}` : "";
  return `source ${id}${band === null ? "" : `, band ${band}`}${flags}${missing}`;
}
