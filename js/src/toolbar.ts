import { assign, enable, h, hide, say } from "./dom";
import type { Session } from "./state";

/** Controls above the tiles. They say what is wanted at once; the picture follows. */
export function toolbar(session: Session, toggleHelp: () => void, signal: AbortSignal): HTMLElement {
  const previous = button("\u2039", "Previous page (p)", "previous");
  const next = button("\u203a", "Next page (n)", "next");
  const page = h("input", {
    class: "cw-number", type: "text", inputmode: "numeric", "aria-label": "Page number", "data-testid": "page", size: 3,
  }); // biome-ignore format: one line reads better
  const pages = h("span", { class: "cw-count", "data-testid": "pages" });
  const size = h("select", {
    "aria-label": "Sources on a page",
    title: "Sources on a page",
    "data-testid": "page-size",
  });
  const sort = h("select", {
    class: "cw-sort",
    "aria-label": "Sort by",
    title: "Sort by",
    "data-testid": "sort",
  });
  const direction = button("\u2191", "Ascending; press for descending", "direction");
  const where = h("input", {
    class: "cw-where",
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    "data-testid": "where",
    placeholder: "filter, e.g. snr > 10",
    "aria-label": "Filter: a pandas query",
  });
  const clear = button("\u00d7", "Show all rows", "clear");
  const look = h("select", {
    "aria-label": "Look: how numbers become grey levels",
    title: "Look",
    "data-testid": "look",
  });
  const colormap = h("select", {
    class: "cw-colormap",
    "aria-label": "Colours of all panels",
    title: "Colours",
    "data-testid": "colormap",
  });
  const invert = button("\u25d0", "Invert dark and bright (i)", "invert");
  const north = button("N", "North up, east left (o)", "north");
  const keys = button("?", "Keys (?)", "keys");
  const problem = h("p", { class: "cw-problem", role: "alert", "data-testid": "problem", hidden: true });
  problem.id = `cw-problem-${Math.random().toString(36).slice(2)}`;

  const on = (element: HTMLElement, event: string, act: (event: Event) => void): void =>
    element.addEventListener(event, act, { signal });
  on(previous, "click", () => session.turn({ page: session.wanted.page - 1 }));
  on(next, "click", () => session.turn({ page: session.wanted.page + 1 }));
  let typing = false;
  on(page, "input", () => {
    typing = true;
  });
  on(page, "change", () => {
    typing = false;
    const number = Math.trunc(Number(page.value.trim() || Number.NaN));
    if (!Number.isNaN(number)) session.turn({ page: Math.min(Math.max(1, number), session.nPages) - 1 });
    refresh(); // what was typed becomes the page that is shown
  });
  on(size, "change", () => {
    const { page: at, page_size: old } = session.wanted;
    const wanted = Number(size.value);
    session.turn({ page_size: wanted, page: Math.floor((at * old) / wanted) });
  });
  const sorted = (column: string, down: boolean): void =>
    session.turn({ sort: column === "" ? null : `${down ? "-" : ""}${column}`, page: 0 });
  on(sort, "change", () => sorted(sort.value, isDown()));
  on(direction, "click", () => sorted(sort.value, !isDown()));
  let asked = session.wanted.where ?? "";
  const filter = (): void => {
    const query = where.value.trim();
    if (query === asked && session.problem !== null) return; // Enter, then leaving the field: one wish
    asked = query;
    if (query !== (session.wanted.where ?? "") || session.problem !== null)
      session.turn({ where: query === "" ? null : query, page: 0 });
  };
  on(where, "change", filter);
  on(where, "keydown", (event) => {
    if (event instanceof KeyboardEvent && event.key === "Enter") {
      asked = "\n"; // Enter always asks
      filter();
    }
  });
  on(clear, "click", () => {
    where.value = "";
    filter();
  });
  on(look, "change", () => session.turn({ look: look.value }));
  on(colormap, "change", () => session.setColormap(colormap.value === "" ? null : colormap.value));
  on(invert, "click", () => session.invert());
  on(north, "click", () => session.turnNorthUp());
  on(keys, "click", toggleHelp);

  const isDown = (): boolean => session.wanted.sort?.startsWith("-") ?? false;

  const refresh = (): void => {
    const { wanted, nPages, nRows, connected } = session;
    const choices = session.get("choices");
    const total = session.get("n_total");
    if (!typing) page.value = String(wanted.page + 1);
    say(pages, `of ${nPages.toLocaleString("en")} \u00b7 ${counted(nRows, total)}`);
    const sizes = [...new Set([...choices.page_sizes, wanted.page_size])].sort((a, b) => a - b);
    options(
      size,
      sizes.map((n) => [String(n), `${n} a page`]),
      String(wanted.page_size),
    );
    const column = wanted.sort?.replace(/^-/, "") ?? "";
    columns(sort, session, column);
    say(direction, isDown() ? "\u2193" : "\u2191");
    assign(direction, {
      "aria-label": isDown() ? "Descending; press for ascending" : "Ascending; press for descending",
      title: isDown() ? "Descending" : "Ascending",
    });
    if (document.activeElement !== where && session.problem?.field !== "where")
      where.value = wanted.where ?? "";
    if (where.value === "") hide(clear);
    else clear.hidden = false;
    options(
      look,
      choices.looks.map((one) => [one.name, one.name, one.title]),
      wanted.look,
    );
    options(
      colormap,
      [["", "auto colours"], ...choices.colormaps.map((one): [string, string] => [one, one])],
      session.get("colormap") ?? "",
    );
    invert.setAttribute("aria-pressed", String(session.inverted));
    north.setAttribute("aria-pressed", String(session.northUp));
    const wrong = session.problem;
    say(problem, wrong?.reason ?? "");
    problem.hidden = wrong === null;
    assign(where, {
      "aria-invalid": wrong?.field === "where" ? "true" : null,
      "aria-describedby": wrong?.field === "where" ? problem.id : null,
    });
    enable(previous, connected && wanted.page > 0);
    enable(next, connected && wanted.page < nPages - 1);
    enable(direction, connected && column !== "");
    for (const control of [page, size, sort, where, clear, look]) enable(control, connected);
  };
  session.subscribe((topic) => {
    if (topic !== "selection" && topic !== "inspector" && topic !== "labels") refresh();
  }, signal);
  on(where, "input", () => {
    clear.hidden = where.value === "";
  });
  refresh();

  return h(
    "div",
    { class: "cw-bar", role: "toolbar", "aria-label": "Pages of cutouts" },
    h("div", { class: "cw-group" }, previous, page, pages, next, size),
    h("div", { class: "cw-group" }, sort, direction),
    h("div", { class: "cw-group cw-grow" }, h("div", { class: "cw-field" }, where, clear), problem),
    h("div", { class: "cw-group" }, look, colormap, invert, north, keys),
  );
}

function counted(rows: number, total: number): string {
  const number = rows.toLocaleString("en");
  const noun = total === 1 ? "source" : "sources";
  return rows === total ? `${number} ${noun}` : `${number} of ${total.toLocaleString("en")} ${noun}`;
}

function button(text: string, title: string, testid: string): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: "cw-button", title, "aria-label": title, "data-testid": testid },
    text,
  );
}

/** Fill a menu, touching it only if it changed: an open menu stays open. */
function options(menu: HTMLSelectElement, entries: (readonly string[])[], chosen: string): void {
  const now = JSON.stringify(entries);
  if (menu.dataset.entries !== now) {
    menu.dataset.entries = now;
    menu.replaceChildren(...entries.map(([value, text, title]) => h("option", { value, title }, text)));
  }
  if (menu.value !== chosen) menu.value = chosen;
}

function columns(menu: HTMLSelectElement, session: Session, chosen: string): void {
  const all = session.get("choices").columns;
  const now = JSON.stringify([
    all.length,
    all[0]?.name,
    chosen !== "" && !all.some((one) => one.name === chosen) && chosen,
  ]);
  if (menu.dataset.entries !== now) {
    menu.dataset.entries = now;
    const entry = (one: { name: string; description: string }): HTMLOptionElement =>
      h("option", { value: one.name, title: one.description }, one.name);
    const extra = chosen !== "" && !all.some((one) => one.name === chosen);
    menu.replaceChildren(
      h("option", { value: "" }, "table order"),
      ...(extra ? [h("option", { value: chosen }, chosen)] : []),
      h("optgroup", { label: "often" }, ...all.filter((one) => one.often).map(entry)),
      h("optgroup", { label: "all columns" }, ...all.filter((one) => !one.often).map(entry)),
    );
  }
  if (menu.value !== chosen) menu.value = chosen;
}
