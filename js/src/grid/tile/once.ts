import type { Compass } from "../../protocol";
import { isLevels, type LoadedTile, PANELS } from "../../session";

/** Which of the drawings over its panels a tile shows without being pointed at. */
export interface Drawings {
  compass: boolean;
  bar: boolean;
}

/**
 * Say for each tile of a page whether none before it has the same compasses, or the same scales.
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

/** What a tile's panels have in common with those of others, as a text to compare. */
function textOf({ panels }: LoadedTile, of: (compass: Compass, sidePx: number) => string): string {
  return PANELS.map((name) => {
    const panel = panels[name];
    return isLevels(panel) && panel.compass !== null ? of(panel.compass, Math.max(...panel.shape)) : "";
  }).join(" ");
}

/** To five degrees. */
const directionOf = ({ north, east }: Compass): string =>
  [north, east].map(([x, y]) => Math.round((Math.atan2(y, x) * 36) / Math.PI) % 72).join();

/** Width in arcsec, to two digits. */
const scaleOf = ({ arcsec_per_px }: Compass, sidePx: number): string =>
  (arcsec_per_px * sidePx).toPrecision(2);
