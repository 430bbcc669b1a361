// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.

/** Many selected sources without their ids: filtered rows by their positions in a sort order. */
export interface SelectedRule {
  where: string | null;
  sort: string | null;
  /** First position of each run of rows and the one after its last; 0-based, ascending, disjoint. */
  spans: [number, number][];
}

export type Selected = SelectedRule | string[];

/** Select too many rows to list their ids in a message. */
export interface SelectRequest {
  kind: "select";
  /** All that pass the filter; those from `first` to `last` too; or those that are not selected now. */
  what: "all" | "range" | "others";
  where: string | null;
  sort: string | null;
  /** Ids, for a range; otherwise empty. */
  first: string;
  last: string;
}

/** List the ids of the selected sources. */
export interface IdsRequest {
  kind: "ids";
  selected: SelectedRule | string[];
}

/** Save sources as annotated PNGs with a manifest. Parts report progress; cancelling it stops it. */
export interface SaveRequest {
  kind: "save";
  /** As typed; empty: the default folder. */
  folder: string;
  selected: SelectedRule | string[];
}

/** Make a grid of the selected sources and show it below this one. */
export interface GridRequest {
  kind: "grid";
  selected: SelectedRule | string[];
}

/** The trait `selected` has changed. */
export interface SelectAnswer {
  kind: "done";
  of: "select";
  n: number;
}

/** The ids. */
export interface IdsAnswer {
  kind: "done";
  of: "ids";
  ids: string[];
}

/** Progress of saving, or the location of the files. */
export interface SaveAnswer {
  kind: "part" | "done";
  of: "save";
  /** Absolute path. */
  folder: string;
  n_done: number;
  n_all: number;
  written: number;
  /** Files that already existed. */
  present: number;
  failed: number;
  /** The first source that failed, and the reason; empty if none did. */
  problem: string;
}

/** A new grid is shown. */
export interface GridAnswer {
  kind: "done";
  of: "grid";
  n: number;
}

export type SelectionRequest = SelectRequest | IdsRequest | SaveRequest | GridRequest;

export type SelectionAnswer = SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer;
