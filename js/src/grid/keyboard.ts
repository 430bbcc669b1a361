import type { View } from "./actions";
import { has, KEYS, keyOf } from "./keys";

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
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (scrolls(event)) {
        event.stopPropagation();
        return;
      }
      if (event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ")) {
        event.stopPropagation();
        return;
      }
      const binding = KEYS.find((one) => one.keys.includes(keyOf(event)));
      if (binding === undefined) return;
      if (has(view.session, binding.needs) && (binding.repeats || !event.repeat)) binding.act(view, event);
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
}

/** True for a key that scrolls a list which has the focus. */
function scrolls(event: KeyboardEvent): boolean {
  const keys = ["arrowup", "arrowdown", "pageup", "pagedown", "home", "end", " "];
  return event.target instanceof Element && event.target.matches(".cw-scroll") && keys.includes(keyOf(event));
}
