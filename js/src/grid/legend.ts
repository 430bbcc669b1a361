import { h, setText } from "../dom";
import { footprintSwitch, maskSwitches, planesOf } from "../masks";
import type { Plane } from "../protocol";
import { isLevels, PANELS, type Page, type Part } from "../session";
import { notice } from "./notice";
import { tileSize } from "./toolbar/tile_size";

/** Everything that is the same on every tile, once per page: panel titles, mask planes, the last message, tile size. */
export const legend: Part = (session, signal) => {
  const titles = h("span", { class: "cw-titles", "data-testid": "legend" });
  const masks = maskSwitches(session, signal);
  const footprints = footprintSwitch(session, signal);
  const refresh = (): void => {
    setText(titles, session.get("panels").join(" \u00b7 "));
    titles.title = titles.textContent;
  };
  const count = (): void => {
    masks.offer(session.connected);
    footprints.offer(haveOutlines(session.page));
    masks.show(session.overlays.masks.shows ? planesOf(panelsOf(session.page, session.get("panels"))) : []);
  };
  session.subscribe(["tiles"], refresh, signal);
  session.subscribe(["tiles", "page", "masks", "link"], count, signal);
  refresh();
  count();
  return h(
    "div",
    { class: "cw-tiles-head" },
    titles,
    masks.element,
    footprints.element,
    notice(session, signal),
    tileSize(session, signal),
  );
};

/** Whether a tile of a page has the outline of a footprint. */
function haveOutlines(page: Page | null): boolean {
  return (page?.tiles ?? []).some(({ panels }) =>
    PANELS.some((name) => {
      const panel = panels[name];
      return isLevels(panel) && panel.outlines.length > 0;
    }),
  );
}

/** The planes that are set on a page, with their number of pixels in all tiles, by panel. */
function panelsOf(page: Page | null, shown: readonly string[]): [string, Plane[]][] {
  return PANELS.filter((name) => shown.includes(name)).map((name) => {
    const found = new Map<string, Plane>();
    for (const { panels } of page?.tiles ?? []) {
      const panel = panels[name];
      for (const plane of isLevels(panel) ? (panel.mask?.planes ?? []) : []) {
        const count = plane.count + (found.get(plane.name)?.count ?? 0);
        found.set(plane.name, { ...plane, bit: 0, count });
      }
    }
    return [name, [...found.values()]];
  });
}
