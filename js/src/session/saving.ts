import type { Answer, SaveAnswer, Selected } from "../protocol";
import { Disconnected, RequestFailed, type Wire } from "./wire";

/** What saving needs from the session. */
export interface SavingContext {
  wire: Wire;
  changed(): void;
  disconnected(): void;
}

/** The progress of saving. */
export interface Progress {
  folder: string;
  nDone: number;
  nAll: number;
}

/** Saves cutouts of sources to a folder on the kernel's machine, one run at a time. */
export class Saving {
  /** Null while not saving. */
  progress: Progress | null = null;
  /** The result of the last run; null before the first, and after it was dismissed. */
  ending: { kind: "done" | "refused"; text: string } | null = null;
  readonly #context: SavingContext;
  #controller: AbortController | null = null;

  constructor(context: SavingContext) {
    this.#context = context;
  }

  async start(selected: Selected, count: number, folder: string): Promise<void> {
    if (this.progress !== null) return;
    const controller = new AbortController();
    this.#controller = controller;
    this.progress = { folder, nDone: 0, nAll: count };
    this.ending = null;
    this.#context.changed();
    try {
      const { answer } = await this.#context.wire.ask(
        { kind: "save", folder, selected },
        { onPart: ({ answer }) => this.#take(answer), signal: controller.signal },
      );
      if (isSave(answer))
        this.ending = { kind: answer.failed > 0 ? "refused" : "done", text: textOf(answer) };
    } catch (error) {
      this.ending = { kind: "refused", text: this.#whyNot(error) };
      if (error instanceof Disconnected) this.#context.disconnected();
    }
    this.progress = null;
    this.#controller = null;
    this.#context.changed();
  }

  /** Stop; files already written stay. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** Dismiss the line about the last run. */
  dismiss(): void {
    this.ending = null;
    this.#context.changed();
  }

  #take(answer: Answer): void {
    if (!isSave(answer)) return;
    this.progress = { folder: answer.folder, nDone: answer.n_done, nAll: answer.n_all };
    this.#context.changed();
  }

  #whyNot(error: unknown): string {
    if (error instanceof RequestFailed && error.cancelled && this.progress !== null) {
      const { nDone, nAll, folder } = this.progress;
      return `stopped after ${counted(nDone)} of ${counted(nAll)}; the files written are in ${folder}`;
    }
    return `not saved: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isSave(answer: Answer): answer is SaveAnswer {
  return "of" in answer && answer.of === "save";
}

function textOf({ folder, n_all, present, failed, problem }: SaveAnswer): string {
  const there = present === 0 ? "" : `, ${counted(present)} of them already there`;
  const saved = `saved ${counted(n_all - failed)} of ${counted(n_all)} sources to ${folder}${there}`;
  return failed === 0 ? saved : `${saved}; ${counted(failed)} failed, the first is ${problem}`;
}

function counted(n: number): string {
  return n.toLocaleString("en");
}
