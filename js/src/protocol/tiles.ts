// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
import type { JournalState } from "./labels";
import type { Badge, Compass, Fact, Missing, PackedMask } from "./parts";

/** One panel in the message's buffer. */
export interface Pixels {
  /** Height and width. */
  shape: [number, number];
  /** Byte offset in the buffer. Rows go up: the first row is the lowest. */
  offset: number;
  /** None without a WCS. */
  compass: Compass | null;
  /** Outlines of the source's footprint, each ``[x, y, x, y, ...]`` in pixels of this panel, where 0 is the centre of the first one; empty if the store has no footprint. */
  outlines: number[][];
  /** Null if no plane is set, and on pages requested without masks. */
  mask: PackedMask | null;
}

/** The three images of a source. */
export interface Panels {
  template: Pixels | Missing;
  science: Pixels | Missing;
  difference: Pixels | Missing;
}

/** One source of a page. */
export interface Tile {
  /** Position on the page, 0-based. */
  place: number;
  id: string;
  /** True while its images are being read. */
  waiting: boolean;
  band: string | null;
  facts: Fact[];
  badges: Badge[];
  panels: Panels;
  /** Sentences, each beginning with the panel it is about. */
  problems: string[];
  label: string | null;
  /** The journal's state: label, who, note, seen. */
  journal: JournalState;
}
