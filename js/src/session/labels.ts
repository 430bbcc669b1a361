import type { Answer, JournalState, LabelAnswer, LabellingRequest, SelectedRule } from "../protocol";
import type { Wire } from "./wire";

/** The journal state of a source without an entry. */
export const NO_ENTRY: JournalState = { label: null, who: "", note: "", seen: false, others: "" };

/** What labels need from the session. */
export interface LabelContext {
  wire: Wire;
  /** The journal's entry of a source when it was loaded, if it is on the page. */
  loaded(id: string): JournalState | undefined;
  changed(): void;
  /** Called when more labels have changed than were listed. */
  outdated(): void;
  failed(error: unknown): void;
}

/** Labels and notes since the page was loaded: shown at once, confirmed when saved, reverted if saving fails. */
export class Labels {
  /** The last label given in this browser; undefined before the first. */
  last: string | null | undefined;
  /** Number of actions not yet confirmed. */
  unsaved = 0;
  readonly #states = new Map<string, JournalState>();
  /** Number of unanswered actions on a source, whose state is then what was requested last. */
  readonly #open = new Map<string, number>();
  readonly #context: LabelContext;

  constructor(context: LabelContext) {
    this.#context = context;
  }

  /** The label, note and other entries of a source. */
  of(id: string): JournalState {
    return this.#states.get(id) ?? this.#context.loaded(id) ?? NO_ENTRY;
  }

  /** Whether the label of a source is on disk. */
  isSaved(id: string): boolean {
    return !this.#open.has(id);
  }

  /** Label sources, or remove their labels. Returns whether that was saved. */
  async give(ids: readonly string[], label: string | null): Promise<boolean> {
    return this.#give(ids, label, { kind: "label", ids: [...ids], label });
  }

  /** Label all sources of a rule, or remove their labels; those on the page change at once. */
  async giveAll(selected: SelectedRule, shown: readonly string[], label: string | null): Promise<void> {
    await this.#give(shown, label, { kind: "label_all", selected, label, unlabelled: false });
  }

  async #give(ids: readonly string[], label: string | null, request: LabellingRequest): Promise<boolean> {
    const before = new Map(ids.map((id) => [id, this.of(id)]));
    this.last = label;
    for (const [id, journal] of before) {
      this.#states.set(id, { ...journal, label });
      this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
    }
    this.#context.changed();
    const answer = await this.#ask(request);
    for (const id of ids) {
      const open = (this.#open.get(id) ?? 1) - 1;
      if (open > 0) this.#open.set(id, open);
      else this.#open.delete(id);
    }
    if (answer !== null) this.take(answer);
    else {
      for (const [id, journal] of before) if (!this.#open.has(id)) this.#states.set(id, journal);
      this.#context.changed();
    }
    return answer !== null;
  }

  /** Undo or redo the last action. Null if that failed. */
  async turn(kind: "undo" | "redo"): Promise<LabelAnswer | null> {
    return this.#taken(await this.#ask({ kind }));
  }

  /** Add a note to a source. */
  async note(id: string, note: string): Promise<LabelAnswer | null> {
    return this.#taken(await this.#ask({ kind: "note", id, note }));
  }

  /** Mark sources as seen. */
  async see(ids: string[]): Promise<LabelAnswer | null> {
    return this.#taken(await this.#ask({ kind: "seen", ids }));
  }

  /** Apply an action by anybody; if more sources changed than are listed, the page is loaded again. */
  takeTold(answer: Answer): void {
    this.take(answer);
    if (hasUnnamed(answer)) this.#context.outdated();
  }

  /** Apply what the kernel has saved, if the answer includes it. */
  take(answer: Answer): void {
    if (!("of" in answer) || answer.of !== "label") return;
    // More have changed than are listed, so the known state of the others is outdated.
    if (hasUnnamed(answer))
      for (const id of [...this.#states.keys()]) if (!this.#open.has(id)) this.#states.delete(id);
    for (const [id, journal] of Object.entries(answer.journal))
      if (!this.#open.has(id)) this.#states.set(id, journal);
    this.#context.changed();
  }

  #taken(answer: LabelAnswer | null): LabelAnswer | null {
    if (answer !== null) this.take(answer);
    return answer;
  }

  async #ask(request: LabellingRequest): Promise<LabelAnswer | null> {
    this.unsaved++;
    try {
      const { answer } = await this.#context.wire.ask(request);
      return "of" in answer && answer.of === "label" ? answer : null;
    } catch (error) {
      this.#context.failed(error);
      return null;
    } finally {
      this.unsaved--;
    }
  }
}

/** True if more labels have changed than an answer lists. */
function hasUnnamed(answer: Answer): boolean {
  return "of" in answer && answer.of === "label" && answer.n_changed > Object.keys(answer.labels).length;
}
