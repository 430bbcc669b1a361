import { isDeep } from "./deep";
import { assign, h, hide, say } from "./dom";
import { type LargePanels, largePanels } from "./large";
import { PANELS } from "./pages";
import type { Cell, InspectAnswer } from "./protocol";
import { readout } from "./readout";
import type { Session } from "./state";
import { badge } from "./tile";

/** Everything about one source: large panels with a read-out, all columns, problems in words. */
export interface Inspector {
  element: HTMLElement;
  panels: LargePanels;
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
  const line = readout();
  const panels = largePanels(session, line, signal);
  const masks = h("div", { class: "cw-masks" });
  const maskBox = h("input", { type: "checkbox", "data-testid": "mask" });
  const maskSwitch = h("label", { class: "cw-switch", title: "Show the mask (m)" }, maskBox, "mask");
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
      h(
        "div",
        { class: "cw-inspector-left" },
        panels.element,
        line.element,
        h("div", { class: "cw-tools" }, masks, panels.contrast.element),
      ),
      h("div", { class: "cw-inspector-right" }, search, h("div", { class: "cw-scroll", tabindex: 0 }, table)),
    ),
  );
  let shown: InspectAnswer | null = null;

  close.addEventListener("click", () => session.inspect(null), { signal });
  maskBox.addEventListener("change", () => showMask(maskBox.checked), { signal });
  search.addEventListener("input", () => filter(rows, search.value), { signal });

  const refresh = (): void => {
    const now = session.inspected;
    if (now === null) {
      shown = null;
      panels.contrast.reset();
      hide(element);
      return;
    }
    element.hidden = false;
    say(title, now.id);
    element.dataset.state = now.answer !== null ? "ready" : now.reason === "" ? "waiting" : "failed";
    if (now.answer === null) {
      problems.replaceChildren(...(now.reason === "" ? [] : [h("li", {}, now.reason)]));
      if (now.reason === "") return; // the source before stays in sight until this one is there
      panels.clear();
      for (const part of [rows, summary, masks]) part.replaceChildren();
      return;
    }
    if (now.answer === shown) return;
    shown = now.answer;
    panels.show(now.answer, now.bytes);
    fill(now.answer);
  };

  const fill = (answer: InspectAnswer): void => {
    summary.replaceChildren(
      answer.band === null ? "" : h("span", { class: "cw-band", "data-band": answer.band }, answer.band),
      ...answer.facts.map((one) => h("span", { class: "cw-fact", title: one.title }, one.text)),
      ...answer.badges.map(badge),
    );
    problems.replaceChildren(...answer.problems.map((text) => h("li", {}, text)));
    const planes = new Map(
      PANELS.map((name) => answer.panels[name])
        .flatMap((panel) => (isDeep(panel) ? panel.planes : []))
        .map((one) => [one.name, one]),
    );
    masks.replaceChildren(
      ...(planes.size === 0 ? [] : [maskSwitch]),
      ...[...planes.values()].map((one) => {
        const chip = h("span", { class: "cw-plane", title: `${one.count} pixels` }, one.name);
        chip.style.setProperty("--cw-badge", one.colour);
        return chip;
      }),
    );
    rows.replaceChildren(...answer.cells.map(row));
    filter(rows, search.value);
  };

  const showMask = (shows: boolean): void => {
    maskBox.checked = shows;
    assign(element, { "data-mask": shows });
  };

  return {
    element,
    panels,
    refresh,
    toggleMask: () => showMask(!maskBox.checked),
  };
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
