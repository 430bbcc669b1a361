// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
import type { Tile } from "./tiles";

/** List the exposures of the position of a source's object. */
export interface EpochsRequest {
  kind: "epochs";
  id: string;
}

/** One exposure of an object's position. */
export interface Epoch {
  /** Id of the DiaSource; null for a visit without a detection. */
  source: string | null;
  /** True if it is a row of the grid's table. */
  in_table: boolean;
  /** MJD. */
  time: number | null;
  band: string | null;
  visit: string | null;
  detector: string | null;
  snr: number | null;
  /** Position angle of a moving object's motion, degrees from north through east; null if there is none. */
  motion: number | null;
}

/** The epochs of an object in time order; those without a time are last. */
export interface EpochsAnswer {
  kind: "done";
  of: "epochs";
  id: string;
  epochs: Epoch[];
}

/** Cut some epochs of a source's object; they were listed by an `EpochsAnswer`. */
export interface EpochTilesRequest {
  kind: "epoch_tiles";
  id: string;
  look: string;
  /** Whether all use the limits of this source; otherwise each has its own. */
  same_limits: boolean;
  /** Positions among the epochs, from 0. */
  places: number[];
}

/** Epochs with their panels in the buffer; ``part`` brings some, ``done`` the rest. */
export interface EpochTilesAnswer {
  kind: "part" | "done";
  of: "epoch_tiles";
  id: string;
  tiles: Tile[];
}

export type EpochRequest = EpochsRequest | EpochTilesRequest;

export type EpochAnswer = EpochsAnswer | EpochTilesAnswer;
