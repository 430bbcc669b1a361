import { setAttributes } from "../../dom";
import type { Part } from "../../session";
import { button } from "./controls";

/** In a narrow grid, shows and hides the controls that do not fit. */
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
