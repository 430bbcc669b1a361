import { h, setText } from "../dom";
import { badge, writeLabel } from "../draw";
import type { Part } from "../session";
import { onAnswer } from "./answer";

/** Id, band, facts and flags of the inspected source, and the close button. */
export const header: Part = (session, signal) => {
  const title = h("h3", { class: "cw-inspector-id", "data-testid": "inspected" });
  const label = h("span", { class: "cw-label", "data-testid": "inspected-label", hidden: true });
  const note = h("span", { class: "cw-note", "data-testid": "inspected-note" });
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
  close.addEventListener("click", () => session.inspect(null), { signal });

  const refresh = (): void => {
    if (session.inspected === null) return;
    setText(title, session.inspected.id);
    const word = session.labelOf(session.inspected.id);
    const { note: noted, others } = session.journalOf(session.inspected.id);
    setText(
      note,
      [noted === "" ? "" : `\u270e ${noted}`, others === "" ? "" : `\u2260 ${others}`].join(" ").trim(),
    );
    writeLabel(label, word, word === null ? null : session.choiceOf(word));
  };
  session.subscribe(["inspector", "labels", "page"], refresh, signal);
  refresh();
  onAnswer(session, {
    clear: () => summary.replaceChildren(),
    show: ({ band, facts, badges }) =>
      summary.replaceChildren(
        band === null ? "" : h("span", { class: "cw-band", "data-band": band }, band),
        ...facts.map((one) => h("span", { class: "cw-fact", title: one.title }, one.text)),
        ...badges.map((one) => badge(one)),
      ),
  }, signal); // biome-ignore format: a list of two
  return h("header", {}, title, label, note, summary, close);
};
