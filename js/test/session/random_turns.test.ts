import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Target } from "../../src/protocol";
import { Session } from "../../src/session";
import { Kernel, page, type Sent, settle, target } from "../kernel";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type PageRequest = Extract<Sent, { kind: "page" }>;
/** Sequences of keys that are tried. */
const SEEDS = 300;

interface Job {
  request: PageRequest;
  cancelled: boolean;
}

/** Numbers between 0 and 1 that repeat for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Answers pages as `Service` does: a page cancels older ones and is refused after a newer one, up to three threads read, a cancelled read goes on
 * until the store answers, and messages both ways take time but keep their order. While it is shut, no read ends.
 */
class SlowKernel {
  readonly kernel = new Kernel({ n_rows: 400, n_total: 400 });
  #shut = false;
  readonly #next: () => number;
  readonly #open = new Map<number, Job>();
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Job>();
  #oldestWanted = 0;
  #chosen = 0;
  #toKernel = 0;
  #toView = 0;
  #held: (() => void)[] = [];

  constructor(next: () => number) {
    this.#next = next;
    this.kernel.prompt = false;
    const { model } = this.kernel;
    const note = model.send.bind(model);
    model.send = (content) => {
      note(content);
      this.#toKernel = this.#inOrder(this.#toKernel, () => this.#receive(content as Sent));
    };
  }

  set shut(shut: boolean) {
    this.#shut = shut;
    if (!shut) for (const end of this.#held.splice(0)) end();
  }

  #inOrder(after: number, act: () => void): number {
    const at = Math.max(after, performance.now() + this.#next() * 60);
    setTimeout(act, at - performance.now());
    return at;
  }

  #tell(act: () => void): void {
    this.#toView = this.#inOrder(this.#toView, act);
  }

  #receive(request: Sent): void {
    if (request.kind === "cancel") {
      this.#oldestWanted = Math.max(this.#oldestWanted, request.cancels + 1);
      this.#cancel(
        this.#open.get(request.cancels) ?? {
          request: { ...request, request: request.cancels },
          cancelled: true,
        },
      );
    } else if (request.kind !== "page") this.#tell(() => this.kernel.answer(request));
    else if (!this.#open.has(request.request)) {
      const job = { request, cancelled: false };
      this.#open.set(request.request, job);
      if (request.request < this.#oldestWanted) {
        this.#cancel(job);
        return;
      }
      if (request.purpose !== "kept") {
        for (const other of [...this.#open.values()])
          if (other.request.request < request.request) this.#cancel(other);
        this.#oldestWanted = request.request;
      }
      this.#waiting.push(job);
      this.#work();
    }
  }

  #cancel(job: Pick<Job, "cancelled"> & { request: Sent }): void {
    job.cancelled = true;
    this.#open.delete(job.request.request);
    const answer = { kind: "failed", reason: "no longer wanted", field: null, cancelled: true } as const;
    this.#tell(() => this.kernel.reply(job.request, answer));
  }

  #work(): void {
    while (
      this.#waiting.length > 0 &&
      this.#running.size < 3 &&
      [...this.#running].every((job) => job.cancelled)
    ) {
      const job = this.#waiting.shift();
      if (job !== undefined && !job.cancelled) this.#read(job);
    }
  }

  /** The first part of a page that takes long: its sources, still waiting. */
  #part({ request }: Job): void {
    const [answer, bytes] = page(request.target, 400, "part");
    const tiles = answer.tiles.map((one) => ({ ...one, waiting: true }));
    this.#tell(() => this.kernel.reply(request, { ...answer, tiles }, bytes));
  }

  #read(job: Job): void {
    const { request } = job;
    if (request.purpose !== "ahead" && request.request >= this.#chosen) {
      this.#chosen = request.request;
      this.#tell(() => this.kernel.set(request.target));
    }
    if (request.purpose === "kept") {
      this.#open.delete(request.request);
      this.#tell(() => this.kernel.reply(request, { kind: "done", of: "kept" }));
      return;
    }
    this.#running.add(job);
    const end = (): void => {
      if (this.#shut) {
        this.#held.push(end);
        return;
      }
      this.#running.delete(job);
      if (!job.cancelled) {
        this.#open.delete(request.request);
        this.#tell(() => this.kernel.reply(request, ...page(request.target, 400)));
      }
      this.#work();
    };
    setTimeout(() => {
      if (!job.cancelled && this.#running.has(job)) this.#part(job);
    }, 100);
    setTimeout(end, this.#next() ** 4 * 800);
  }
}

test("whatever is pressed while pages arrive or hang, the view ends on the page pressed last, as does the kernel", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const next = random(seed);
    const slow = new SlowKernel(next);
    const end = new AbortController();
    const session = new Session(slow.kernel.model, end.signal);
    await settle();
    await vi.advanceTimersByTimeAsync(next() * 1500);
    const steps: string[] = [];
    let last: Target = session.wanted;
    for (let step = 0; step < 12; step++) {
      if (next() < 0.3) {
        const shut = next() < 0.5;
        slow.shut = shut;
        steps.push(shut ? "shut" : "open");
      }
      const by = next() < 0.7 ? 1 : next() < 0.6 ? -1 : 7;
      session.setTarget(next() < 0.1 ? { sort: "snr", page: 0 } : { page: session.wanted.page + by });
      last = session.wanted;
      const wait = next() ** 3 * 900;
      steps.push(`${last.page}, ${wait.toFixed(0)} ms`);
      await vi.advanceTimersByTimeAsync(wait);
    }
    slow.shut = false;
    await vi.advanceTimersByTimeAsync(60_000);
    const told = `seed ${seed}: ${steps.join("; ")}`;
    expect(session.page?.target, told).toEqual(last);
    expect(session.settled, told).toBe(true);
    expect(
      target({ page: slow.kernel.model.get("page"), sort: slow.kernel.model.get("sort") }),
      told,
    ).toEqual(last);
    end.abort();
  }
});
