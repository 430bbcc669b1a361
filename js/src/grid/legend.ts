import { h, setText } from "../dom";
import type { Part } from "../session";
import { tileSize } from "./toolbar/tile_size";

/** The titles of the panels, once a page since they are the same on every tile; and the size of the tiles. */
export const legend: Part = (session, signal) => {
  const titles = h("span", { class: "cw-titles", "data-testid": "legend" });
  const refresh = (): void => setText(titles, session.get("panels").join(" \u00b7 "));
  session.subscribe(["tiles"], refresh, signal);
  refresh();
  return h("div", { class: "cw-tiles-head" }, titles, tileSize(session, signal));
};
