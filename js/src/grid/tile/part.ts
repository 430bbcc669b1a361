import type { Said } from "../../protocol";
import type { LoadedTile, Part } from "../../session";

/** How a tile stands out among the others. */
export interface Marks {
  selected: boolean;
  current: boolean;
  inspected: boolean;
  /** What the journal says about the source. */
  said: Said;
}

/** A piece of a tile: made once, filled again with every page. */
export interface TilePart {
  element: HTMLElement;
  show?(source: LoadedTile, look: string): void;
  mark?(marks: Marks): void;
  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink?(frame: number | null): number;
}

export type MakeTilePart = Part<TilePart>;
