import { h, setText } from "../dom";
import type { Part } from "../session";

const SIGNS = { done: "\u2713", refused: "\u26a0" } as const;

/** The message line: what was just done, or why it was not. */
export const notice: Part = (session, signal) => {
  const sign = h("span", { class: "cw-notice-sign", "aria-hidden": "true" });
  const text = h("span", { class: "cw-notice-text" });
  const element = h("p", { class: "cw-notice", role: "status", "data-testid": "notice" }, sign, text);
  const refresh = (): void => {
    const { newest } = session.notices;
    setText(sign, newest === null ? "" : SIGNS[newest.kind]);
    element.toggleAttribute("data-empty", newest === null);
    setText(text, newest?.text ?? "");
    if (newest === null) return;
    element.dataset.kind = newest.kind;
    element.dataset.number = String(newest.number);
    element.style.animation = "none"; // restarts, also for the same message
    void element.offsetWidth;
    element.style.animation = "";
  };
  session.subscribe(["notices"], refresh, signal);
  refresh();
  return element;
};
