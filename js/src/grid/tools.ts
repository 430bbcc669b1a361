import { enable, focusedIn, h, setAttributes } from "../dom";
import type { Session } from "../session";
import { withView } from "./actions";
import { type KeyName, keysOf, shownKey } from "./keymap";
import { ACTIONS, has } from "./keys";

/** A button with the action of a key. */
export interface Tool {
  name: KeyName;
  sign: string;
  text: string;
  title: string;
}

/** Create the button of a key; its tooltip shows the current key. */
export function tool(session: Session, { name, sign, text, title }: Tool, signal: AbortSignal) {
  const element = h(
    "button",
    { type: "button", class: "cw-tool", "data-testid": `tool-${name}` },
    sign === "" ? null : h("span", { "aria-hidden": "true" }, sign),
    sign === "" ? text : h("span", { class: "cw-tool-word" }, text),
  );
  element.hidden = !has(session, actionOf(name)?.needs);
  const refresh = (): void => {
    const key = firstKey(session, name);
    const label = key === "" ? title : `${title} (${key})`;
    setAttributes(element, { title: label, "aria-label": sign === "" ? null : label });
    enable(element, session.connected);
  };
  element.addEventListener("click", () => withView(element, (view) => act(view, name)), { signal });
  session.subscribe(["labels", "link"], refresh, signal);
  refresh();
  return element;
}

/** Execute the action of a key. */
function act(view: Parameters<(typeof ACTIONS)[number]["act"]>[0], name: KeyName): void {
  actionOf(name)?.act(view, { name, shift: false, at: performance.now() });
}

function actionOf(name: KeyName): (typeof ACTIONS)[number] | undefined {
  return ACTIONS.find((one) => one.names.includes(name));
}

/** The first key of an action for display; empty without a key. */
export function firstKey(session: Session, name: KeyName): string {
  const key = keysOf(session, name)[0] ?? "";
  return key === "" ? "" : shownKey(key);
}

/** Keep the focus in the grid when buttons of a bar are pressed, so that keys still work. */
export function keepFocus(element: HTMLElement, signal: AbortSignal): void {
  element.addEventListener("mousedown", (event) => {
    if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
  }, { signal }); // biome-ignore format: listeners read better so
  element.addEventListener("click", (event) => {
    const isByMouse = event instanceof MouseEvent && event.detail > 0;
    const grid = element.closest<HTMLElement>("[tabindex]");
    if (isByMouse && grid !== null && focusedIn(grid)?.closest(".cw-prompt") == null)
      grid.focus({ preventScroll: true });
  }, { signal }); // biome-ignore format: listeners read better so
}
