import { h } from "../dom";
import type { Session } from "../session";
import { keyEditor } from "./key_editor";
import { shownKeys } from "./keymap";
import { ACTIONS, has, type Need } from "./keys";

const MOUSE: readonly { shown: string; what: string; needs?: Need }[] = [
  { shown: "click", what: "inspect" },
  { shown: "Ctrl+click", what: "select or deselect" },
  {
    shown: "Shift+click",
    what: "select from the last clicked source, or the cursor, to this one; also across pages",
  },
  { shown: "long press", what: "on a touch screen: select or deselect; a horizontal swipe turns the page" },
  { shown: "drag", what: "select: begin between tiles, or with Shift on one; Esc cancels" },
  { shown: "wheel, pinch, + \u2212", what: "inspector: zoom; double click fits the cutout" },
  { shown: "drag", what: "inspector: move; with the aperture button draw a circle" },
  {
    shown: "click, then \u2190 \u2192 \u2191 \u2193",
    what: "inspector: move the pixel cursor, with Shift by ten; Esc back to the tiles",
  },
  {
    shown: "right drag",
    what: "inspector: down for contrast, right for bias; double right click resets",
  },
];

export interface Help {
  element: HTMLElement;
  toggle(): void;
}

/** A list of keys and mouse actions, opened with a question mark. */
export function help(session: Session, signal: AbortSignal): Help {
  const element = h("section", {
    class: "cw-help",
    "aria-label": "Keys",
    "data-testid": "help",
    hidden: true,
  });
  const change = h(
    "button",
    { type: "button", class: "cw-tool", "data-testid": "keys-change" },
    "change the keys",
  );
  change.addEventListener("click", () => {
    change.replaceWith(keyEditor(session, signal));
    element.querySelector<HTMLElement>("[data-key]")?.focus({ preventScroll: true });
  }, { signal }); // biome-ignore format: listeners read better so
  return {
    element,
    toggle() {
      element.hidden = !element.hidden;
      if (element.hidden) return;
      const labels = session.get("choices").label_choices.filter((one) => one.key !== "");
      const named = labels.map(({ word, key }) => `${key} ${word}`).join(", ");
      const keys = ACTIONS.map((one) => ({ ...one, shown: shownKeys(session, one.names) }));
      const lines = [...keys, ...MOUSE].filter((one) => has(session, one.needs));
      element.replaceChildren(
        ...lines.map(({ shown, what }) => h("p", {}, h("kbd", {}, shown), h("span", {}, what))),
        ...(has(session, "labels") && named !== ""
          ? [h("p", {}, h("kbd", {}, "labels"), h("span", {}, named))]
          : []),
        ...(session.connected ? [change] : []),
      );
    },
  };
}
