import { setAttributes } from "../../dom";
import type { Part } from "../../session";
import { button } from "./controls";

/** Where the grid is narrow: shows the controls that have no room, and hides them again. */
export const more: Part = (_, signal) => {
  const element = button("\u22ef", "More: order, looks, colours", "more");
  element.classList.add("cw-more");
  setAttributes(element, { "aria-expanded": "false" });
  element.addEventListener("click", () => {
    const isOpen = element.getAttribute("aria-expanded") !== "true";
    setAttributes(element, { "aria-expanded": String(isOpen) });
    element.closest(".cw-bar")?.toggleAttribute("data-more", isOpen);
  }, { signal }); // biome-ignore format: listeners read better so
  return element;
};
