import type { Answer, LabelAnswer, LabellingRequest, Said, SelectedRule } from "../protocol";
import type { Wire } from "./wire";

const NOTHING_SAID: Said = { label: null, who: "", note: "", seen: false, others: "" };

/** What labels need from the session. */
export interface LabelContext {
  wire: Wire;
  /** What was said about a source when it was loaded, if it is shown. */
  loaded(id: string): Said | undefined;
  changed(): void;
  /** More labels have changed than were named. */
  outdated(): void;
  failed(error: unknown): void;
}

/** What is said about sources since the page was loaded: shown at once, confirmed when saved, reverted if saving fails. */
export class Labels {
  /** The label that was given last here; undefined before the first. */
  last: string | null | undefined;
  /** How many acts are not confirmed yet. */
  unsaved = 0;
  readonly #said = new Map<string, Said>();
  /** How many acts on a source are not answered yet: what it has then is what was asked for last. */
  readonly #open = new Map<string, number>();
  readonly #context: LabelContext;

  constructor(context: LabelContext) {
    this.#context = context;
  }

  /** What is said about a source. */
  of(id: string): Said {
    return this.#said.get(id) ?? this.#context.loaded(id) ?? NOTHING_SAID;
  }

  /** Give sources a label, or none. */
  async give(ids: readonly string[], label: string | null): Promise<void> {
    await this.#give(ids, label, { kind: "label", ids: [...ids], label });
  }

  /** Give all sources of a rule a label, or none; those that are shown have it at once. */
  async giveAll(selected: SelectedRule, shown: readonly string[], label: string | null): Promise<void> {
    await this.#give(shown, label, { kind: "label_all", selected, label, unlabelled: false });
  }

  async #give(ids: readonly string[], label: string | null, request: LabellingRequest): Promise<void> {
    const before = new Map(ids.map((id) => [id, this.of(id)]));
    this.last = label;
    for (const [id, said] of before) {
      this.#said.set(id, { ...said, label });
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
      for (const [id, said] of before) if (!this.#open.has(id)) this.#said.set(id, said);
      this.#context.changed();
    }
  }

  /** Take the last act back, or repeat what was taken back. Null if that failed. */
  async turn(kind: "undo" | "redo"): Promise<LabelAnswer | null> {
    return this.#taken(await this.#ask({ kind }));
  }

  /** Note something about a source. */
  async note(id: string, note: string): Promise<LabelAnswer | null> {
    return this.#taken(await this.#ask({ kind: "note", id, note }));
  }

  /** Mark sources as seen. */
  async see(ids: string[]): Promise<LabelAnswer | null> {
    return this.#taken(await this.#ask({ kind: "seen", ids }));
  }

  /** Take over what somebody did; of more sources than are named, the page tells. */
  takeTold(answer: Answer): void {
    this.take(answer);
    if (hasUnnamed(answer)) this.#context.outdated();
  }

  /** Take over what the kernel has saved, if this answer says so. */
  take(answer: Answer): void {
    if (!("of" in answer) || answer.of !== "label") return;
    // More have changed than are named: what was known of the others is old.
    if (hasUnnamed(answer))
      for (const id of [...this.#said.keys()]) if (!this.#open.has(id)) this.#said.delete(id);
    for (const [id, said] of Object.entries(answer.said)) if (!this.#open.has(id)) this.#said.set(id, said);
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

/** True if more labels have changed than an answer names. */
function hasUnnamed(answer: Answer): boolean {
  return "of" in answer && answer.of === "label" && answer.n_changed > Object.keys(answer.labels).length;
}
