import { KEYS } from "../protocol";
import type { Session } from "../session";

/** The name of an action, the same as in Python. */
export type KeyName = keyof typeof KEYS;

/** The keys of an action, default or changed. The default of a label is the key of its choice. */
export function keysOf(session: Session, name: KeyName): readonly string[] {
  const changed = session.get("keymap")[name];
  if (changed !== undefined || !name.startsWith("label_")) return changed ?? KEYS[name];
  const choice = session.get("choices").label_choices[numberOf(name) - 1];
  if (choice === undefined) return KEYS[name];
  return choice.key === "" ? [] : [choice.key];
}

/** The number at the end of an action's name. */
export function numberOf(name: KeyName): number {
  return Number(name.slice(name.lastIndexOf("_") + 1));
}

/** The action of a key event; null if there is none. */
export function actionOf(session: Session, event: KeyboardEvent): KeyName | null {
  const names = Object.keys(KEYS) as KeyName[];
  for (const key of writings(event)) {
    const found = names.find((name) => keysOf(session, name).includes(key));
    if (found !== undefined) return found;
  }
  return null;
}

/** The key of an event without modifiers. */
export function plainKey(event: KeyboardEvent): string {
  return event.key.toLowerCase(); // Shift and Caps Lock make upper case
}

/** The key of an event as written in the table; null if it cannot be. */
export function writtenKey(event: KeyboardEvent): string | null {
  const [exact, plain] = writings(event);
  // For a character that is typed with Shift, such as `?`, Shift is not part of the key.
  return plain !== undefined && exact === `shift+${plain}` && !/^(?:[a-z]|.{2,}| )$/.test(plain)
    ? plain
    : (exact ?? null);
}

/** Another action with the same key; null if there is none. */
export function clashOf(session: Session, name: KeyName, key: string): KeyName | null {
  const names = Object.keys(KEYS) as KeyName[];
  return names.find((one) => one !== name && keysOf(session, one).includes(key)) ?? null;
}

/** Possible spellings of an event's key in the table, the most specific first. */
function writings(event: KeyboardEvent): string[] {
  const key = plainKey(event);
  if (event.altKey) return [];
  if (event.ctrlKey || event.metaKey) return [`ctrl+${event.shiftKey ? "shift+" : ""}${key}`];
  if (!event.shiftKey) return [key];
  if (key === "enter") return ["shift+enter"]; // runs a notebook's cell
  // Shift types a different character for a digit on each keyboard; on some it types the digit.
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  if (digit === key) return [key];
  return [`shift+${digit ?? key}`, key];
}

const SIGNS: Record<string, string> = {
  arrowleft: "\u2190",
  arrowright: "\u2192",
  arrowup: "\u2191",
  arrowdown: "\u2193",
  " ": "Space",
  escape: "Esc",
  pageup: "PageUp",
  pagedown: "PageDown",
};

/** A key for display. */
export function shownKey(key: string): string {
  const held = /^(?:ctrl\+|shift\+)+(?=.)/.exec(key)?.[0] ?? "";
  const last = key.slice(held.length);
  const sign = SIGNS[last] ?? (last.length > 1 ? capital(last) : held === "" ? last : last.toUpperCase());
  return [
    ...held
      .split("+")
      .filter((one) => one !== "")
      .map(capital),
    sign,
  ].join("+");
}

/** The keys of actions of one kind for display: `← → ↑ ↓ or h l k j`, `1 … 9`. */
export function shownKeys(session: Session, names: readonly KeyName[]): string {
  const all = names.map((name) => keysOf(session, name).map(shownKey));
  const most = Math.max(0, ...all.map((keys) => keys.length));
  const rows = Array.from({ length: most }, (_, k) => all.flatMap((keys) => keys[k] ?? []));
  return rows.map(inShort).join(" or ");
}

function inShort(keys: readonly string[]): string {
  const [first, last] = [keys[0] ?? "", keys.at(-1) ?? ""];
  const digits = keys.map((one) => Number(one.at(-1)));
  const isRun = keys.length > 2 && digits.every((digit, k) => digit === k + 1);
  return isRun ? `${first} \u2026 ${last.at(-1)}` : keys.join(" ");
}

function capital(word: string): string {
  return `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`;
}
