import type { Part } from "../../session";
import { button, refreshed } from "./controls";

/** North up and east left, or as on the detector. */
export const north: Part = (session, signal) => {
  const element = button("N up", "North up, east left (o)", "north");
  element.classList.add("cw-words");
  element.addEventListener("click", () => session.toggleNorthUp(), { signal });
  const refresh = (): void => element.setAttribute("aria-pressed", String(session.northUp));
  refreshed(session, refresh, signal, ["orientation"]);
  return element;
};
