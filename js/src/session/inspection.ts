import type { InspectAnswer, InspectRequest } from "../protocol";
import { Disconnected, type Wire } from "./wire";

/** The inspected source, with the data received so far. */
export interface Inspected {
  id: string;
  answer: InspectAnswer | null;
  bytes: DataView;
  /** Why there is no answer; empty while waiting for it. */
  reason: string;
}

/** What the inspection needs from the session. */
export interface InspectionContext {
  wire: Wire;
  changed(): void;
  /** Called when there is no kernel any more. */
  disconnected(): void;
}

/** Requests everything about one source at a time; the latest choice replaces earlier ones. */
export class Inspection {
  /** Null while no source is inspected. */
  inspected: Inspected | null = null;
  readonly #context: InspectionContext;
  #request: { key: string; controller: AbortController } | null = null;

  constructor(context: InspectionContext) {
    this.#context = context;
  }

  /** Request a source in a look and a size, unless that is already done; null ends the inspection. */
  choose(id: string | null, look: string, size: number | null): void {
    if (id === null) {
      this.#request?.controller.abort();
      this.#request = null;
      if (this.inspected === null) return;
      this.inspected = null;
      this.#context.changed();
      return;
    }
    const key = `${id} ${look} ${size}`;
    if (this.#request?.key === key) return;
    this.#request?.controller.abort();
    const controller = new AbortController();
    this.#request = { key, controller };
    if (this.inspected?.id !== id) this.inspected = without(id, "");
    this.#context.changed();
    void this.#ask({ kind: "inspect", id, look, size }, controller.signal);
  }

  async #ask(request: InspectRequest, signal: AbortSignal): Promise<void> {
    const { id } = request;
    try {
      const { answer, bytes } = await this.#context.wire.ask(request, { signal });
      if (signal.aborted || !("of" in answer) || answer.of !== "inspect") return;
      this.inspected = { id, answer, bytes, reason: "" };
    } catch (error) {
      if (signal.aborted) return;
      this.#request = null; // a click tries again
      if (error instanceof Disconnected) this.#context.disconnected();
      this.inspected = without(id, error instanceof Error ? error.message : String(error));
    }
    this.#context.changed();
  }
}

function without(id: string, reason: string): Inspected {
  return { id, answer: null, bytes: new DataView(new ArrayBuffer(0)), reason };
}
