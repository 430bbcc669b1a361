// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.

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
