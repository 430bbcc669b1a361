// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
import type { EpochTilesAnswer, EpochTilesRequest, EpochsAnswer, EpochsRequest } from "./epochs";
import type { CountAnswer, CountRequest, FacetsAnswer, FacetsRequest, FindAnswer, FindRequest } from "./facets";
import type { InspectAnswer, InspectRequest, LightCurveAnswer, LightCurveRequest } from "./inspection";
import type { LabelAllRequest, LabelAnswer, LabelChoice, LabelColumns, LabelRequest, NoteRequest, Progress, RedoRequest, SeenRequest, UndoRequest } from "./labels";
import type { GridAnswer, GridRequest, IdsAnswer, IdsRequest, SaveAnswer, SaveRequest, SelectAnswer, SelectRequest, SelectedRule } from "./selection";
import type { Tile } from "./tiles";

export const VERSION = 1;
export const LEVELS = 255;

export type Field = "page" | "page_size" | "sort" | "where" | "look" | "id";

/** A page: its number, its rows and its look. */
export interface Target {
  /** 0-based. */
  page: number;
  page_size: number;
  /** A column; a leading minus means descending. None: the table's own order. */
  sort: string | null;
  /** A pandas query; None: all rows. */
  where: string | null;
  look: string;
}

/** Show a page, read one ahead, or note that the view shows one that it had cached. Rows filtered by label stay while pages are turned, even if labels change meanwhile; the filter is applied again when `where` or `sort` changes, or for the purpose "anew". */
export interface PageRequest {
  kind: "page";
  target: Target;
  purpose: "show" | "ahead" | "kept" | "anew";
  /** Whether tiles include their masks. */
  masks: boolean;
}

/** Tell the kernel that a view exists, so that it knows that a front end draws it. It has no answer. */
export interface HelloRequest {
  kind: "hello";
}

/** Stop the work on an earlier request of the same client. */
export interface CancelRequest {
  kind: "cancel";
  cancels: number;
}

/** The fields of every message. */
export interface Envelope {
  version: number;
  client: string;
  request: number;
}

/** Tiles of a page, each with its panels in the buffer; ``part`` brings some, ``done`` the rest. */
export interface PageAnswer {
  kind: "part" | "done";
  of: "page";
  /** As the kernel understood it: the page is within bounds. */
  target: Target;
  /** Rows that pass `where`. */
  n_rows: number;
  n_tiles: number;
  tiles: Tile[];
}

/** Confirmation that the kernel has noted the request. */
export interface Noted {
  kind: "done";
  of: "kept";
}

/** The request failed, with the reason. */
export interface Failed {
  kind: "failed";
  /** One sentence for the user. */
  reason: string;
  /** The control to correct, if there is one. */
  field: "page" | "page_size" | "sort" | "where" | "look" | "id" | null;
  /** True if the view cancelled the request. */
  cancelled: boolean;
}

/** A repeated request that is still being processed: the kernel is there. */
export interface Working {
  kind: "working";
}

/** A look, with the colormap of each panel. */
export interface LookChoice {
  name: string;
  title: string;
  template: string;
  science: string;
  difference: string;
}

/** A column to sort by. */
export interface ColumnChoice {
  name: string;
  unit: string;
  description: string;
  /** True for common sort columns: time, flux, signal to noise, score. */
  often: boolean;
}

/** What the controls offer. */
export interface Choices {
  looks: LookChoice[];
  /** In the order of the colour tables in `palettes`. */
  colormaps: string[];
  columns: ColumnChoice[];
  page_sizes: number[];
  /** The same, with keys and colours. */
  label_choices: LabelChoice[];
  label_columns: LabelColumns;
}

/** The synced traits: small, restorable. */
export interface State {
  version: number;
  grid_id: string;
  page: number;
  page_size: number;
  sort: string | null;
  where: string | null;
  look: string;
  /** Colormap of all panels; null: that of the look. */
  colormap: string | null;
  selected: SelectedRule | string[];
  /** The `grid_id` of the grids shown below this one. */
  below: string[];
  inspected: string | null;
  n_rows: number;
  n_total: number;
  choices: Choices;
  /** (colormaps, 255, 3) bytes: the colours of levels 1 to 255. */
  palettes: DataView;
  /** The first page, which is shown when there is no kernel. */
  snapshot: PageAnswer | null;
  snapshot_pixels: DataView;
  /** True if there is a journal for labels. */
  labelling: boolean;
  /** Whether the focus moves to the next unlabelled source after labelling. */
  advance: boolean;
  /** Minimum time on the screen before a source can be labelled. */
  label_after_ms: number;
  /** Time in view after which a source is marked as seen; 0: never automatically. */
  seen_after_s: number;
  /** Changes of `KEYS`: action -> its keys. */
  keymap: Record<string, string[]>;
  /** Side of a panel of a tile in CSS pixels. */
  tile_size: number;
  /** Panels of tiles, from left to right. */
  panels: ("template" | "science" | "difference")[];
  /** Whether titles and captions are hidden. */
  compact: boolean;
  /** Captions of tiles besides the id. */
  captions: string[];
  /** Columns with a histogram besides score and signal to noise. */
  facets: string[];
  /** Why labels cannot be read or written now; empty when they can. */
  labelling_problem: string;
  /** The name under which labels are given. */
  who: string;
  /** Whether sources are shown under meaningless numbers. */
  blind: boolean;
  /** Labels of the rows that pass `where`. */
  progress: Progress;
  progress_of_all: Progress;
}

export type Request = PageRequest | InspectRequest | LightCurveRequest | EpochsRequest | EpochTilesRequest | LabelRequest | LabelAllRequest | UndoRequest | RedoRequest | NoteRequest | SeenRequest | FacetsRequest | CountRequest | FindRequest | SelectRequest | IdsRequest | SaveRequest | GridRequest | HelloRequest | CancelRequest;

export type Answer = PageAnswer | InspectAnswer | LightCurveAnswer | EpochsAnswer | EpochTilesAnswer | LabelAnswer | FacetsAnswer | CountAnswer | FindAnswer | SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer | Noted | Working | Failed;
