import { h } from "../dom";
import type { Part } from "../session";

/** The problems of the inspected source, one sentence per line. */
export const problems: Part = (session, signal) => {
  const element = h("ul", { class: "cw-problems", "data-testid": "problems" });
  const refresh = (): void => {
    const now = session.inspected;
    if (now === null) return;
    const sentences = now.answer?.problems ?? (now.reason === "" ? [] : [now.reason]);
    element.replaceChildren(...sentences.map((text) => h("li", {}, text)));
  };
  session.subscribe(["inspector"], refresh, signal);
  refresh();
  return element;
};
