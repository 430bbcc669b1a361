// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
import type { SelectedRule } from "./selection";

export type Act = "label" | "undo" | "redo" | "note" | "seen" | "others";

/** The journal's state of one source. */
export interface JournalState {
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
  journal: Record<string, JournalState>;
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
