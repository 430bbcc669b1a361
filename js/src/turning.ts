import type { Model } from "./model";
import { isWhole, keyOf, merged, type Page, PageMemory } from "./pages";
import type { PageAnswer, State, Target } from "./protocol";
import { Disconnected, type Reply, RequestFailed, type Wire } from "./wire";

/** A page on its way. */
interface Flight {
  target: Target;
  /** For the eye, not only read ahead. */
  shows: boolean;
  /** A wish of this view, which the kernel is to take over; else the view follows the kernel. */
  mine: boolean;
  controller: AbortController;
}

type Wish = Pick<Flight, "target" | "mine">;

/** What turning pages needs of its surroundings. */
export interface Surroundings {
  model: Model;
  wire: Wire;
  signal: AbortSignal;
  /** False when nobody will answer. */
  connected(): boolean;
  /** Something to draw anew: the picture, or only the controls. */
  changed(what: "page" | "controls"): void;
  failed(error: unknown): void;
}

const KEPT_AFTER_MS = 120;

/** Which page is wanted, which is seen, and which is on its way: one at a time, the newest wish wins. */
export class Turner {
  /** The page the controls speak of; the picture follows. */
  wanted: Target;
  page: Page | null = null;
  readonly #around: Surroundings;
  readonly #memory = new PageMemory();
  #flight: Flight | null = null;
  #next: Wish | null = null;
  #keptTimer: ReturnType<typeof setTimeout> | undefined;
  #keptOpen = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.wanted = this.#ofModel();
    around.signal.addEventListener("abort", () => this.#forgetKept(), { once: true });
  }

  get nRows(): number {
    return this.page !== null && keyOf(this.page.target) === keyOf(this.wanted)
      ? this.page.nRows
      : this.#around.model.get("n_rows");
  }

  get nPages(): number {
    return Math.max(1, Math.ceil(this.nRows / this.wanted.page_size));
  }

  get busy(): boolean {
    return this.#flight?.shows === true || this.#next !== null;
  }

  /** True when the picture is the page the controls speak of, complete. */
  get settled(): boolean {
    return !this.busy && this.page !== null && keyOf(this.page.target) === keyOf(this.wanted);
  }

  /** Go to a page, or change what pages are made of. The newest wish wins. */
  turn(change: Partial<Target>): void {
    const target = { ...this.wanted, ...change };
    const last = Math.max(0, this.nPages - 1);
    const onlyPage = keyOf({ ...target, page: 0 }) === keyOf({ ...this.wanted, page: 0 });
    if (onlyPage) target.page = Math.min(Math.max(0, target.page), last);
    if (keyOf(target) === keyOf(this.wanted) && this.settled) return;
    this.#want({ target, mine: true });
  }

  #want(wish: Wish): void {
    const { target, mine } = wish;
    const kept = this.#memory.get(target);
    if (kept === undefined && !this.#around.connected()) {
      this.#around.changed("controls"); // they show again what is seen
      return;
    }
    this.wanted = target;
    if (kept !== undefined) {
      this.#next = null;
      this.#leave();
      this.page = kept;
      this.#around.changed("page");
      if (mine) this.#noteKept();
      this.#ahead();
      return;
    }
    this.#next = wish;
    const flight = this.#flight;
    if (flight !== null && !flight.controller.signal.aborted && keyOf(flight.target) === keyOf(target)) {
      flight.shows = true; // it was read ahead: wait for it
      flight.mine ||= mine;
      this.#next = null;
      this.#around.changed("controls");
      return;
    }
    this.#leave();
    this.#around.changed("controls");
    this.#depart();
  }

  /** Ask for the first page, unless a saved one is there and complete. */
  begin(): void {
    if (this.page === null || !isWhole(this.page)) this.#want({ target: this.wanted, mine: false });
  }

  /** What was wished for is not to be had: the picture stays, and the controls are true to it. */
  stay(): void {
    this.#next = null;
    this.wanted = this.page?.target ?? this.#ofModel();
  }

  /** Python moved something; while a wish of ours is on its way, that one is newer. */
  follow(): void {
    if (!this.#around.connected()) return; // what is seen stays
    const flying = this.#flight?.shows === true && this.#flight.mine;
    if (flying || this.#next?.mine === true || this.#keptOpen > 0 || this.#keptTimer !== undefined) return;
    const target = this.#ofModel();
    if (keyOf(target) !== keyOf(this.wanted)) this.#want({ target, mine: false });
  }

  useSnapshot(): void {
    const answer = this.#around.model.get("snapshot");
    if (answer === null || answer === undefined) return;
    const page = merged(null, answer, asView(this.#around.model.get("snapshot_pixels")));
    const isWanted = keyOf(page.target) === keyOf(this.wanted);
    if (isWhole(page)) this.#memory.put(page);
    if (this.page === null || (isWanted && !this.settled)) {
      this.page = page;
      if (!isWanted && !this.#around.connected()) this.wanted = page.target;
      this.#around.changed("page");
    }
  }

  /** Cancel what is on its way; its answer makes room for the next. */
  #leave(): void {
    this.#flight?.controller.abort();
  }

  #depart(): void {
    const wish = this.#next;
    if (wish === null || this.#flight !== null) return;
    this.#next = null;
    this.#forgetKept();
    void this.#fetch({ ...wish, shows: true, controller: new AbortController() });
  }

  async #fetch(flight: Flight): Promise<void> {
    this.#flight = flight;
    let page: Page | null = null;
    const adopted = flight.mine && flight.shows;
    const land = (reply: Reply): PageAnswer | null => {
      const { answer, bytes } = reply;
      if (!("of" in answer) || answer.of !== "page") return null;
      page = merged(page, answer, bytes);
      if (flight.shows && !flight.controller.signal.aborted && page.shots.length > 0) {
        this.page = page;
        this.#around.changed("page");
      }
      return answer;
    };
    try {
      const reply = await this.#around.wire.ask(
        { kind: "page", target: flight.target, purpose: adopted ? "show" : "ahead" },
        { onPart: land, signal: flight.controller.signal },
      );
      this.#flight = null;
      const wasAsked = keyOf(flight.target) === keyOf(this.wanted);
      const answer = land(reply);
      if (answer !== null && page !== null) this.#landed(page, answer, flight, wasAsked, adopted);
    } catch (error) {
      this.#flight = null;
      const left = flight.controller.signal.aborted || (error instanceof RequestFailed && error.cancelled);
      if (flight.shows && !left) this.#around.failed(error);
      else if (error instanceof Disconnected) this.#around.failed(error);
      // Cancelled, but not by us: the kernel was asked for something else in between.
      if (flight.shows && left && !flight.controller.signal.aborted) this.#next ??= flight;
    }
    if (this.#next !== null) this.#depart();
    else if (!this.#around.signal.aborted) this.#around.changed("controls");
  }

  #landed(page: Page, answer: PageAnswer, flight: Flight, wasAsked: boolean, adopted: boolean): void {
    if (isWhole(page) && page.shots.length >= answer.n_tiles) this.#memory.put(page);
    if (!flight.shows || flight.controller.signal.aborted) return;
    if (wasAsked && this.#next === null) {
      this.wanted = answer.target; // the kernel may have moved the page within bounds
      this.page = page;
      this.#around.changed("page");
      if (flight.mine && !adopted) this.#noteKept();
      this.follow();
      if (this.#flight === null && this.#next === null) this.#ahead();
    }
  }

  /** Read the next page before it is wanted. */
  #ahead(): void {
    if (this.#flight !== null || !this.#around.connected() || this.page === null) return;
    const target = { ...this.wanted, page: this.wanted.page + 1 };
    if (target.page >= this.nPages || this.#memory.get(target) !== undefined) return;
    void this.#fetch({ target, shows: false, mine: false, controller: new AbortController() });
  }

  /** The view shows a page it had kept: tell the kernel once the user rests on it. */
  #noteKept(): void {
    this.#forgetKept();
    if (!this.#around.connected()) return;
    if (keyOf(this.#ofModel()) === keyOf(this.wanted) && this.#keptOpen === 0) return;
    this.#keptTimer = setTimeout(() => {
      this.#keptTimer = undefined;
      this.#keptOpen++;
      this.#around.wire
        .ask({ kind: "page", target: this.wanted, purpose: "kept" })
        .catch((error: unknown) => {
          if (error instanceof Disconnected) this.#around.failed(error);
        })
        .finally(() => {
          this.#keptOpen--;
          this.follow();
          this.#ahead();
        });
    }, KEPT_AFTER_MS);
  }

  #forgetKept(): void {
    clearTimeout(this.#keptTimer);
    this.#keptTimer = undefined;
  }

  #ofModel(): Target {
    const get = <K extends keyof State>(key: K): State[K] => this.#around.model.get(key);
    return {
      page: get("page"),
      page_size: get("page_size"),
      sort: get("sort"),
      where: get("where"),
      look: get("look"),
    };
  }
}

function asView(value: unknown): DataView {
  return value instanceof DataView ? value : new DataView(new ArrayBuffer(0));
}
