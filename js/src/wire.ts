import { listen, type Model } from "./model";
import { type Answer, type Envelope, type Failed, type Field, type Request, VERSION } from "./protocol";

/** An answer with the bytes its offsets point into. */
export interface Reply<A extends Answer = Answer> {
  answer: A;
  bytes: DataView;
}

/** The kernel said why there is no answer. */
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

/** There is no kernel at the other end. */
export class Disconnected extends Error {
  constructor() {
    super("there is no kernel at the other end");
    this.name = "Disconnected";
  }
}

interface Open {
  body: Request & Envelope;
  onPart: (reply: Reply) => void;
  resolve: (reply: Reply) => void;
  reject: (reason: Error) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  wait: number;
  cancelled: boolean;
}

export interface Patience {
  /** A request without any answer is sent again after this, then after twice as long, and so on. */
  firstMs: number;
  longestMs: number;
  /** Without any answer for this long, the kernel counts as silent. */
  silentMs: number;
}

const PATIENCE: Patience = { firstMs: 400, longestMs: 5000, silentMs: 4000 };
const EMPTY = new DataView(new ArrayBuffer(0));

/** Requests out, answers in: numbered, repeated when lost, matched to who asked. */
export class Wire {
  /** Tells our answers from those to other browsers that show the same grid. */
  readonly client: string;
  readonly #model: Model;
  readonly #patience: Patience;
  readonly #open = new Map<number, Open>();
  readonly #unasked: (reply: Reply) => void;
  readonly #silence: (silent: boolean) => void;
  #next = 1;
  #silentTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    model: Model,
    signal: AbortSignal,
    hooks: { unasked: (reply: Reply) => void; silence: (silent: boolean) => void },
    patience: Patience = PATIENCE,
  ) {
    this.client = `c${Math.random().toString(36).slice(2, 12)}`;
    this.#model = model;
    this.#patience = patience;
    this.#unasked = hooks.unasked;
    this.#silence = hooks.silence;
    listen(
      model,
      "msg:custom",
      (content: unknown, buffers: unknown) => this.#receive(content, buffers),
      signal,
    );
    signal.addEventListener("abort", () => this.disconnect(), { once: true });
  }

  /** Ask; the promise ends with `done`, or fails with what went wrong. An aborted signal cancels in the kernel. */
  ask(
    body: Request,
    options: { onPart?: (reply: Reply) => void; signal?: AbortSignal } = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const number = this.#next++;
      const open: Open = {
        body: { ...body, version: VERSION, client: this.client, request: number },
        onPart: options.onPart ?? (() => {}),
        resolve,
        reject,
        timer: undefined,
        wait: this.#patience.firstMs,
        cancelled: false,
      };
      this.#open.set(number, open);
      options.signal?.addEventListener("abort", () => this.#cancel(open), { once: true });
      this.#send(open);
      if (options.signal?.aborted) this.#cancel(open);
    });
  }

  /** Give up on everything that is open. */
  disconnect(): void {
    for (const open of [...this.#open.values()]) this.#close(open).reject(new Disconnected());
  }

  #send(open: Open): void {
    try {
      this.#model.send(open.body);
    } catch {
      // After a restart of the kernel the comm is gone, and ipywidgets throws.
      this.#close(open).reject(new Disconnected());
      return;
    }
    if (!this.#open.has(open.body.request)) return; // answered on the spot
    this.#silentTimer ??= setTimeout(() => this.#silence(true), this.#patience.silentMs);
    open.timer = setTimeout(() => this.#send(open), open.wait);
    open.wait = Math.min(open.wait * 2, this.#patience.longestMs);
  }

  #cancel(open: Open): void {
    if (open.cancelled || !this.#open.has(open.body.request)) return;
    open.cancelled = true;
    const cancel: Request & Envelope = {
      kind: "cancel",
      cancels: open.body.request,
      version: VERSION,
      client: this.client,
      request: this.#next++,
    };
    try {
      this.#model.send(cancel);
    } catch {
      this.#close(open).reject(new Disconnected());
    }
  }

  #close(open: Open): Open {
    clearTimeout(open.timer);
    this.#open.delete(open.body.request);
    if (this.#open.size === 0) {
      clearTimeout(this.#silentTimer);
      this.#silentTimer = undefined;
    }
    return open;
  }

  #receive(content: unknown, buffers: unknown): void {
    if (!isAnswer(content)) return;
    const first: unknown = Array.isArray(buffers) ? buffers[0] : undefined;
    const reply: Reply = { answer: content, bytes: asView(first) };
    if (content.client === "") {
      this.#unasked(reply); // the kernel tells all views something on its own account
      return;
    }
    const open = content.client === this.client ? this.#open.get(content.request) : undefined;
    if (open === undefined) return; // somebody else's, or stale
    this.#silence(false);
    clearTimeout(this.#silentTimer);
    this.#silentTimer = undefined;
    if (content.kind === "part") {
      // Alive and at work: only a lost last piece is a reason to ask again.
      clearTimeout(open.timer);
      open.wait = this.#patience.longestMs;
      open.timer = setTimeout(() => this.#send(open), open.wait);
      if (!open.cancelled) open.onPart(reply);
    } else if (content.kind === "failed") {
      this.#close(open).reject(new RequestFailed(content));
    } else {
      this.#close(open).resolve(reply);
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
    (kind === "part" || kind === "done" || kind === "failed")
  );
}

function asView(buffer: unknown): DataView {
  if (buffer instanceof DataView) return buffer;
  if (buffer instanceof ArrayBuffer) return new DataView(buffer);
  if (ArrayBuffer.isView(buffer)) return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return EMPTY;
}
