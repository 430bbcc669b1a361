// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
export const VERSION = 1;
export const LEVELS = 255;

/** Name of what keys do -> the keys it has at first. */
export const KEYS = {
  move_left: ["arrowleft", "h"],
  move_right: ["arrowright", "l"],
  move_up: ["arrowup", "k"],
  move_down: ["arrowdown", "j"],
  first: ["home"],
  last: ["end"],
  select: [" "],
  select_page: ["a"],
  select_all: ["ctrl+a"],
  invert_selection: ["x"],
  invert_all: ["shift+x"],
  save: ["w"],
  inspect: ["enter"],
  close: ["escape"],
  next_page: ["n", "pagedown"],
  previous_page: ["p", "pageup"],
  label_1: ["1"],
  label_2: ["2"],
  label_3: ["3"],
  label_4: ["4"],
  label_5: ["5"],
  label_6: ["6"],
  label_7: ["7"],
  label_8: ["8"],
  label_9: ["9"],
  rest_1: ["shift+1"],
  rest_2: ["shift+2"],
  rest_3: ["shift+3"],
  rest_4: ["shift+4"],
  rest_5: ["shift+5"],
  rest_6: ["shift+6"],
  rest_7: ["shift+7"],
  rest_8: ["shift+8"],
  rest_9: ["shift+9"],
  repeat_label: ["."],
  unlabel: ["0"],
  undo: ["u", "ctrl+z"],
  redo: ["shift+u", "ctrl+shift+z"],
  note: ["e"],
  mark_seen: ["s"],
  go_to: ["g"],
  filter: ["/"],
  blink: ["b"],
  north_up: ["o"],
  invert: ["i"],
  next_look: ["z"],
  larger: ["+", "="],
  smaller: ["-"],
  mask: ["m"],
  previous_epoch: ["["],
  next_epoch: ["]"],
  copy_position: ["c"],
  help: ["?"],
} as const;

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

export type Act = "label" | "undo" | "redo" | "note" | "seen" | "others";

/** The journal's state of one source. */
export interface Said {
  label: string | null;
  /** Who gave the label; empty without one. */
  who: string;
  note: string;
  /** True if anybody had it on the screen for a while. */
  seen: boolean;
  /** Who labels it differently, and how; empty if nobody does. */
  others: string;
}

/** Label sources; null removes the label. */
export interface LabelRequest {
  kind: "label";
  ids: string[];
  label: string | null;
}

/** Label any number of selected sources in one action. */
export interface LabelAllRequest {
  kind: "label_all";
  label: string | null;
  selected: SelectedRule | string[];
  /** True: only those without a label. */
  unlabelled: boolean;
}

/** Undo the last labelling. */
export interface UndoRequest {
  kind: "undo";
}

/** Redo what was undone last. */
export interface RedoRequest {
  kind: "redo";
}

/** Add a note to a source; an empty text removes it. */
export interface NoteRequest {
  kind: "note";
  id: string;
  note: string;
}

/** Mark sources as seen. */
export interface SeenRequest {
  kind: "seen";
  ids: string[];
}

/** The current labels, as saved on disk. It is also sent to all views after every change, by anybody. */
export interface LabelAnswer {
  kind: "done";
  of: "label";
  act: "label" | "undo" | "redo" | "note" | "seen" | "others";
  /** Id -> current label, for the ids that changed; at most `NAMED`. */
  labels: Record<string, string | null>;
  /** Id -> previous label. */
  was: Record<string, string | null>;
  /** Id -> its full state in the journal. */
  said: Record<string, Said>;
  /** Number of sources that changed, including those not listed. */
  n_changed: number;
}

/** How many rows have each label. */
export interface Progress {
  rows: number;
  /** Label -> rows that have it: first the choices, then other labels in the journal. */
  labels: Record<string, number>;
  unlabelled: number;
  seen: number;
}

/** A label with a key or a button. */
export interface LabelChoice {
  word: string;
  /** Its default key; empty if it has only a button. */
  key: string;
  /** ``#rrggbb``. */
  colour: string;
  /** One character, for people who cannot tell colours apart. */
  symbol: string;
}

/** The names of the journal's columns in filters, chosen so that they do not hide the table's columns. */
export interface LabelColumns {
  label: string;
  note: string;
  who: string;
  seen: string;
  conflict: string;
}

export type LabellingRequest = LabelRequest | LabelAllRequest | UndoRequest | RedoRequest | NoteRequest | SeenRequest;

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
  said: Said;
}

/** Count the flags, words and numbers among the rows that pass a filter. */
export interface FacetsRequest {
  kind: "facets";
  where: string | null;
}

/** Count the rows that would pass a filter, while it is typed. */
export interface CountRequest {
  kind: "count";
  where: string | null;
}

/** One state of a flag. */
export interface FlagState {
  word: "set" | "unset" | "n/a";
  /** A filter term that selects these rows. */
  query: string;
  rows: number;
}

/** A flag with its three states. */
export interface FlagChip {
  /** As on the badge. */
  name: string;
  /** Whether it is only about the central pixels. */
  central: boolean;
  title: string;
  colour: string;
  states: FlagState[];
}

/** A word in a column, with its number of rows. */
export interface WordCount {
  word: string;
  /** The word as filters write it, in quotes. */
  literal: string;
  rows: number;
}

/** A column with few distinct words, such as band or label. */
export interface WordChips {
  column: string;
  /** The column's name in filters. */
  query: string;
  words: WordCount[];
  /** Rows without a word. */
  missing: number;
}

/** A column of numbers in bins. */
export interface Histogram {
  column: string;
  /** The column's name in filters. */
  query: string;
  unit: string;
  low: number;
  /** Outer edges of the first and the last bin, which also count the values beyond. */
  high: number;
  /** Null: bins of equal width; else bins of equal width in ``asinh(number / soft)``. */
  soft: number | null;
  /** Counts of all rows. */
  n_all: number[];
  /** Counts of the rows that pass the filter. */
  n_rows: number[];
  /** Rows that pass the filter and have no finite value. */
  missing: number;
}

/** A ready-made filter. */
export interface NamedFilter {
  /** A few words. */
  name: string;
  title: string;
  query: string;
  /** Rows, among those that pass the current filter. */
  rows: number;
}

/** Counts of flags, words and numbers among the rows that pass a filter. */
export interface FacetsAnswer {
  kind: "done";
  of: "facets";
  where: string | null;
  n_rows: number;
  flags: FlagChip[];
  words: WordChips[];
  histograms: Histogram[];
  /** Rows whose label contradicts a flag, the mask or the score. */
  disagreements: NamedFilter[];
}

/** The number of rows that would pass. */
export interface CountAnswer {
  kind: "done";
  of: "count";
  where: string | null;
  n_rows: number;
}

/** Find a source among the rows that pass the filter. */
export interface FindRequest {
  kind: "find";
  /** An id, or a row number from 1; with ``#`` before it always a row number. */
  text: string;
}

/** The position of a source. */
export interface FindAnswer {
  kind: "done";
  of: "find";
  id: string;
  /** Position among the rows that pass, in sort order; from 0. */
  place: number;
  /** Rows that pass. */
  n_rows: number;
}

export type FilterRequest = FacetsRequest | CountRequest | FindRequest;

export type FilterAnswer = FacetsAnswer | CountAnswer | FindAnswer;

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
  said: Said;
}

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
export interface Kept {
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

export type Answer = PageAnswer | InspectAnswer | LightCurveAnswer | EpochsAnswer | EpochTilesAnswer | LabelAnswer | FacetsAnswer | CountAnswer | FindAnswer | SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer | Kept | Failed;
