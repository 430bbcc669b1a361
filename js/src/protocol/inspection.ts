// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
import type { JournalState } from "./labels";
import type { Badge, Compass, Fact, Missing, Plane } from "./parts";

/** Return everything about one source. */
export interface InspectRequest {
  kind: "inspect";
  id: string;
  look: string;
  /** Side of the cutouts in pixels; 0: as large as possible; null: the grid's own. */
  size: number | null;
}

/** Sky directions at the nodes of a coarse lattice, between which the view interpolates. */
export interface Lattice {
  /** Byte offset of (ny, nx, 3) float64 unit vectors in the buffer. */
  offset: number;
  shape: [number, number];
  /** Parent pixel of the first and the last node along x. */
  x: [number, number];
  y: [number, number];
}

/** A small image in the buffer. */
export interface Array {
  shape: [number, number];
  /** Byte offset of (ny, nx) float32 values, lowest row first. */
  offset: number;
}

/** Level and noise of a panel's empty pixels. */
export interface SkyLevel {
  /** Centre of a Gaussian fitted to their histogram at the bin centres; the median if that fails. */
  level: number;
  /** Its width; 1.4826 times the median absolute deviation if the fit failed. */
  sigma: number;
  n_pixels: number;
  /** True if the Gaussian was fitted. */
  fitted: boolean;
}

/** A point source fitted to a panel, and the residual. */
export interface PsfFit {
  /** Byte offset of (ny, nx) float32: the image minus the fitted point source. */
  residual: number;
  /** Position, in parent pixels. */
  x: number;
  y: number;
  /** In the unit of the image. */
  flux: number;
  /** 1 sigma; null without variance. */
  flux_err: number | null;
  /** Sum of squared residuals over variance near the source; null without variance. */
  chi2: number | null;
  /** Number of these pixels. */
  n_pixels: number;
}

/** One panel of the inspector, with its pixel values. */
export interface DeepPixels {
  shape: [number, number];
  /** Byte offset of (ny, nx) float32 values, lowest row first. */
  offset: number;
  /** Byte offset of 254 float32: level = 1 + the number of them that do not exceed the value. */
  thresholds: number;
  /** Darkest and brightest value in the look; null without valid pixels. */
  limits: [number, number] | null;
  /** Name of the look's curve for this panel. */
  curve: string;
  /** Byte offset of (ny, nx) float32 variances, in the unit squared, or null. */
  variance: number | null;
  /** Byte offset of (ny, nx) uint32, or null. */
  mask: number | null;
  planes: Plane[];
  /** Parent pixel of the first column, 0-based. */
  x0: number;
  y0: number;
  unit: string | null;
  /** Value of the unit in nJy; null if it is not a flux density. */
  nJy: number | null;
  /** Position of the source, in parent pixels. */
  source: [number, number] | null;
  sky: SkyLevel | null;
  /** Image of the point-spread function at the source. */
  psf: Array | null;
  /** Null without a point-spread function, and if no point source can be fitted. */
  fit: PsfFit | null;
  compass: Compass | null;
  lattice: Lattice | null;
  /** Outlines of the source's footprint, each ``[x, y, x, y, ...]`` in parent pixels, with the first corner repeated at the end; empty if the store has no footprint. */
  outlines: number[][];
  origin: string;
}

/** The three images of a source, with pixel values. */
export interface DeepPanels {
  template: DeepPixels | Missing;
  science: DeepPixels | Missing;
  difference: DeepPixels | Missing;
}

/** A curve that distributes levels between two limits. */
export interface Curve {
  name: string;
  /** Byte offset of 254 float64: the start of each level above 1, as a fraction between the limits. */
  offset: number;
}

/** Another row of the table whose position is on a panel. */
export interface Neighbour {
  id: string;
  /** True if it was found on the exposure that is shown. */
  same_exposure: boolean;
  /** Its position, in parent pixels of the panel. */
  template: [number, number] | null;
  science: [number, number] | null;
  difference: [number, number] | null;
}

/** One column of the inspected row, as text. */
export interface Cell {
  name: string;
  value: string;
  unit: string;
  description: string;
  group: "ids" | "position" | "fluxes" | "shape" | "flags" | "time" | "other";
  /** True if the row has no value. */
  null: boolean;
  /** True for a flag: set, not set, or null. */
  flag: boolean;
  /** Name of the badge that this column raises. */
  badge: string | null;
  /** The value as a Python expression; null if it is too large to copy. */
  python: string | null;
}

/** A link to another site about the position or the object. */
export interface Link {
  name: string;
  url: string;
}

/** Return the light curve of a source's object. */
export interface LightCurveRequest {
  kind: "curve";
  id: string;
}

/** One epoch of a light curve. */
export interface LightCurvePoint {
  /** MJD. */
  time: number;
  band: string | null;
  kind: "detection" | "forced" | "limit";
  /** Id of the DiaSource or forced source, if it has one. */
  source: string | null;
  /** True if it is a row of the grid's table. */
  in_table: boolean;
  /** Flux on the difference image, nJy; for a limit, the limit. */
  flux: number | null;
  flux_err: number | null;
  /** Flux on the science image, nJy. */
  science: number | null;
  science_err: number | null;
  visit: string | null;
  detector: string | null;
}

/** A light curve, in time order. */
export interface LightCurveAnswer {
  kind: "done";
  of: "curve";
  id: string;
  /** Whether it comes from a store or database, or from the rows of the table. */
  origin: "history" | "table";
  points: LightCurvePoint[];
  /** One sentence on why there are no points; empty if there are. */
  reason: string;
}

/** Everything about one source. */
export interface InspectAnswer {
  kind: "done";
  of: "inspect";
  id: string;
  look: string;
  size: number | null;
  /** Side of the source's stamp in pixels, beyond which there is nothing; null if its images are larger. */
  stamp_side: number | null;
  panels: DeepPanels;
  curves: Curve[];
  neighbours: Neighbour[];
  badges: Badge[];
  facts: Fact[];
  band: string | null;
  cells: Cell[];
  links: Link[];
  problems: string[];
  label: string | null;
  journal: JournalState;
}
