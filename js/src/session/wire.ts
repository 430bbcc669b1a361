import { type Answer, type Envelope, type Failed, type Field, type Request, VERSION } from "../protocol";
import { listen, type Model } from "./model";

/** An answer with the bytes that its offsets refer to. */
export interface Reply<A extends Answer = Answer> {
  answer: A;
  bytes: DataView;
}

/** The kernel refused a request, with the reason. */
export class RequestFailed extends Error {
  readonly field: Field | null;
  readonly cancelled: boolean;
  constructor(answer: Failed) {
    super(answer.reason);
    this.name = "RequestFailed";
    this.field = answer.field;
    this.cancelled = answer.cancelled;
  }
}

/** There is no kernel. */
export class Disconnected extends Error {
  constructor() {
    super("there is no kernel");
    this.name = "Disconnected";
  }
}

/** The request is replaced by the next one of its kind, which the kernel detects without a message. */
export class Replaced extends Error {
  constructor() {
    super("a newer request replaces this one");
    this.name = "Replaced";
  }
}

interface PendingRequest {
  body: Request & Envelope;
  onPart: (reply: Reply) => void;
  resolve: (reply: Reply) => void;
  reject: (reason: Error) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  wait: number;
  cancelled: boolean;
}

export interface RetryTiming {
  /** An unanswered request is sent again after this time, then after twice the time, and so on. */
  firstMs: number;
  longestMs: number;
  /** After this time without any answer, the kernel counts as not responding: it answers repeated requests at once. */
  silentMs: number;
}

const RETRY_TIMING: RetryTiming = { firstMs: 400, longestMs: 5000, silentMs: 1000 };
const EMPTY = new DataView(new ArrayBuffer(0));

/** Sends requests and receives answers: numbers requests, resends lost ones, matches answers to them. */
export class Wire {
  /** Distinguishes our answers from those for other browsers that show the same grid. */
  readonly client: string;
  readonly #model: Model;
  readonly #timing: RetryTiming;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #onBroadcast: (reply: Reply) => void;
  readonly #onSilence: (silent: boolean) => void;
  #next = 1;
  #silentTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    model: Model,
    signal: AbortSignal,
    hooks: { onBroadcast: (reply: Reply) => void; onSilence: (silent: boolean) => void },
    timing: RetryTiming = RETRY_TIMING,
  ) {
    this.client = `c${Math.random().toString(36).slice(2, 12)}`;
    this.#model = model;
    this.#timing = timing;
    this.#onBroadcast = hooks.onBroadcast;
    this.#onSilence = hooks.onSilence;
    listen(
      model,
      "msg:custom",
      (content: unknown, buffers: unknown) => this.#receive(content, buffers),
      signal,
    );
    signal.addEventListener("abort", () => this.disconnect(), { once: true });
  }

  /**
   * Send a request; the promise resolves with `done` or rejects with the error. Aborting the signal cancels it in
   * the kernel; with `Replaced` as the reason it is only forgotten here.
   */
  ask(
    body: Request,
    options: { onPart?: (reply: Reply) => void; signal?: AbortSignal } = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const number = this.#next++;
      const pending: PendingRequest = {
        body: { ...body, version: VERSION, client: this.client, request: number },
        onPart: options.onPart ?? (() => {}),
        resolve,
        reject,
        timer: undefined,
        wait: this.#timing.firstMs,
        cancelled: false,
      };
      this.#pending.set(number, pending);
      const { signal } = options;
      signal?.addEventListener("abort", () => this.#cancel(pending, signal.reason), { once: true });
      this.#send(pending);
      if (signal?.aborted) this.#cancel(pending, signal.reason);
    });
  }

  /** Send a message that needs no answer. */
  notify(body: Request): void {
    try {
      this.#model.send({ ...body, version: VERSION, client: this.client, request: this.#next++ });
    } catch {
      // Without a kernel nothing is sent.
    }
  }

  /** Reject all pending requests. */
  disconnect(): void {
    for (const pending of [...this.#pending.values()]) this.#close(pending).reject(new Disconnected());
  }

  #send(pending: PendingRequest): void {
    try {
      this.#model.send(pending.cancelled ? this.#cancelOf(pending) : pending.body);
    } catch {
      // After a restart of the kernel the comm is gone, and ipywidgets throws.
      this.#close(pending).reject(new Disconnected());
      return;
    }
    if (!this.#pending.has(pending.body.request)) return; // answered synchronously
    this.#silentTimer ??= setTimeout(() => this.#onSilence(true), this.#timing.silentMs);
    pending.timer = setTimeout(() => this.#send(pending), pending.wait);
    pending.wait = Math.min(pending.wait * 2, this.#timing.longestMs);
  }

  #cancel(pending: PendingRequest, reason: unknown): void {
    if (pending.cancelled || !this.#pending.has(pending.body.request)) return;
    pending.cancelled = true;
    if (reason instanceof Replaced) {
      this.#close(pending).reject(reason);
      return;
    }
    clearTimeout(pending.timer);
    pending.wait = this.#timing.firstMs;
    this.#send(pending);
  }

  #cancelOf(pending: PendingRequest): Request & Envelope {
    return {
      kind: "cancel",
      cancels: pending.body.request,
      version: VERSION,
      client: this.client,
      request: this.#next++,
    };
  }

  #close(pending: PendingRequest): PendingRequest {
    clearTimeout(pending.timer);
    this.#pending.delete(pending.body.request);
    if (this.#pending.size === 0) {
      clearTimeout(this.#silentTimer);
      this.#silentTimer = undefined;
    }
    return pending;
  }

  #receive(content: unknown, buffers: unknown): void {
    if (!isAnswer(content)) return;
    const first: unknown = Array.isArray(buffers) ? buffers[0] : undefined;
    const reply: Reply = { answer: content, bytes: asView(first) };
    if (content.client === "") {
      this.#onBroadcast(reply); // a message from the kernel to all views
      return;
    }
    const pending = content.client === this.client ? this.#pending.get(content.request) : undefined;
    if (pending === undefined) return; // another client's, or outdated
    this.#onSilence(false);
    clearTimeout(this.#silentTimer);
    this.#silentTimer = undefined;
    if (content.kind === "working") return;
    if (content.kind === "part") {
      // The kernel is working: only a lost final message is a reason to ask again.
      clearTimeout(pending.timer);
      pending.wait = this.#timing.longestMs;
      pending.timer = setTimeout(() => this.#send(pending), pending.wait);
      if (!pending.cancelled) pending.onPart(reply);
    } else if (content.kind === "failed") {
      this.#close(pending).reject(new RequestFailed(content));
    } else {
      this.#close(pending).resolve(reply);
    }
  }
}

function isAnswer(content: unknown): content is Answer & Envelope {
  if (typeof content !== "object" || content === null) return false;
  const { version, client, request, kind } = content as Partial<Record<string, unknown>>;
  return (
    version === VERSION &&
    typeof client === "string" &&
    typeof request === "number" &&
    (kind === "part" || kind === "working" || kind === "done" || kind === "failed")
  );
}

function asView(buffer: unknown): DataView {
  if (buffer instanceof DataView) return buffer;
  if (buffer instanceof ArrayBuffer) return new DataView(buffer);
  if (ArrayBuffer.isView(buffer)) return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return EMPTY;
}
