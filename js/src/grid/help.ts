import { h, hide, leave } from "../dom";
import type { Session } from "../session";
import { keyEditor } from "./key_editor";
import { shownKeys } from "./keymap";
import { ACTIONS, GROUPS, has, type KeyAction, type Need } from "./keys";

const MOUSE: readonly { group: KeyAction["group"]; shown: string; what: string; needs?: Need }[] = [
  {
    group: "selection",
    shown: "Ctrl+click",
    what: "select or deselect, as a click on the box of the tile does",
  },
  {
    group: "selection",
    shown: "Shift+click",
    what: "select from the last clicked source, or the cursor, to this one; also across pages",
  },
  {
    group: "selection",
    shown: "drag",
    what: "select: begin between tiles, or with Shift on one; Esc cancels",
  },
  {
    group: "selection",
    shown: "long press",
    what: "on a touch screen: select or deselect; a horizontal swipe turns the page",
  },
  { group: "inspector", shown: "click", what: "inspect" },
  { group: "inspector", shown: "wheel, pinch, + \u2212", what: "zoom; double click fits the cutout" },
  { group: "inspector", shown: "drag", what: "move; with the aperture button draw a circle" },
  {
    group: "inspector",
    shown: "click, then \u2190 \u2192 \u2191 \u2193",
    what: "move the pixel cursor, with Shift by ten; Esc back to the tiles",
  },
  {
    group: "inspector",
    shown: "right drag",
    what: "down for contrast, right for bias; double right click resets",
  },
];

export interface Help {
  element: HTMLElement;
  toggle(): void;
  /** Close it. Returns true if it was open. */
  close(): boolean;
}

/** A list of keys and mouse actions in groups, opened with a question mark, where keys can also be changed. */
export function help(session: Session, announce: (text: string) => void, signal: AbortSignal): Help {
  const element = h("section", {
    class: "cw-help",
    "aria-label": "Keys",
    "data-testid": "help",
    hidden: true,
  });
  const change = tool("change the keys", "keys-change");
  const close = tool("close", "help-close");
  const done = tool("done", "keys-done");
  const showList = (): void =>
    element.replaceChildren(
      h("div", { class: "cw-help-groups" }, ...GROUPS.map((name) => group(session, name))),
      h("div", { class: "cw-help-foot" }, session.connected ? change : null, close),
    );
  change.addEventListener("click", () => {
    element.replaceChildren(keyEditor(session, signal), h("div", { class: "cw-help-foot" }, done));
    element.querySelector<HTMLElement>("[data-key]")?.focus({ preventScroll: true });
  }, { signal }); // biome-ignore format: listeners read better so
  done.addEventListener("click", () => {
    leave(done);
    showList();
  }, { signal }); // biome-ignore format: listeners read better so
  const shut = (): void => {
    hide(element);
    announce("list of keys closed");
  };
  close.addEventListener("click", shut, { signal });
  return {
    element,
    toggle() {
      if (!element.hidden) {
        shut();
        return;
      }
      showList();
      element.hidden = false;
      announce("list of keys open before the tiles; Escape closes it");
    },
    close() {
      if (element.hidden) return false;
      shut();
      return true;
    },
  };
}

/** The keys and mouse actions of one group under its name; null if none works in this grid. */
function group(session: Session, name: KeyAction["group"]): HTMLElement | null {
  const keys = ACTIONS.map((one) => ({ ...one, shown: shownKeys(session, one.names) }));
  const lines = [...keys, ...MOUSE].filter((one) => one.group === name && has(session, one.needs));
  if (lines.length === 0) return null;
  const words = session
    .get("choices")
    .label_choices.filter((one) => one.key !== "")
    .map(({ word, key }) => `${key} ${word}`);
  return h(
    "div",
    { class: "cw-help-group", role: "group", "aria-label": name },
    h("strong", { "aria-hidden": "true" }, name),
    name === "labels" && words.length > 0 ? line("labels", words.join(", ")) : null,
    ...lines.map(({ shown, what }) => line(shown, what)),
  );
}

const line = (shown: string, what: string): HTMLElement =>
  h("p", {}, h("kbd", {}, shown), h("span", {}, what));

const tool = (text: string, testid: string): HTMLButtonElement =>
  h("button", { type: "button", class: "cw-tool", "data-testid": testid }, text);
