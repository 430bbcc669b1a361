import type { Part } from "../../session";
import { withView } from "../actions";
import { button } from "./controls";

/** Opens and closes the list of keys. */
export const helpButton: Part = (_, signal) => {
  const element = button("?", "Keys (?)", "keys");
  element.addEventListener("click", () => withView(element, (view) => view.help.toggle()), { signal });
  return element;
};
