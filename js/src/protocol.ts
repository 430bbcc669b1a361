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

/** Where the sky's directions lie on a panel. */
export interface Compass {
  /** Unit vector, x right and y up. */
  north: [number, number];
  east: [number, number];
  arcsec_per_px: number;
}

/** One mask plane that is set somewhere on a panel. */
export interface Plane {
  name: string;
  bit: number;
  colour: string;
  /** Pixels. */
  count: number;
}

/** The mask of a panel in the message's buffer: its planes numbered anew, so that words are small. */
export interface PackedMask {
  /** First byte of (ny, nx) unsigned integers, lowest row first; on no particular multiple. */
  offset: number;
  /** 1, 2 or 4. */
  bytes_a_pixel: number;
  /** Those that are set somewhere; their bits are those of the packed words. */
  planes: Plane[];
}

/** A panel that cannot be shown. */
export interface Missing {
  /** One sentence; empty while it is still being read. */
  reason: string;
}

/** A flag in words. */
export interface Badge {
  name: string;
  text: string;
  colour: string;
  kind: string;
  /** Which columns raised it. */
  title: string;
}

/** A few characters about a source, with what they mean. */
export interface Fact {
  text: string;
  title: string;
}

/** Many selected sources, without their ids: rows that pass a filter, by their places in an order. */
export interface SelectedRule {
  where: string | null;
  sort: string | null;
  /** First place of each run of rows and the one after its last; 0-based, ascending, apart. */
  spans: [number, number][];
}

export type Selected = SelectedRule | string[];

/** Select rows that no message could name one by one. */
export interface SelectRequest {
  kind: "select";
  /** All that pass the filter; those from `first` to `last`, beside what is selected; those that are not. */
  what: "all" | "range" | "others";
  where: string | null;
  sort: string | null;
  /** Ids, for a range; else empty. */
  first: string;
  last: string;
}

/** Name the selected sources. */
export interface IdsRequest {
  kind: "ids";
  selected: SelectedRule | string[];
}

/** Save sources as annotated PNGs with a manifest. Parts tell how far it is; to cancel it stops it. */
export interface SaveRequest {
  kind: "save";
  /** As it was typed; empty: the usual one. */
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

/** How far saving is, or where the files are. */
export interface SaveAnswer {
  kind: "part" | "done";
  of: "save";
  /** Whole path. */
  folder: string;
  n_done: number;
  n_all: number;
  written: number;
  /** Files that were there already. */
  present: number;
  failed: number;
  /** The first source that failed, and why; empty if none did. */
  problem: string;
}

/** There is a grid more. */
export interface GridAnswer {
  kind: "done";
  of: "grid";
  n: number;
}

export type SelectionRequest = SelectRequest | IdsRequest | SaveRequest | GridRequest;

export type SelectionAnswer = SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer;

export type Act = "label" | "undo" | "redo" | "note" | "seen" | "others";

/** What the journal says about one source. */
export interface Said {
  label: string | null;
  /** Who gave the label; empty without one. */
  who: string;
  note: string;
  /** True if it was on a screen for a while, anybody's. */
  seen: boolean;
  /** Who labels it otherwise, and how; empty if nobody does. */
  others: string;
}

/** Label sources; null takes the label away. */
export interface LabelRequest {
  kind: "label";
  ids: string[];
  label: string | null;
}

/** Label selected sources, however many, in one act. */
export interface LabelAllRequest {
  kind: "label_all";
  label: string | null;
  selected: SelectedRule | string[];
  /** True: only those without a label. */
  unlabelled: boolean;
}

/** Take the last labelling back. */
export interface UndoRequest {
  kind: "undo";
}

/** Repeat what was undone last. */
export interface RedoRequest {
  kind: "redo";
}

/** Note something about a source; an empty text takes the note away. */
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

/** What is now on disk. It also comes unasked, to all views, whoever did it. */
export interface LabelAnswer {
  kind: "done";
  of: "label";
  act: "label" | "undo" | "redo" | "note" | "seen" | "others";
  /** Id -> label now, for the ids that changed; at most `NAMED`. */
  labels: Record<string, string | null>;
  /** Id -> label before. */
  was: Record<string, string | null>;
  /** Id -> all that the journal says now. */
  said: Record<string, Said>;
  /** How many changed, also those that are not named. */
  n_changed: number;
}

/** How far some rows are labelled. */
export interface Progress {
  rows: number;
  /** Label -> rows that have it: the choices first, then others that are in the journal. */
  labels: Record<string, number>;
  unlabelled: number;
  seen: number;
}

/** A label that a key gives. */
export interface LabelChoice {
  word: string;
  /** What gives it at first; empty if only its button does. */
  key: string;
  /** ``#rrggbb``. */
  colour: string;
  /** One character, for those who see no colours. */
  symbol: string;
}

/** What filters and orders call the journal's columns: a table's own column keeps its name. */
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
  /** First byte in the buffer. Rows go up: the first row is the lowest. */
  offset: number;
  /** None where no WCS tells it. */
  compass: Compass | null;
  /** Borders of the source's footprint, each ``[x, y, x, y, ...]`` in pixels of this panel, where 0 is the centre of the first one; none if the store does not know it. */
  outlines: number[][];
  /** Null where no plane is set, and on pages that were asked for without masks. */
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
  /** All that the journal says: label, who, note, seen. */
  said: Said;
}

/** Count the flags, words and numbers of the rows that pass a filter. */
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
  /** The term of a filter that chooses its rows. */
  query: string;
  rows: number;
}

/** A flag with its three states. */
export interface FlagChip {
  /** As on the badge. */
  name: string;
  /** About the central pixels alone. */
  central: boolean;
  title: string;
  colour: string;
  states: FlagState[];
}

/** A word of a column. */
export interface WordCount {
  word: string;
  /** The word as a filter takes it, in quotes. */
  literal: string;
  rows: number;
}

/** A column of a few words: a band, a label. */
export interface WordChips {
  column: string;
  /** The column as a filter takes it. */
  query: string;
  words: WordCount[];
  /** Rows without a word. */
  missing: number;
}

/** A column of numbers in bins. */
export interface Histogram {
  column: string;
  /** The column as a filter takes it. */
  query: string;
  unit: string;
  low: number;
  /** Edges of the first and the last bin, which also count what is beyond. */
  high: number;
  /** Null: bins are of equal width in the numbers; else in ``asinh(number / soft)``. */
  soft: number | null;
  /** Of all rows. */
  n_all: number[];
  /** Of those that pass. */
  n_rows: number[];
  /** Rows that pass without a finite value. */
  missing: number;
}

/** A filter that is ready to use. */
export interface NamedFilter {
  /** A few words. */
  name: string;
  title: string;
  query: string;
  /** Of those that pass now. */
  rows: number;
}

/** What the rows that pass a filter have. */
export interface FacetsAnswer {
  kind: "done";
  of: "facets";
  where: string | null;
  n_rows: number;
  flags: FlagChip[];
  words: WordChips[];
  histograms: Histogram[];
  /** Rows where a label says one thing and a flag or a score another. */
  disagreements: NamedFilter[];
}

/** How many rows would pass. */
export interface CountAnswer {
  kind: "done";
  of: "count";
  where: string | null;
  n_rows: number;
}

/** Find a source among the rows that pass the filter. */
export interface FindRequest {
  kind: "find";
  /** An id, or the number of a row, from 1; with ``#`` before it, a row's number in any case. */
  text: string;
}

/** Where a source is. */
export interface FindAnswer {
  kind: "done";
  of: "find";
  id: string;
  /** Among the rows that pass, in their order; from 0. */
  place: number;
  /** How many pass. */
  n_rows: number;
}

export type FilterRequest = FacetsRequest | CountRequest | FindRequest;

export type FilterAnswer = FacetsAnswer | CountAnswer | FindAnswer;

/** Tell everything about one source. */
export interface InspectRequest {
  kind: "inspect";
  id: string;
  look: string;
  /** Side of the cutouts in pixels; 0: all there is; null: the grid's own. */
  size: number | null;
}

/** Sky directions at nodes of a coarse lattice: the view interpolates, the formulae stay here. */
export interface Lattice {
  /** First byte of (ny, nx, 3) float64 unit vectors in the buffer. */
  offset: number;
  shape: [number, number];
  /** Parent pixel of the first and the last node along x. */
  x: [number, number];
  y: [number, number];
}

/** A small image in the buffer. */
export interface Array {
  shape: [number, number];
  /** First byte of (ny, nx) float32 values, lowest row first. */
  offset: number;
}

/** The empty pixels of a panel. */
export interface SkyLevel {
  /** Centre of the Gaussian that fits their histogram on the bin centres; the median where none does. */
  level: number;
  /** Its width; 1.4826 times the median absolute deviation where none does. */
  sigma: number;
  n_pixels: number;
  /** True if it is the Gaussian's. */
  fitted: boolean;
}

/** A point source fitted to a panel, and what is left without it. */
export interface PsfFit {
  /** First byte of (ny, nx) float32: the image less the fitted point source. */
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
  /** How many pixels that is. */
  n_pixels: number;
}

/** One panel of the inspector: its numbers, not only its levels. */
export interface DeepPixels {
  shape: [number, number];
  /** First byte of (ny, nx) float32 values, lowest row first. */
  offset: number;
  /** First byte of 254 float32: level = 1 + how many of them do not exceed the value. */
  thresholds: number;
  /** Darkest and brightest value in the look; null where no pixel has a value. */
  limits: [number, number] | null;
  /** Name of the look's curve for this panel. */
  curve: string;
  /** First byte of (ny, nx) float32 variances, in the unit squared, or null. */
  variance: number | null;
  /** First byte of (ny, nx) uint32, or null. */
  mask: number | null;
  planes: Plane[];
  /** Parent pixel of the first column, 0-based. */
  x0: number;
  y0: number;
  unit: string | null;
  /** What one unit is in nJy; null if it is no flux density. */
  nJy: number | null;
  /** Where the source lies, in parent pixels. */
  source: [number, number] | null;
  sky: SkyLevel | null;
  /** Kernel image of the point-spread function at the source. */
  psf: Array | null;
  /** Null without a point-spread function, and where no point source can be fitted. */
  fit: PsfFit | null;
  compass: Compass | null;
  lattice: Lattice | null;
  /** Borders of the source's footprint, each ``[x, y, x, y, ...]`` in parent pixels, the first corner repeated at the end; none if the store does not know it. */
  outlines: number[][];
  origin: string;
}

/** The three images of a source, with all numbers. */
export interface DeepPanels {
  template: DeepPixels | Missing;
  science: DeepPixels | Missing;
  difference: DeepPixels | Missing;
}

/** How levels are spread between two limits. */
export interface Curve {
  name: string;
  /** First byte of 254 float64: where each level above 1 begins, 0 the lower and 1 the upper limit. */
  offset: number;
}

/** Another row of the table whose position lies on a panel. */
export interface Neighbour {
  id: string;
  /** True if it was found on the exposure that is shown. */
  same_exposure: boolean;
  /** Where, in parent pixels of the panel. */
  template: [number, number] | null;
  science: [number, number] | null;
  difference: [number, number] | null;
}

/** One column of the inspected row, in words. */
export interface Cell {
  name: string;
  value: string;
  unit: string;
  description: string;
  group: "ids" | "position" | "fluxes" | "shape" | "flags" | "time" | "other";
  /** True if the row has no value. */
  null: boolean;
  /** True for a column that is set, not set, or null. */
  flag: boolean;
  /** Name of the badge that this column raises. */
  badge: string | null;
  /** The value as Python writes it; null for what is too large to copy. */
  python: string | null;
}

/** A page elsewhere about the place or the object. */
export interface Link {
  name: string;
  url: string;
}

/** Tell how a source's object varied. */
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
  /** On the difference image, nJy; of a limit, the limit. */
  flux: number | null;
  flux_err: number | null;
  /** On the science image, nJy. */
  science: number | null;
  science_err: number | null;
  visit: string | null;
  detector: string | null;
}

/** A light curve, ordered by time. */
export interface LightCurveAnswer {
  kind: "done";
  of: "curve";
  id: string;
  /** Whether a store or database tells it, or it is made of the rows of the table. */
  origin: "history" | "table";
  points: LightCurvePoint[];
  /** One sentence about why there are no points; empty if there are. */
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

/** Tell which exposures show the place of a source's object. */
export interface EpochsRequest {
  kind: "epochs";
  id: string;
}

/** One exposure of the place of an object. */
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

/** The epochs of an object in the order of time; those without a time are last. */
export interface EpochsAnswer {
  kind: "done";
  of: "epochs";
  id: string;
  epochs: Epoch[];
}

/** Cut some epochs of a source's object, which `EpochsRequest` told. */
export interface EpochTilesRequest {
  kind: "epoch_tiles";
  id: string;
  look: string;
  /** Whether all have the limits of the source that is named; else each has its own. */
  same_limits: boolean;
  /** Positions among the epochs, from 0. */
  places: number[];
}

/** Epochs with their panels in the buffer, at their places; ``part`` brings some, ``done`` the rest. */
export interface EpochTilesAnswer {
  kind: "part" | "done";
  of: "epoch_tiles";
  id: string;
  tiles: Tile[];
}

export type EpochRequest = EpochsRequest | EpochTilesRequest;

export type EpochAnswer = EpochsAnswer | EpochTilesAnswer;

export type Field = "page" | "page_size" | "sort" | "where" | "look" | "id";

/** Which page, of which rows, in which look. */
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

/** Show a page, read one ahead that may be wanted next, or note that the view shows one it kept. Rows that a filter picks by label stay while pages are turned, whatever is labelled meanwhile; they are picked anew when `where` or `sort` changes, or for the purpose "anew". */
export interface PageRequest {
  kind: "page";
  target: Target;
  purpose: "show" | "ahead" | "kept" | "anew";
  /** Whether tiles come with their masks. */
  masks: boolean;
}

/** A view exists, which is how the kernel knows that something draws the grid. It has no answer. */
export interface HelloRequest {
  kind: "hello";
}

/** Stop the work on an earlier request of the same client. */
export interface CancelRequest {
  kind: "cancel";
  cancels: number;
}

/** What every message carries. */
export interface Envelope {
  version: number;
  client: string;
  request: number;
}

/** Tiles of a page, each with its panels in the buffer; ``part`` brings some, ``done`` the rest. */
export interface PageAnswer {
  kind: "part" | "done";
  of: "page";
  /** As it was understood: the page is within bounds. */
  target: Target;
  /** Rows that pass `where`. */
  n_rows: number;
  n_tiles: number;
  tiles: Tile[];
}

/** The kernel took note. */
export interface Kept {
  kind: "done";
  of: "kept";
}

/** The request has no answer, and why. */
export interface Failed {
  kind: "failed";
  /** One sentence for a person. */
  reason: string;
  /** What to correct, if it is something the view can correct. */
  field: "page" | "page_size" | "sort" | "where" | "look" | "id" | null;
  /** True when it was the view's own wish. */
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

/** A column one can sort by. */
export interface ColumnChoice {
  name: string;
  unit: string;
  description: string;
  /** True for those people sort by: time, flux, signal to noise, score. */
  often: boolean;
}

/** What the controls offer. */
export interface Choices {
  looks: LookChoice[];
  /** In the order of the tables in `palettes`. */
  colormaps: string[];
  columns: ColumnChoice[];
  page_sizes: number[];
  /** The same, with key and colour. */
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
  /** One for all panels; null: the look's own. */
  colormap: string | null;
  selected: SelectedRule | string[];
  /** The `grid_id` of grids that are shown below this one. */
  below: string[];
  inspected: string | null;
  n_rows: number;
  n_total: number;
  choices: Choices;
  /** (colormaps, 255, 3) bytes: the colour of levels 1 to 255. */
  palettes: DataView;
  /** The first page, so that something is there without a kernel. */
  snapshot: PageAnswer | null;
  snapshot_pixels: DataView;
  /** True when labels have a journal to go to. */
  labelling: boolean;
  /** Whether the focus moves on to the next source without a label. */
  advance: boolean;
  /** How long a source must have been on the screen before it takes a label. */
  label_after_ms: number;
  /** How long a source must be in sight to be marked as seen; 0: not by itself. */
  seen_after_s: number;
  /** Changes of `KEYS`: name -> its keys. */
  keymap: Record<string, string[]>;
  /** Side of a panel of a tile in CSS pixels. */
  tile_size: number;
  /** Which panels tiles show, from left to right. */
  panels: ("template" | "science" | "difference")[];
  /** Whether titles and captions are hidden. */
  compact: boolean;
  /** What stands beside the id of a tile. */
  captions: string[];
  /** Columns that have a histogram beside score and signal to noise. */
  facets: string[];
  /** Why labels cannot be read or written now; empty when they can. */
  labelling_problem: string;
  /** Who labels. */
  who: string;
  /** Whether sources go by numbers that tell nothing. */
  blind: boolean;
  /** Of the rows that pass `where`. */
  progress: Progress;
  progress_of_all: Progress;
}

export type Request = PageRequest | InspectRequest | LightCurveRequest | EpochsRequest | EpochTilesRequest | LabelRequest | LabelAllRequest | UndoRequest | RedoRequest | NoteRequest | SeenRequest | FacetsRequest | CountRequest | FindRequest | SelectRequest | IdsRequest | SaveRequest | GridRequest | HelloRequest | CancelRequest;

export type Answer = PageAnswer | InspectAnswer | LightCurveAnswer | EpochsAnswer | EpochTilesAnswer | LabelAnswer | FacetsAnswer | CountAnswer | FindAnswer | SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer | Kept | Failed;
