import { h, setText } from "../dom";
import { KEYS } from "../protocol";
import type { Session } from "../session";
import { clashOf, type KeyName, keysOf, numberOf, shownKey, writtenKey } from "./keymap";

/** A list of all keys, each with a button to change it, and a message after a change. */
export function keyEditor(session: Session, signal: AbortSignal): HTMLElement {
  const { length } = session.get("choices").label_choices;
  const names = (Object.keys(KEYS) as KeyName[]).filter(
    (name) => !NUMBERED.test(name) || (session.get("labelling") && numberOf(name) <= length),
  );
  const waits = "press a key, Esc: leave";
  let waiting: KeyName | null = null;
  const shown = (name: KeyName): string => keysOf(session, name).map(shownKey).join(" or ") || "none";
  const buttons = new Map(
    names.map((name) => [
      name,
      h("button", { type: "button", class: "cw-tool", "data-key": name }, shown(name)),
    ]),
  );
  const refresh = (): void => {
    for (const [name, one] of buttons) setText(one, name === waiting ? waits : shown(name));
  };
  const reset = h("button", { type: "button", class: "cw-tool", "data-testid": "keys-reset" }, "reset all");
  const element = h(
    "div",
    { class: "cw-key-editor", "data-testid": "key-editor" },
    h("p", { class: "cw-key-editor-about" }, "Press a button, then its new key. This browser keeps it."),
    ...[...buttons].map(([name, one]) =>
      h("p", {}, one, h("span", { title: `${name} in Python` }, inWords(session, name))),
    ),
    reset,
  );
  element.addEventListener("click", (event) => {
    if (event.target === reset) session.settings.setKeymap({});
    const name = event.target instanceof HTMLElement ? event.target.dataset.key : undefined;
    waiting = names.find((one) => one === name) ?? null;
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  element.addEventListener("keydown", (event) => {
    const name = waiting;
    if (name === null || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    waiting = null;
    const key = writtenKey(event);
    const other = event.key === "Escape" || key === null ? null : clashOf(session, name, key);
    if (other !== null)
      session.notices.say(
        "refused",
        `${shownKey(key ?? "")} is the key of \u201c${inWords(session, other)}\u201d`,
      );
    else if (event.key !== "Escape" && key !== null)
      session.settings.setKeymap({ ...session.get("keymap"), [name]: [key] });
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  return element;
}

/** Names of keys that end in the number of a label. */
const NUMBERED = /^(?:label|rest)_\d$/;

/** Names that say too little. */
const WORDS: Partial<Record<KeyName, string>> = {
  first: "first of the page",
  last: "last of the page",
  close: "close, stop, select nothing",
  larger: "larger tiles",
  smaller: "smaller tiles",
  invert: "invert dark and bright",
  invert_selection: "select the others of the page",
  invert_all: "select all others",
  unlabel: "take the label away",
  mask: "masks",
};

/** What a key does: its name in Python, or better words, with the label that its number stands for. */
function inWords(session: Session, name: KeyName): string {
  const words = WORDS[name] ?? name.replaceAll("_", " ").replace(/^rest \d$/, "the rest of the page");
  if (!NUMBERED.test(name)) return words;
  const word = session.get("choices").label_choices[numberOf(name) - 1]?.word;
  return word === undefined ? words : `${words.replace(/ \d$/, "")}: ${word}`;
}
