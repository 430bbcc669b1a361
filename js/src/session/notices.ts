import { copyText } from "../dom";

/** A message about what was just done, or why it was not. */
export interface Notice {
  kind: "done" | "refused";
  text: string;
  /** Counts notices, to distinguish repeated messages. */
  number: number;
}

/** The newest notice of a grid. */
export class Notices {
  newest: Notice | null = null;
  #count = 0;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  say(kind: Notice["kind"], text: string): void {
    this.#count += 1;
    this.newest = { kind, text, number: this.#count };
    this.#changed();
  }

  /** Remove an outdated notice, unless a newer one has replaced it. */
  withdraw(number: number): void {
    if (this.newest?.number !== number) return;
    this.newest = null;
    this.#changed();
  }

  /** Copy a text, and show a message. */
  async copy(text: string, what = text): Promise<void> {
    const copied = await copyText(text, what);
    this.say(copied.kind, copied.text);
  }
}
