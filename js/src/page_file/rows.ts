import type { FacetsAnswer, Histogram, LabelColumns, Target } from "../protocol";
import type { Journal } from "./journal";
import { BadQuery, compiled, inOrder } from "./query";
import type { Stored, Value } from "./stored";

/** The rows of a page outside of the notebook: filtering, sorting and counting. */
export class Rows {
  readonly ids: readonly string[];
  readonly #stored: Stored;
  readonly #journal: Journal;
  readonly #columns: LabelColumns;
  readonly #labelled: boolean;

  constructor(stored: Stored, journal: Journal, columns: LabelColumns, labelled: boolean) {
    this.#stored = stored;
    this.#journal = journal;
    this.#columns = columns;
    this.#labelled = labelled;
    this.ids = stored.sources.map(({ tile }) => tile.id);
  }

  /** Indices of the filtered rows, in order. */
  places(where: string | null, sort: string | null): number[] {
    const all = this.ids.map((_, place) => place);
    const passing = where === null || where.trim() === "" ? all : all.filter(this.#test(where));
    if (sort === null) return passing;
    const name = sort.replace(/^-/, "");
    if (!this.#knows(name)) throw new BadQuery(`there is no column ${name} in this page`);
    const sign = sort.startsWith("-") ? -1 : 1;
    const value = new Map(passing.map((place) => [place, this.#value(place, name) ?? null]));
    return passing.sort((one, two) => {
      const [a, b] = [value.get(one) ?? null, value.get(two) ?? null];
      if (a === null || b === null) return Number(a === null) - Number(b === null); // missing values are last
      return sign * (inOrder(a, b) ?? 0);
    });
  }

  /** Counts of flags, words and numbers in the filtered rows. */
  facets(where: string | null): FacetsAnswer {
    const { facets } = this.#stored;
    const passing = this.places(where, null);
    const all = this.ids.map((_, place) => place);
    const count = (query: string): number => passing.filter(this.#test(query)).length;
    return {
      ...facets,
      where,
      n_rows: passing.length,
      flags: facets.flags.map((flag) => ({
        ...flag,
        states: flag.states.map((state) => ({ ...state, rows: count(state.query) })),
      })),
      words: facets.words.map((column) => this.#words(column, passing)),
      histograms: facets.histograms.map((one) => this.#histogram(one, all, passing)),
    };
  }

  #words(column: FacetsAnswer["words"][number], passing: readonly number[]): FacetsAnswer["words"][number] {
    const counts = new Map(column.words.map(({ word }) => [word, 0]));
    let missing = 0;
    for (const place of passing) {
      const value = this.#value(place, column.column) ?? null;
      if (value === null) missing++;
      else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
    const literal = (word: string): string => `'${word.replace(/[\\']/g, "\\$&")}'`;
    return {
      ...column,
      words: [...counts].map(([word, rows]) => ({ word, literal: literal(word), rows })),
      missing,
    };
  }

  #histogram(one: Histogram, all: readonly number[], passing: readonly number[]): Histogram {
    const scale = (value: number): number => (one.soft === null ? value : Math.asinh(value / one.soft));
    const [low, high, n] = [scale(one.low), scale(one.high), one.n_all.length];
    const counted = (places: readonly number[]): { bins: number[]; missing: number } => {
      const bins = one.n_all.map(() => 0);
      let missing = 0;
      for (const place of places) {
        const value = this.#value(place, one.column) ?? null;
        if (value === null || typeof value === "string") missing++;
        else {
          const bin = Math.floor(((scale(Number(value)) - low) / (high - low || 1)) * n);
          const at = Math.min(n - 1, Math.max(0, bin));
          bins[at] = (bins[at] ?? 0) + 1;
        }
      }
      return { bins, missing };
    };
    const mine = counted(passing);
    return { ...one, n_all: counted(all).bins, n_rows: mine.bins, missing: mine.missing };
  }

  #test(query: string): (place: number) => boolean {
    const passes = compiled(query, (name) => this.#knows(name));
    return (place) => passes((name) => this.#value(place, name));
  }

  #knows(name: string): boolean {
    return this.#stored.columns.has(name) || this.#ofJournal(name);
  }

  #ofJournal(name: string): boolean {
    return this.#labelled && Object.values(this.#columns).includes(name);
  }

  #value(place: number, name: string): Value | undefined {
    if (this.#ofJournal(name)) return this.#journal.column(name, this.#columns, this.ids[place] ?? "");
    return this.#stored.columns.get(name)?.[place];
  }
}

/** A target with an existing page. */
export function within(target: Target, nRows: number): Target {
  const last = Math.max(0, Math.ceil(nRows / target.page_size) - 1);
  return { ...target, page: Math.min(Math.max(0, target.page), last) };
}
