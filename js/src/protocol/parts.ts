// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.

export type PanelName = "template" | "science" | "difference";

/** The directions of the sky on a panel. */
export interface Compass {
  /** Unit vector, x right and y up. */
  north: [number, number];
  east: [number, number];
  arcsec_per_px: number;
}

/** One mask plane that is set on a panel. */
export interface Plane {
  name: string;
  bit: number;
  colour: string;
  /** Number of pixels. */
  count: number;
}

/** The mask of a panel in the message's buffer, with its planes renumbered to need few bits. */
export interface PackedMask {
  /** Byte offset of (ny, nx) unsigned integers, lowest row first; not aligned. */
  offset: number;
  /** 1, 2 or 4. */
  bytes_a_pixel: number;
  /** The planes that are set; their bits are those of the packed mask. */
  planes: Plane[];
}

/** A panel that cannot be shown. */
export interface Missing {
  /** One sentence; empty while it is still being read. */
  reason: string;
}

/** A flag as text. */
export interface Badge {
  name: string;
  text: string;
  colour: string;
  kind: string;
  /** The columns that raised it. */
  title: string;
}

/** A short value of a source, with its meaning. */
export interface Fact {
  text: string;
  title: string;
}
