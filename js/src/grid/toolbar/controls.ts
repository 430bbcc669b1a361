import { h } from "../../dom";
import type { Session, Topic } from "../../session";

/** Topics of most controls: the wanted page, the choices, and the connection. */
const TOPICS: readonly Topic[] = ["page", "controls", "link"];

/** Refresh a control now and whenever the session changes one of its topics. */
export function refreshed(
  session: Session,
  refresh: () => void,
  signal: AbortSignal,
  topics: readonly Topic[] = TOPICS,
): void {
  session.subscribe(topics, refresh, signal);
  refresh();
}

/** A button. Its accessible name is its text, or the title if the text is a symbol. */
export function button(text: string, title: string, testid: string): HTMLButtonElement {
  const name = /\p{L}{2}/u.test(text) ? null : title;
  return h(
    "button",
    { type: "button", class: "cw-button", title, "aria-label": name, "data-testid": testid },
    text,
  );
}

/** A menu with a label before it. */
export function named(name: string, menu: HTMLSelectElement): HTMLElement {
  return h("label", { class: "cw-named", "data-name": name }, h("span", {}, name), menu);
}

/** Fill a menu only if its entries changed: an open menu stays open. */
export function fillMenu(
  menu: HTMLSelectElement,
  entries: unknown,
  make: () => Node[],
  chosen: string,
): void {
  const now = JSON.stringify(entries);
  if (menu.dataset.entries !== now) {
    menu.dataset.entries = now;
    menu.replaceChildren(...make());
  }
  if (menu.value !== chosen) menu.value = chosen;
}

/** Fill a menu with entries of value, text and optional title. */
export function options(
  menu: HTMLSelectElement,
  entries: readonly (readonly string[])[],
  chosen: string,
): void {
  const make = (): Node[] => entries.map(([value, text, title]) => h("option", { value, title }, text));
  fillMenu(menu, entries, make, chosen);
}
