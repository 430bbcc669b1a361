import { enable, h, setText } from "../../dom";
import type { Part } from "../../session";
import { button, refreshed } from "./controls";

/** Previous, next, and the page number, with the number of pages and sources. */
export const page: Part = (session, signal) => {
  const previous = button("\u2039", "Previous page (p)", "previous");
  const next = button("\u203a", "Next page (n)", "next");
  const field = h("input", {
    class: "cw-number",
    type: "text",
    inputmode: "numeric",
    "aria-label": "Page number",
    "data-testid": "page",
    size: 3,
  });
  const pages = h("span");
  const count = h("span");
  const noun = h("span", { class: "cw-spare" });
  const total = h("span", { class: "cw-count", "data-testid": "pages" }, pages, count, noun);
  let typing = false;

  const refresh = (): void => {
    const { wanted, nPages, nRows, connected } = session;
    if (!typing) field.value = String(wanted.page + 1);
    field.hidden = nRows === 0; // there is no page 1
    setText(pages, nRows === 0 ? "" : `of ${nPages.toLocaleString("en")}`);
    setText(count, `${nRows === 0 ? "" : " \u00b7 "}${counted(nRows, session.get("n_total"))}`);
    setText(noun, session.get("n_total") === 1 ? " source" : " sources");
    total.title = total.textContent;
    enable(previous, connected && wanted.page > 0);
    enable(next, connected && wanted.page < nPages - 1);
    enable(field, connected);
  };
  previous.addEventListener("click", () => session.setTarget({ page: session.wanted.page - 1 }), { signal });
  next.addEventListener("click", () => session.setTarget({ page: session.wanted.page + 1 }), { signal });
  field.addEventListener("input", () => {
    typing = true;
  }, { signal }); // biome-ignore format: listeners read better so
  field.addEventListener("change", () => {
    typing = false;
    const number = Math.trunc(Number(field.value.trim() || Number.NaN));
    if (!Number.isNaN(number)) session.setTarget({ page: Math.min(Math.max(1, number), session.nPages) - 1 });
    refresh(); // replaces the typed text by the current page
  }, { signal }); // biome-ignore format: listeners read better so
  refreshed(session, refresh, signal);
  return h("div", { class: "cw-part" }, previous, field, total, next);
};

function counted(rows: number, total: number): string {
  const number = rows.toLocaleString("en");
  return rows === total ? number : `${number} of ${total.toLocaleString("en")}`;
}
