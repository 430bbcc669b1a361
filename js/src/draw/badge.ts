import { h, setAttributes, setText } from "../dom";
import type { Badge } from "../protocol";

/** A flag: its text on a tinted background, with a solid edge if it is about the source itself. */
export function badge(one: Badge, { isButton = false } = {}): HTMLElement {
  const element = h(isButton ? "button" : "span", {
    class: "cw-badge",
    type: isButton ? "button" : null,
    tabindex: isButton ? -1 : null, // a page has hundreds: its tile adds those at the cursor to the Tab order
  });
  sayBadge(element, one);
  return element;
}

/** Update the element of a badge. */
export function sayBadge(element: HTMLElement, one: Badge): void {
  const hint = element.tagName === "BUTTON" ? "\nClick: only sources with this flag" : "";
  setAttributes(element, { "data-badge": one.name, "data-kind": one.kind, title: `${one.title}${hint}` });
  setText(element, one.text);
  element.style.setProperty("--cw-badge", one.colour);
}
