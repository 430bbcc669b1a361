import { h } from "../dom";
import type { Badge } from "../protocol";

/** A flag: its text on a tinted background, with a solid edge if it is about the source itself. */
export function badge(one: Badge): HTMLElement {
  const element = h(
    "span",
    { class: "cw-badge", "data-badge": one.name, "data-kind": one.kind, title: one.title },
    one.text,
  );
  element.style.setProperty("--cw-badge", one.colour);
  return element;
}
