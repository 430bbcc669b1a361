import type { FacetsAnswer } from "../protocol";
import { Disconnected, type Wire } from "./wire";

/** What facets need from the session. */
export interface FacetsContext {
  wire: Wire;
  /** The filter of the displayed rows. */
  where(): string | null;
  connected(): boolean;
  changed(): void;
  /** Called when there is no kernel any more. */
  disconnected(): void;
}

/** Counts of flags, words and numbers in the filtered rows: requested when first displayed, one request at a time. */
export class Facets {
  /** Counts for the filter in `answer.where`, which may not be the latest one; null before the first. */
  answer: FacetsAnswer | null = null;
  readonly #context: FacetsContext;
  #isShown = false;
  #isAsking = false;
  #isOld = true;

  constructor(context: FacetsContext) {
    this.#context = context;
  }

  /** Rows, labels or histograms have changed. */
  refresh(): void {
    this.#isOld = true;
    if (this.#isShown) void this.#ask();
  }

  /** Start displaying the counts. */
  show(): void {
    this.#isShown = true;
    if (this.#isOld) void this.#ask();
  }

  /** Stop displaying the counts. */
  hide(): void {
    this.#isShown = false;
  }

  /** The counts for the filter of the displayed rows, even if hidden; null if there is no answer. */
  async now(): Promise<FacetsAnswer | null> {
    if (this.answer !== null && !this.#isOld) return this.answer;
    try {
      return await this.#fetch();
    } catch {
      return null;
    }
  }

  /** The number of rows that would pass a filter; null if it is invalid, or there is no answer. */
  async count(where: string | null): Promise<number | null> {
    try {
      const { answer } = await this.#context.wire.ask({ kind: "count", where });
      return "of" in answer && answer.of === "count" ? answer.n_rows : null;
    } catch {
      return null; // an incomplete filter is invalid
    }
  }

  async #fetch(): Promise<FacetsAnswer | null> {
    const { answer } = await this.#context.wire.ask({ kind: "facets", where: this.#context.where() });
    return "of" in answer && answer.of === "facets" ? answer : null;
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || !this.#context.connected()) return;
    this.#isAsking = true;
    try {
      while (this.#isOld && this.#isShown) {
        this.#isOld = false;
        const answer = await this.#fetch();
        if (answer === null) continue;
        this.answer = answer;
        this.#context.changed();
      }
    } catch (error) {
      if (error instanceof Disconnected) this.#context.disconnected();
    } finally {
      this.#isAsking = false;
    }
  }
}
