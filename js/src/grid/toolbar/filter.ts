import { enable, h, hide, leave, setAttributes, setText } from "../../dom";
import type { Part, Session } from "../../session";
import { withView } from "../actions";
import { find } from "../sources";
import { type Completion, completion } from "./completion";
import { button, refreshed } from "./controls";

/** An id or a row number: not a filter, but a source to go to. */
const NUMBER = /^(?:-?\d{1,40}|#\d{1,40})$/;

/** Keywords of filters worth completing. */
const WORDS = ["and", "or", "not", "in", "isna()", "notna()", "between(", "str.contains("];

/** The filter, a pandas query, with error messages for it or for another control below. */
export const filter: Part = (session, signal) => {
  const field = h("input", {
    class: "cw-where",
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    "data-testid": "where",
    "aria-label": "Filter: a pandas query",
  });
  const clear = button("\u00d7", "Show all rows", "clear");
  const problem = h("p", { class: "cw-problem", role: "alert", "data-testid": "problem", hidden: true });
  problem.id = `cw-problem-${Math.random().toString(36).slice(2)}`;
  let asked = session.wanted.where ?? "";
  /** Whether the field holds a text that was not applied. */
  let isTyped = false;
  /** Whether the field is left, for the keys of the tiles, once the rows of its filter are here. */
  let isLeaving = false;
  const names = completion(field, () => completions(session), signal);
  const count = h("span", { class: "cw-where-count", "data-testid": "where-count", role: "status" });
  const counter = countWhileTyping(session, field, count);

  const apply = (): void => {
    const query = field.value.trim();
    isTyped = false;
    if (query === asked && session.problem !== null) return; // Enter, then leaving the field: send it once
    asked = query;
    counter.stop();
    if (NUMBER.test(query)) {
      field.value = session.wanted.where ?? "";
      leave(field);
      withView(field, (view) => void find(view, query));
      return;
    }
    if (query !== (session.wanted.where ?? "") || session.problem !== null)
      session.setTarget({ where: query === "" ? null : query, page: 0 });
  };
  field.addEventListener("change", apply, { signal });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    asked = "\n"; // Enter always sends it
    apply();
    isLeaving = true;
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  field.addEventListener("input", () => {
    clear.hidden = field.value === "";
    isTyped = true;
    isLeaving = false;
    counter.ask();
  }, { signal }); // biome-ignore format: listeners read better so
  clear.addEventListener("mousedown", (event) => event.preventDefault(), { signal }); // the field keeps its width
  clear.addEventListener("click", () => {
    field.value = "";
    apply();
  }, { signal }); // biome-ignore format: listeners read better so

  const refresh = (): void => {
    const { problem: wrong, wanted, connected } = session;
    const isMine = wrong?.field === "where";
    const now = wanted.where ?? "";
    if (!isTyped && !isMine && field.value !== now) field.value = now;
    if (wrong !== null) isLeaving = false;
    else if (isLeaving && !session.pending) {
      isLeaving = false;
      leave(field);
    }
    setAttributes(field, { placeholder: `filter: ${example(session)}` });
    if (field.value === "") hide(clear);
    else clear.hidden = false;
    setAttributes(field, { title: field.value === "" ? null : field.value });
    setText(problem, wrong?.reason ?? "");
    problem.hidden = wrong === null;
    setAttributes(field, {
      "aria-invalid": isMine ? "true" : null,
      "aria-describedby": isMine ? problem.id : null,
    });
    for (const control of [field, clear]) enable(control, connected);
  };
  field.addEventListener("blur", () => {
    isTyped = false; // what was typed is applied by then
  }, { signal }); // biome-ignore format: listeners read better so
  refreshed(session, refresh, signal);
  return h("div", { class: "cw-part" }, h("div", { class: "cw-field" }, field, count, clear, names), problem);
};

/** A filter that works in this table. */
function example(session: Session): string {
  const { columns, label_columns } = session.get("choices");
  if (columns.some((one) => one.name === "snr")) return "snr > 10";
  return session.get("labelling") ? `not ${label_columns.seen}` : "a pandas query";
}

/** Completions: columns with unit and description, and some keywords. */
function completions(session: Session): Completion[] {
  const columns = session.get("choices").columns.map(({ name, unit, description }) => ({
    text: /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``,
    about: [unit, description].filter((one) => one !== "").join(", "),
  }));
  return [...columns, ...WORDS.map((text): Completion => ({ text, about: "", isWord: true }))];
}

/** Show how many rows the typed filter would pass, with one request at a time, the latest text last. */
function countWhileTyping(session: Session, field: HTMLInputElement, count: HTMLElement) {
  let isAsking = false;
  let isTyping = false;

  const ask = async (): Promise<void> => {
    isTyping = true;
    if (isAsking) return;
    isAsking = true;
    for (let text: string | null = null; isTyping && text !== field.value; ) {
      text = field.value;
      const where = text.trim();
      if (NUMBER.test(where)) {
        setText(count, "Enter: go to it");
        continue;
      }
      const rows = where === "" ? null : await session.facets.count(where);
      if (isTyping)
        setText(count, rows === null ? "" : `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`);
    }
    isAsking = false;
  };
  return {
    ask: () => void ask(),
    stop(): void {
      isTyping = false;
      setText(count, "");
    },
  };
}
