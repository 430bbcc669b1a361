import { checkbox, copyText, h, setText } from "../dom";
import { badge } from "../draw";
import type { Badge, Cell, Link } from "../protocol";
import { isTexts, type Part, remembered } from "../session";
import { onAnswer } from "./answer";
import { unitInWords } from "./numbers";

const GROUPS: readonly (readonly [Cell["group"], string])[] = [
  ["ids", "Ids"],
  ["position", "Position"],
  ["fluxes", "Fluxes"],
  ["shape", "Shape"],
  ["time", "Time"],
  ["flags", "Flags"],
  ["other", "Other"],
];
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

/** All columns of the inspected source in groups, with a search field, and links to other sites. */
export const columns: Part = (session, signal) => {
  const pinned = remembered<string[]>("pinned-columns", [], isTexts);
  const hidesNull = remembered("hide-null-columns", false, isFlag);
  const search = h("input", {
    type: "search",
    class: "cw-search",
    placeholder: "find a column",
    "aria-label": "Find a column",
  });
  const { box: nulls, label: nullsLabel } = checkbox("hide n/a", "hide-null");
  const all = h(
    "button",
    {
      type: "button",
      class: "cw-small",
      title: "Copy all columns as a Python dict",
      "data-testid": "copy-row",
    },
    "copy dict",
  );
  const status = h("span", { class: "cw-copied", role: "status", "data-testid": "copied" });
  const table = h("table", { class: "cw-columns", "data-testid": "columns" });
  const links = h("p", { class: "cw-links", "data-testid": "links" });
  const roam = roaming(table, signal);
  let cells: readonly Cell[] = [];
  let badges: readonly Badge[] = [];

  const draw = (): void => {
    const wanted = search.value.trim().toLowerCase();
    const seen = cells.filter(
      (cell) => cell.name.toLowerCase().includes(wanted) && !(nulls.checked && cell.null),
    );
    const isPinned = (cell: Cell): boolean => pinned.get().includes(cell.name);
    const groups = [
      { title: "Pinned", some: seen.filter(isPinned) },
      ...GROUPS.map(([group, title]) => ({
        title,
        some: seen.filter((cell) => cell.group === group && !isPinned(cell)),
      })),
    ];
    table.replaceChildren(
      h(
        "colgroup",
        {},
        ...["cw-col-pin", "cw-col-name", "", "cw-col-copy"].map((name) => h("col", { class: name })),
      ),
      ...groups.flatMap(({ title, some }) =>
        some.length === 0
          ? []
          : [
              h(
                "tbody",
                { "data-group": title },
                h("tr", { class: "cw-group-title" }, h("th", { scope: "rowgroup", colspan: 4 }, title)),
                ...some.map((cell) => row(cell, isPinned(cell), badges)),
              ),
            ],
      ),
    );
    roam();
  };
  const copy = async (text: string, what: string): Promise<void> => {
    setText(status, (await copyText(text, what)).text);
  };

  nulls.checked = hidesNull.get();
  nulls.addEventListener("change", () => {
    hidesNull.set(nulls.checked);
    draw();
  }, { signal }); // biome-ignore format: listeners read better so
  search.addEventListener("input", draw, { signal });
  all.addEventListener("click", () => {
    const known = cells.filter((cell) => cell.python !== null);
    const lines = known.map(({ name, python }) => `    ${pythonText(name)}: ${python},\n`);
    void copy(`{\n${lines.join("")}}`, `${known.length} columns`);
  }, { signal }); // biome-ignore format: listeners read better so
  table.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const name = button?.closest<HTMLElement>("[data-column]")?.dataset.column;
    const cell = cells.find((one) => one.name === name);
    if (!button || !cell) return;
    if (button.dataset.act === "copy") return void copy(cell.python ?? cell.value, cell.name);
    const now = pinned.get();
    pinned.set(now.includes(cell.name) ? now.filter((one) => one !== cell.name) : [...now, cell.name]);
    draw();
    const drawn = [...table.querySelectorAll<HTMLElement>("[data-column]")];
    drawn.find((one) => one.dataset.column === cell.name)?.querySelector("button")?.focus();
  }, { signal }); // biome-ignore format: listeners read better so

  onAnswer(session, {
    clear() {
      [cells, badges] = [[], []];
      links.replaceChildren();
      draw();
    },
    show(answer) {
      ({ cells, badges } = answer);
      links.replaceChildren(...answer.links.flatMap(link));
      setText(status, "");
      draw();
    },
  }, signal); // biome-ignore format: a list of two
  return h(
    "div",
    { class: "cw-part" },
    links,
    h("div", { class: "cw-find" }, search, nullsLabel, all),
    status,
    h("div", { class: "cw-scroll", tabindex: 0, role: "group", "aria-label": "Columns" }, table),
  );
};

function row(cell: Cell, isPinned: boolean, badges: readonly Badge[]): HTMLTableRowElement {
  const raised = badges.find((one) => one.name === cell.badge);
  const state = cell.null ? "unknown" : cell.value === "true" ? "set" : "unset";
  const button = (act: string, text: string, title: string): HTMLElement =>
    h("button", { type: "button", class: "cw-mini", "data-act": act, title, "aria-label": title }, text);
  return h(
    "tr",
    { "data-column": cell.name, title: cell.description, "data-null": cell.null },
    h("td", {}, button("pin", isPinned ? "\u2605" : "\u2606", `${isPinned ? "Unpin" : "Pin"} ${cell.name}`)),
    h("th", { scope: "row" }, cell.name),
    h(
      "td",
      { class: "cw-value", "data-flag": cell.flag ? state : null },
      raised === undefined ? null : badge(raised),
      raised === undefined ? null : " ",
      cell.flag ? { set: "set", unset: "not set", unknown: "n/a" }[state] : cell.value,
      cell.unit === "" || cell.null ? null : h("span", { class: "cw-unit" }, ` ${unitInWords(cell.unit)}`),
    ),
    h("td", {}, cell.null ? null : button("copy", "copy", `Copy ${cell.name}`)),
  );
}

/**
 * Tab stops at the buttons of one row, and arrow keys go from row to row: a table of a hundred columns is no hundred
 * stops. The returned function is called when the rows have changed.
 */
function roaming(table: HTMLElement, signal: AbortSignal): () => void {
  let current = "";
  const rows = (): HTMLElement[] => [...table.querySelectorAll<HTMLElement>("[data-column]")];
  const mark = (): void => {
    const all = rows();
    const here = all.find((one) => one.dataset.column === current) ?? all[0];
    for (const one of all)
      for (const button of one.querySelectorAll("button")) button.tabIndex = one === here ? 0 : -1;
  };
  table.addEventListener("focusin", ({ target }) => {
    current = (target instanceof Element && target.closest<HTMLElement>("[data-column]")?.dataset.column) || "";
    mark();
  }, { signal }); // biome-ignore format: listeners read better so
  table.addEventListener("keydown", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const all = rows();
    const at = all.findIndex((one) => button !== null && one.contains(button));
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    const there = all[Math.min(Math.max(0, to), all.length - 1)];
    const alike = there?.querySelector<HTMLElement>(`[data-act="${button?.dataset.act}"]`);
    (alike ?? there?.querySelector("button"))?.focus();
    event.preventDefault();
    event.stopPropagation(); // do not move the tiles' cursor
  }, { signal }); // biome-ignore format: listeners read better so
  return mark;
}

/** A link to another site; only web addresses are allowed, even though the kernel has checked them. */
function link({ name, url }: Link): HTMLElement[] {
  if (!/^https?:\/\//.test(url)) return [];
  return [h("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, name)];
}

/** A text as a Python literal. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
