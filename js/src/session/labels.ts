import type { Answer, LabelAnswer, LabellingRequest, Said } from "../protocol";
import type { Wire } from "./wire";

/** What labels need from the session. */
export interface LabelContext {
  wire: Wire;
  changed(): void;
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

  /** What is said about a source; undefined if that did not change. */
  get(id: string): Said | undefined {
    return this.#said.get(id);
  }

  /** Give sources a label, or none. `before` holds what was said about them. */
  async give(before: ReadonlyMap<string, Said>, label: string | null): Promise<void> {
    const ids = [...before.keys()];
    this.last = label;
    for (const [id, said] of before) {
      this.#said.set(id, { ...said, label });
      this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
    }
    this.#context.changed();
    const answer = await this.#ask({ kind: "label", ids, label });
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

  /** Take over what the kernel has saved, if this answer says so. */
  take(answer: Answer): void {
    if (!("of" in answer) || answer.of !== "label") return;
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
