import { h } from "../../dom";
import type { Part } from "../../session";
import { LARGEST, SMALLEST } from "../shape";
import { button, refreshed } from "./controls";

/** The size of the panels, and whether titles and captions are hidden. */
export const tileSize: Part = (session, signal) => {
  const slider = h("input", {
    class: "cw-slider",
    type: "range",
    min: SMALLEST,
    max: LARGEST,
    step: 1,
    "aria-label": "Size of the panels in pixels",
    title: "Size of the panels (+ and -)",
    "data-testid": "tile-size",
  });
  const compact = button("\u25a6", "Compact: no titles and captions", "compact");
  slider.addEventListener("input", () => session.settings.setTileSize(Number(slider.value)), { signal });
  compact.addEventListener("click", () => session.settings.setCompact(!session.get("compact")), { signal });
  const refresh = (): void => {
    slider.value = String(session.get("tile_size"));
    compact.setAttribute("aria-pressed", String(session.get("compact")));
  };
  refreshed(session, refresh, signal, ["tiles"]);
  return h("div", { class: "cw-size" }, slider, compact);
};
