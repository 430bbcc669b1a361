import { h, setText } from "../dom";
import type { Part } from "../session";

const SIGNS = { done: "\u2713", refused: "\u26a0" } as const;

/** A refusal stays at least this long, in ms. */
const READ_MS = 2500;

/**
 * The message line: what was just done, or why it was not. The latter is removed when another page or selection
 * makes it outdated.
 */
export const notice: Part = (session, signal) => {
  const sign = h("span", { class: "cw-notice-sign", "aria-hidden": "true" });
  const text = h("span", { class: "cw-notice-text" });
  const element = h("p", { class: "cw-notice", role: "status", "data-testid": "notice" }, sign, text);
  let since = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const outdate = (): void => {
    const { newest } = session.notices;
    if (newest?.kind !== "refused") return;
    clearTimeout(timer);
    timer = setTimeout(() => session.notices.withdraw(newest.number), since + READ_MS - performance.now());
  };
  const refresh = (): void => {
    const { newest } = session.notices;
    since = performance.now();
    setText(sign, newest === null ? "" : SIGNS[newest.kind]);
    element.toggleAttribute("data-empty", newest === null);
    setText(text, newest?.text ?? "");
    element.title = newest?.text ?? "";
    if (newest === null) {
      delete element.dataset.kind;
      return;
    }
    element.dataset.kind = newest.kind;
    element.dataset.number = String(newest.number);
    element.style.animation = "none"; // restarts, also for the same message
    void element.offsetWidth;
    element.style.animation = "";
  };
  session.subscribe(["notices"], refresh, signal);
  session.subscribe(["page", "selection"], outdate, signal);
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  refresh();
  return element;
};
