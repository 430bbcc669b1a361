import { setAttributes } from "../dom";
import type { View } from "./actions";
import { actionOf, type KeyName, plainKey } from "./keymap";
import { ACTIONS, has, type KeyAction } from "./keys";

/** Handle keys of a view while it has the focus. All other keys go to the notebook. */
export function keyboard(root: HTMLElement, view: View, signal: AbortSignal): void {
  root.addEventListener(
    "keydown",
    (event) => {
      if (!isOurs(view, event)) return;
      event.stopPropagation();
      if (isTypedInto(event.target)) {
        if (event.key === "Escape" && event.target instanceof HTMLElement) root.focus();
        return;
      }
      if (scrolls(event) || presses(event)) return;
      const wanted = wantedBy(view, event);
      if (wanted === null) return;
      const { name, action } = wanted;
      if (action.repeats || !event.repeat)
        action.act(view, { name, shift: event.shiftKey, at: timeOf(event) });
      event.preventDefault();
    },
    { signal },
  );
  // JupyterLab may look at a key before the grid does: then this attribute tells it which to leave alone.
  window.addEventListener(
    "keydown",
    (event) => {
      const target = event.composedPath()[0];
      if (target instanceof Node && root.contains(target))
        setAttributes(root, { "data-lm-suppress-shortcuts": isOurs(view, event, target) ? "true" : null });
    },
    { signal, capture: true },
  );
}

/**
 * True for a key that must not reach the notebook: keys of the grid, typing in its fields, and any
 * single letter, since `x` and `d d` would delete the notebook's cell.
 */
function isOurs(view: View, event: KeyboardEvent, target = event.target): boolean {
  const isHeld = event.ctrlKey || event.metaKey || event.altKey;
  if (isTypedInto(target)) return !isHeld || EDITING.includes(plainKey(event));
  return (
    (!isHeld && event.key.length === 1) ||
    presses(event, target) ||
    scrolls(event, target) ||
    wantedBy(view, event) !== null
  );
}

/** The action of a key; null if there is none, or it needs a kernel or a journal that does not exist. */
function wantedBy({ session }: View, event: KeyboardEvent): { name: KeyName; action: KeyAction } | null {
  const name = actionOf(session, event);
  const action = ACTIONS.find((one) => name !== null && one.names.includes(name));
  return name !== null && action !== undefined && has(session, action.needs) ? { name, action } : null;
}

/** Keys that edit text while Ctrl is held. */
const EDITING = [
  "a",
  "c",
  "v",
  "x",
  "y",
  "z",
  "arrowleft",
  "arrowright",
  "home",
  "end",
  "backspace",
  "delete",
];

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}

/** True for a key that presses the focused button. */
function presses(event: KeyboardEvent, target = event.target): boolean {
  return target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ");
}

/** When a key was pressed, which may be long before it is handled. */
function timeOf(event: KeyboardEvent): number {
  return Math.min(event.timeStamp, performance.now()); // in some browsers time stamps count from 1970
}

/** True for a key that scrolls a focused list. */
function scrolls(event: KeyboardEvent, target = event.target): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const keys = ["arrowup", "arrowdown", "pageup", "pagedown", "home", "end", " "];
  return (
    target instanceof Element && target.matches(".cw-scroll, .cw-sheet") && keys.includes(plainKey(event))
  );
}
