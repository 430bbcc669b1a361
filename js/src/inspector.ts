import { type DeepPanel, deepPanel, isDeep, maskColours } from "./deep";
import { assign, either, h, say, sayBreakable } from "./dom";
import { compassRose, footprintOutline, scaleBar } from "./overlay";
import { PANELS } from "./pages";
import { paint } from "./paint";
import type { Cell, InspectAnswer, PanelName } from "./protocol";
import { readout } from "./readout";
import type { Inspected, Session } from "./state";
import { badge } from "./tile";

/** Everything about one source: large panels with a read-out, all columns, problems in words. */
export interface Inspector {
  element: HTMLElement;
  refresh(): void;
  toggleMask(): void;
}

export function inspector(session: Session, signal: AbortSignal): Inspector {
  const title = h("h3", { class: "cw-inspector-id", "data-testid": "inspected" });
  const summary = h("div", { class: "cw-inspector-summary" });
  const close = h(
    "button",
    {
      type: "button",
      class: "cw-button",
      "aria-label": "Close (Esc)",
      title: "Close (Esc)",
      "data-testid": "close",
    },
    "\u00d7",
  );
  const problems = h("ul", { class: "cw-problems", "data-testid": "problems" });
  const panels = h("div", { class: "cw-large" });
  const line = readout();
  const masks = h("div", { class: "cw-masks" });
  const search = h("input", {
    type: "search",
    class: "cw-search",
    placeholder: "find a column",
    "aria-label": "Find a column",
  });
  const rows = h("tbody");
  const table = h("table", { class: "cw-columns", "data-testid": "columns" }, rows);
  const element = h(
    "section",
    { class: "cw-inspector", "aria-label": "Inspector", "data-testid": "inspector", hidden: true },
    h("header", {}, title, summary, close),
    problems,
    h(
      "div",
      { class: "cw-inspector-body" },
      h("div", { class: "cw-inspector-left" }, panels, line.element, masks),
      h("div", { class: "cw-inspector-right" }, search, h("div", { class: "cw-scroll", tabindex: 0 }, table)),
    ),
  );
  let shown: InspectAnswer | null = null;
  let withMask = false; // a mask hides what it is about until it is asked for
  let drawn: AbortController | null = null;

  close.addEventListener("click", () => session.inspect(null), { signal });
  search.addEventListener("input", () => filter(rows, search.value), { signal });

  const refresh = (): void => {
    const now = session.inspected;
    element.hidden = now === null;
    if (now === null) {
      shown = null;
      return;
    }
    say(title, now.id);
    element.dataset.state = now.answer !== null ? "ready" : now.reason === "" ? "waiting" : "failed";
    if (now.answer === null) {
      problems.replaceChildren(...(now.reason === "" ? [] : [h("li", {}, now.reason)]));
      if (now.reason !== "") for (const part of [panels, rows, summary, masks]) part.replaceChildren();
      return;
    }
    if (now.answer === shown) return;
    shown = now.answer;
    drawn?.abort();
    drawn = new AbortController();
    fill(now, now.answer, either(signal, drawn.signal));
  };

  const fill = (now: Inspected, answer: InspectAnswer, until: AbortSignal): void => {
    summary.replaceChildren(
      answer.band === null ? "" : h("span", { class: "cw-band", "data-band": answer.band }, answer.band),
      ...answer.facts.map((one) => h("span", { class: "cw-fact", title: one.title }, one.text)),
      ...answer.badges.map(badge),
    );
    problems.replaceChildren(...answer.problems.map((text) => h("li", {}, text)));
    const deep: Partial<Record<PanelName, DeepPanel>> = {};
    for (const name of PANELS) {
      const about = answer.panels[name];
      if (isDeep(about)) deep[name] = deepPanel(about, now.bytes);
    }
    const names = PANELS.filter((name) => deep[name] !== undefined);
    panels.replaceChildren(
      ...PANELS.map((name) => {
        const panel = deep[name];
        const missing = answer.panels[name];
        const caption = h("figcaption", {}, name);
        if (panel === undefined) {
          const reason = isDeep(missing) ? "" : missing.reason;
          const sentence = h("p");
          sayBreakable(sentence, reason);
          return h("figure", { class: "cw-panel", "data-panel": name, "data-state": "missing" },
            h("div", { class: "cw-frame" }, h("div", { class: "cw-reason" }, sentence)), caption);
        } // biome-ignore format: one element
        const canvas = h("canvas", { "data-testid": `large-${name}`, role: "img", "aria-label": `${name}, large` });
        const overlays = h("div", { class: "cw-overlays" });
        const cross = h("div", { class: "cw-cross", hidden: true });
        const [ny, nx] = panel.about.shape;
        const side = Math.max(ny, nx);
        paint(canvas, panel.levels, panel.about.shape, session.tableFor(name, answer.look));
        const cover = maskCanvas(panel);
        if (cover !== null) overlays.append(cover);
        if (panel.about.outlines.length > 0)
          overlays.append(footprintOutline(panel.about.outlines, panel.about, panel.about.shape));
        if (answer.compass !== null && name === names[0]) overlays.append(scaleBar(answer.compass, side, 150));
        if (answer.compass !== null && name === names.at(-1)) overlays.append(compassRose(answer.compass, 150));
        const box = h("div", { class: "cw-frame" }, canvas, overlays, cross);
        box.addEventListener("pointermove", (event) => {
          const { x, y, inside } = pixelAt(canvas, event, nx, ny);
          for (const one of panels.querySelectorAll<HTMLElement>(".cw-cross")) one.hidden = !inside;
          if (!inside) return line.clear();
          pointAt(panels, x + 0.5, ny - 0.5 - y, nx, ny, side);
          line.show(deep, x + panel.about.x0, y + panel.about.y0, name);
        }, { signal: until });
        box.addEventListener("pointerleave", () => {
          for (const one of panels.querySelectorAll<HTMLElement>(".cw-cross")) one.hidden = true;
          line.clear();
        }, { signal: until });
        return h("figure", { class: "cw-panel", "data-panel": name, "data-state": "ready" }, box, caption);
      }),
    ); // biome-ignore format: listeners read better so
    const planes = new Map(
      names.flatMap((name) => deep[name]?.about.planes ?? []).map((one) => [one.name, one]),
    );
    masks.replaceChildren(
      ...(planes.size === 0 ? [] : [maskSwitch()]),
      ...[...planes.values()].map((one) => {
        const chip = h("span", { class: "cw-plane", title: `${one.count} pixels` }, one.name);
        chip.style.setProperty("--cw-badge", one.colour);
        return chip;
      }),
    );
    rows.replaceChildren(...answer.cells.map(row));
    filter(rows, search.value);
    line.clear();
    applyMask();
  };

  const maskSwitch = (): HTMLElement => {
    const box = h("input", { type: "checkbox", "data-testid": "mask" });
    box.checked = withMask;
    box.addEventListener("change", () => {
      withMask = box.checked;
      applyMask();
    }, { signal }); // biome-ignore format: short
    return h("label", { class: "cw-switch", title: "Show the mask (m)" }, box, "mask");
  };

  const applyMask = (): void => {
    assign(element, { "data-mask": withMask });
    const box = masks.querySelector("input");
    if (box !== null) box.checked = withMask;
  };

  session.subscribe((topic) => {
    if (topic === "colours" || topic === "page") repaint();
  }, signal);

  const repaint = (): void => {
    const now = session.inspected;
    if (shown === null || now === null) return;
    for (const name of PANELS) {
      const about = shown.panels[name];
      const canvas = panels.querySelector<HTMLCanvasElement>(`[data-panel="${name}"] canvas[role="img"]`);
      if (isDeep(about) && canvas !== null)
        paint(canvas, deepPanel(about, now.bytes).levels, about.shape, session.tableFor(name, shown.look));
    }
  };

  return {
    element,
    refresh,
    toggleMask() {
      withMask = !withMask;
      applyMask();
    },
  };
}

function maskCanvas(panel: DeepPanel): HTMLCanvasElement | null {
  const colours = maskColours(panel);
  if (colours === null) return null;
  const [ny, nx] = panel.about.shape;
  const canvas = h("canvas", { class: "cw-mask", width: nx, height: ny, "aria-hidden": "true" });
  canvas.getContext("2d")?.putImageData(new ImageData(colours, nx, ny), 0, 0);
  return canvas;
}

/** Pixel of a panel under the pointer, y up, pixel centres at whole numbers; the canvas keeps its aspect. */
export function pixelAt(
  canvas: HTMLCanvasElement,
  event: { clientX: number; clientY: number },
  nx: number,
  ny: number,
): { x: number; y: number; inside: boolean } {
  const box = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / nx, box.height / ny);
  const left = box.left + (box.width - scale * nx) / 2;
  const top = box.top + (box.height - scale * ny) / 2;
  const x = (event.clientX - left) / scale - 0.5;
  const y = ny - 0.5 - (event.clientY - top) / scale;
  return { x, y, inside: x >= -0.5 && y >= -0.5 && x < nx - 0.5 && y < ny - 0.5 };
}

/** Put the crosses of all panels at one pixel. */
function pointAt(panels: HTMLElement, x: number, y: number, nx: number, ny: number, side: number): void {
  for (const one of panels.querySelectorAll<HTMLElement>(".cw-cross")) {
    one.style.left = `${((x + (side - nx) / 2) / side) * 100}%`;
    one.style.top = `${((y + (side - ny) / 2) / side) * 100}%`;
  }
}

function row(cell: Cell): HTMLTableRowElement {
  return h(
    "tr",
    { "data-column": cell.name, title: cell.description },
    h("th", { scope: "row" }, cell.name),
    h("td", { class: "cw-value" }, cell.value),
    h("td", { class: "cw-unit" }, cell.unit),
  );
}

function filter(rows: HTMLElement, text: string): void {
  const wanted = text.trim().toLowerCase();
  for (const one of rows.children)
    if (one instanceof HTMLElement) one.hidden = !(one.dataset.column ?? "").toLowerCase().includes(wanted);
}
