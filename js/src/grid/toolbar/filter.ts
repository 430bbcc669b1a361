import { enable, h, hide, setAttributes, setText } from "../../dom";
import type { Part } from "../../session";
import { button, refreshed } from "./controls";

/** The filter, a pandas query; below it what is wrong with it, or with another control. */
export const filter: Part = (session, signal) => {
  const field = h("input", {
    class: "cw-where",
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    "data-testid": "where",
    placeholder: "filter, e.g. snr > 10",
    "aria-label": "Filter: a pandas query",
  });
  const clear = button("\u00d7", "Show all rows", "clear");
  const problem = h("p", { class: "cw-problem", role: "alert", "data-testid": "problem", hidden: true });
  problem.id = `cw-problem-${Math.random().toString(36).slice(2)}`;
  let asked = session.wanted.where ?? "";

  const apply = (): void => {
    const query = field.value.trim();
    if (query === asked && session.problem !== null) return; // Enter, then leaving the field: ask once
    asked = query;
    if (query !== (session.wanted.where ?? "") || session.problem !== null)
      session.setTarget({ where: query === "" ? null : query, page: 0 });
  };
  field.addEventListener("change", apply, { signal });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    asked = "\n"; // Enter always asks
    apply();
  }, { signal }); // biome-ignore format: listeners read better so
  field.addEventListener("input", () => {
    clear.hidden = field.value === "";
  }, { signal }); // biome-ignore format: listeners read better so
  clear.addEventListener("click", () => {
    field.value = "";
    apply();
  }, { signal }); // biome-ignore format: listeners read better so

  const refresh = (): void => {
    const { problem: wrong, wanted, connected } = session;
    const isMine = wrong?.field === "where";
    if (document.activeElement !== field && !isMine) field.value = wanted.where ?? "";
    if (field.value === "") hide(clear);
    else clear.hidden = false;
    setText(problem, wrong?.reason ?? "");
    problem.hidden = wrong === null;
    setAttributes(field, {
      "aria-invalid": isMine ? "true" : null,
      "aria-describedby": isMine ? problem.id : null,
    });
    for (const control of [field, clear]) enable(control, connected);
  };
  refreshed(session, refresh, signal);
  return h("div", { class: "cw-part" }, h("div", { class: "cw-field" }, field, clear), problem);
};
