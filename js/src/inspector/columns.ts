import { h } from "../dom";
import type { Cell } from "../protocol";
import type { Part } from "../session";
import { onAnswer } from "./answer";

/** All columns of the inspected source, with a field to find one. */
export const columns: Part = (session, signal) => {
  const search = h("input", {
    type: "search",
    class: "cw-search",
    placeholder: "find a column",
    "aria-label": "Find a column",
  });
  const rows = h("tbody");
  const table = h("table", { class: "cw-columns", "data-testid": "columns" }, rows);

  search.addEventListener("input", () => filter(rows, search.value), { signal });
  onAnswer(session, {
    clear: () => rows.replaceChildren(),
    show({ cells }) {
      rows.replaceChildren(...cells.map(row));
      filter(rows, search.value);
    },
  }, signal); // biome-ignore format: a list of two
  return h("div", { class: "cw-part" }, search, h("div", { class: "cw-scroll", tabindex: 0 }, table));
};

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
