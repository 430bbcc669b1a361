import type { Answer } from "../protocol";
import type { Wire } from "./wire";

/** What labels need from the session. */
export interface LabelContext {
  wire: Wire;
  changed(): void;
  failed(error: unknown): void;
}

/** Labels that changed since the page was loaded: shown at once, confirmed when saved, reverted if saving fails. */
export class Labels {
  readonly #changed = new Map<string, string | null>();
  readonly #context: LabelContext;

  constructor(context: LabelContext) {
    this.#context = context;
  }

  /** The label of a source, null if it was taken away; undefined if it did not change. */
  get(id: string): string | null | undefined {
    return this.#changed.get(id);
  }

  /** Give sources a label, or none. `before` holds what they had. */
  give(before: ReadonlyMap<string, string | null>, label: string | null): void {
    const ids = [...before.keys()];
    for (const id of ids) this.#changed.set(id, label);
    this.#context.changed();
    this.#context.wire.ask({ kind: "label", ids, label }).then(
      ({ answer }) => this.take(answer),
      (error: unknown) => {
        for (const [id, old] of before) this.#changed.set(id, old);
        this.#context.changed();
        this.#context.failed(error);
      },
    );
  }

  undo(): void {
    this.#context.wire.ask({ kind: "undo" }).then(
      ({ answer }) => this.take(answer),
      (error: unknown) => this.#context.failed(error),
    );
  }

  /** Take over what the kernel has saved, if this answer says so. */
  take(answer: Answer): void {
    if (!("of" in answer) || answer.of !== "label") return;
    for (const [id, label] of Object.entries(answer.labels)) this.#changed.set(id, label);
    this.#context.changed();
  }
}
