import type { Part } from "../../session";
import { button, refreshed } from "./controls";

/** Inverts dark and bright. */
export const invert: Part = (session, signal) => {
  const element = button("\u25d0", "Invert dark and bright (i)", "invert");
  element.addEventListener("click", () => session.invert(), { signal });
  const refresh = (): void => element.setAttribute("aria-pressed", String(session.colours.inverted));
  refreshed(session, refresh, signal, ["colours"]);
  return element;
};
