import type { JournalState } from "../../protocol";
import type { LoadedTile, Part } from "../../session";

/** The state of a tile among the others. */
export interface Marks {
  selected: boolean;
  current: boolean;
  inspected: boolean;
  /** The journal's entry of the source. */
  journal: JournalState;
  /** Whether its label is on disk. */
  saved: boolean;
}

/** A part of a tile: created once, updated with every page. */
export interface TilePart {
  element: HTMLElement;
  show?(source: LoadedTile, look: string): void;
  mark?(marks: Marks): void;
  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink?(frame: number | null): number;
}

export type MakeTilePart = Part<TilePart>;

/** The place of a tile's button in the order of the Tab key: only those of the cursor's tile have one. */
export const tabindexOf = (current: boolean): number => (current ? 0 : -1);
