import type { Compass } from "../../protocol";
import { isLevels, type LoadedTile, PANELS } from "../../session";

/** The overlays that a tile shows even when the pointer is elsewhere. */
export interface Drawings {
  compass: boolean;
  bar: boolean;
}

/**
 * Return for each tile of a page whether its compasses, or its scales, differ from those of all previous tiles.
 * Sources of one visit and detector have the same.
 */
export function firstOfTheirKind(tiles: readonly LoadedTile[]): Drawings[] {
  const compasses: string[] = [];
  const scales: string[] = [];
  return tiles.map((loaded) => ({
    compass: isNew(compasses, textOf(loaded, directionOf)),
    bar: isNew(scales, textOf(loaded, scaleOf)),
  }));
}

function isNew(known: string[], text: string): boolean {
  if (text.trim() === "" || known.includes(text)) return false;
  known.push(text);
  return true;
}

/** The orientation and scale of a tile's panels, as a text to compare. */
function textOf({ panels }: LoadedTile, of: (compass: Compass, sidePx: number) => string): string {
  return PANELS.map((name) => {
    const panel = panels[name];
    return isLevels(panel) && panel.compass !== null ? of(panel.compass, Math.max(...panel.shape)) : "";
  }).join(" ");
}

/** Rounded to five degrees. */
const directionOf = ({ north, east }: Compass): string =>
  [north, east].map(([x, y]) => Math.round((Math.atan2(y, x) * 36) / Math.PI) % 72).join();

/** Width in arcsec, rounded to two digits. */
const scaleOf = ({ arcsec_per_px }: Compass, sidePx: number): string =>
  (arcsec_per_px * sidePx).toPrecision(2);
