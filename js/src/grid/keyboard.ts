import type { View } from "./actions";
import { actionOf, plainKey } from "./keymap";
import { ACTIONS, has } from "./keys";

/** Let keys act on a view while it has the focus. They never reach the notebook, and input fields keep theirs. */
export function keyboard(root: HTMLElement, view: View, signal: AbortSignal): void {
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.target instanceof Element && event.target.closest("input, select, textarea") !== null) {
        if (event.key === "Escape" && event.target instanceof HTMLElement) root.focus();
        event.stopPropagation();
        return;
      }
      if (scrolls(event)) {
        event.stopPropagation();
        return;
      }
      if (event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ")) {
        event.stopPropagation();
        return;
      }
      const name = actionOf(view.session, event);
      const action = ACTIONS.find((one) => name !== null && one.names.includes(name));
      if (name === null || action === undefined) return;
      if (has(view.session, action.needs) && (action.repeats || !event.repeat))
        action.act(view, { name, shift: event.shiftKey, at: timeOf(event) });
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
}

/** When a key was pressed, which may be long before it is dealt with. */
function timeOf(event: KeyboardEvent): number {
  return Math.min(event.timeStamp, performance.now()); // some clocks of events count from 1970
}

/** True for a key that scrolls a list which has the focus. */
function scrolls(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const keys = ["arrowup", "arrowdown", "pageup", "pagedown", "home", "end", " "];
  return (
    event.target instanceof Element &&
    event.target.matches(".cw-scroll, .cw-sheet") &&
    keys.includes(plainKey(event))
  );
}
