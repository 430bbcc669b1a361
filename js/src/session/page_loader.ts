import type { PageAnswer, State, Target } from "../protocol";
import type { Model } from "./model";
import { isComplete, keyOf, merged, type Page, PageCache } from "./pages";
import { ReadAhead } from "./read_ahead";
import { Disconnected, Replaced, type Reply, RequestFailed, type Wire } from "./wire";

/** A page that is being loaded. */
interface PageLoad {
  target: Target;
  /** To be shown, not just read ahead. */
  shows: boolean;
  /** Chosen in this view, so that the kernel adopts it; otherwise the view follows the kernel. */
  chosenHere: boolean;
  /** The kernel adopts it when it reads it. */
  adopted: boolean;
  controller: AbortController;
  /** Time of the request. */
  since: number;
  /** The kernel has sent a first part, as it does if the rest takes long. */
  slow: boolean;
  /** Whether it includes masks. */
  masks: boolean;
}

type PageChoice = Pick<PageLoad, "target" | "chosenHere">;

/** What the loader needs from the session. */
export interface LoaderContext {
  model: Model;
  wire: Wire;
  signal: AbortSignal;
  /** False if there is no kernel. */
  connected(): boolean;
  /** Whether pages should include masks. */
  masks(): boolean;
  /** The tiles, or only the controls, must be redrawn. */
  changed(what: "page" | "controls"): void;
  failed(error: unknown): void;
}

const KEPT_AFTER_MS = 120;

/** A page requested longer ago than this does not delay another one. */
const WAITED_FOR_MS = 500;

/**
 * Loads pages, keeping track of the wanted, the displayed and the loading one. One is loaded at a time, and the latest
 * choice replaces earlier ones: it is requested when the previous page has arrived, or is slow. The kernel cancels a page when another is requested.
 */
export class PageLoader {
  /** The page that the controls show; the tiles follow when it is loaded. */
  wanted: Target;
  page: Page | null = null;
  readonly #context: LoaderContext;
  readonly #cache = new PageCache();
  readonly #ahead = new ReadAhead();
  #load: PageLoad | null = null;
  #next: PageChoice | null = null;
  #nextTimer: ReturnType<typeof setTimeout> | undefined;
  #keptTimer: ReturnType<typeof setTimeout> | undefined;
  #keptOpen = 0;

  constructor(context: LoaderContext) {
    this.#context = context;
    this.wanted = this.#modelTarget();
    context.signal.addEventListener("abort", () => this.#stopTimers(), { once: true });
  }

  get nRows(): number {
    return this.page !== null && keyOf(this.page.target) === keyOf(this.wanted)
      ? this.page.nRows
      : this.#context.model.get("n_rows");
  }

  get nPages(): number {
    return Math.max(1, Math.ceil(this.nRows / this.wanted.page_size));
  }

  get busy(): boolean {
    return this.#load?.shows === true || this.#next !== null;
  }

  /** True if the wanted page is completely displayed. */
  get settled(): boolean {
    return !this.busy && this.page !== null && keyOf(this.page.target) === keyOf(this.wanted);
  }

  /** True while the displayed page has other sources than the wanted one. */
  get pending(): boolean {
    const { look } = this.wanted;
    return this.page === null || keyOf({ ...this.page.target, look }) !== keyOf(this.wanted);
  }

  /** Go to a page, or change sort, filter, look or page size. The latest choice replaces earlier ones. */
  setTarget(change: Partial<Target>): void {
    const target = { ...this.wanted, ...change };
    const last = Math.max(0, this.nPages - 1);
    const onlyPage = keyOf({ ...target, page: 0 }) === keyOf({ ...this.wanted, page: 0 });
    if (onlyPage) target.page = Math.min(Math.max(0, target.page), last);
    if (keyOf(target) === keyOf(this.wanted) && this.settled) return;
    this.#choose({ target, chosenHere: true });
  }

  #choose(choice: PageChoice): void {
    const { target, chosenHere } = choice;
    this.#ahead.noteChoice();
    const kept = this.#cache.get(target, this.#context.masks());
    if (kept === undefined && !this.#context.connected()) {
      this.#context.changed("controls"); // they go back to the displayed page
      return;
    }
    this.wanted = target;
    if (kept !== undefined) {
      this.#next = null;
      if (this.#load !== null) this.#load.shows = false;
      this.page = kept;
      this.#context.changed("page");
      if (chosenHere) this.#noteKept();
      this.#ahead.soon(() => this.#readAhead());
      return;
    }
    this.#next = choice;
    const load = this.#load;
    if (load !== null && isLoadOf(load, target, this.#context.masks())) {
      load.shows = true; // it is already loading: wait for it
      load.chosenHere ||= chosenHere;
      load.adopted &&= this.#keptOpen === 0; // a cached page chosen since is adopted after it
      this.#next = null;
      this.#cancelNoteKept();
      this.#context.changed("controls");
      return;
    }
    this.#context.changed("controls");
    this.#startNext();
  }

  /** Request the first page, unless a complete saved one is displayed. */
  begin(): void {
    if (this.page === null || !isComplete(this.page))
      this.#choose({ target: this.wanted, chosenHere: false });
  }

  /** The wanted page could not be loaded: the controls go back to the displayed page. */
  revert(): void {
    this.#next = null;
    this.wanted = this.page?.target ?? this.#modelTarget();
  }

  /** Follow a change made in Python, unless a newer choice in this view is still loading. */
  follow(): void {
    if (!this.#context.connected()) return; // keep the displayed page
    const loading = this.#load?.shows === true && this.#load.chosenHere;
    if (loading || this.#next?.chosenHere === true || this.#keptOpen > 0 || this.#keptTimer !== undefined)
      return;
    const target = this.#modelTarget();
    if (keyOf(target) !== keyOf(this.wanted)) this.#choose({ target, chosenHere: false });
  }

  /** Discard cached pages, whose contents have changed. */
  readAnew(): void {
    if (!this.#context.connected()) return;
    this.#cache.clear();
    this.#ahead.forget();
    this.#choose({ target: this.wanted, chosenHere: false });
  }

  /** Switch masks on or off; the page is loaded with them if necessary. */
  followMasks(): void {
    const { page } = this;
    if (page !== null && this.#context.connected() && this.#context.masks() && !page.masks)
      this.#choose({ target: this.wanted, chosenHere: false });
  }

  useSnapshot(): void {
    const answer = this.#context.model.get("snapshot");
    if (answer === null || answer === undefined) return;
    const page = merged(null, answer, asView(this.#context.model.get("snapshot_pixels")));
    const isWanted = keyOf(page.target) === keyOf(this.wanted);
    if (isComplete(page)) this.#cache.put(page);
    if (this.page === null || (isWanted && !this.settled)) {
      this.page = page;
      if (!isWanted && !this.#context.connected()) this.wanted = page.target;
      this.#context.changed("page");
    }
  }

  /** Request the last chosen page, unless one that will be displayed is about to arrive. */
  #startNext(): void {
    clearTimeout(this.#nextTimer);
    this.#nextTimer = undefined;
    const [choice, load] = [this.#next, this.#load];
    if (choice === null) return;
    const waits = load?.shows && !load.slow ? load.since + WAITED_FOR_MS - performance.now() : 0;
    if (waits > 0) {
      this.#nextTimer = setTimeout(() => this.#startNext(), waits);
      return;
    }
    this.#next = null;
    this.#cancelNoteKept();
    this.#replace(choice, true);
  }

  /** Load a page; the kernel cancels the previous one. */
  #replace({ target, chosenHere }: PageChoice, shows: boolean): void {
    const before = this.#load;
    const masks = this.#context.masks();
    const [controller, since] = [new AbortController(), performance.now()];
    const adopted = chosenHere && shows;
    void this.#run({ target, chosenHere, shows, adopted, controller, since, slow: false, masks });
    before?.controller.abort(new Replaced());
  }

  async #run(load: PageLoad): Promise<void> {
    this.#load = load;
    let page: Page | null = null;
    const take = ({ answer, bytes }: Reply): PageAnswer | null => {
      if (!("of" in answer) || answer.of !== "page") return null;
      page = merged(page, answer, bytes, load.masks);
      return answer;
    };
    const onPart = (reply: Reply): void => {
      load.slow = true;
      take(reply);
      if (load.shows && page !== null && page.tiles.length > 0) {
        this.page = page;
        this.#context.changed("page");
      }
      if (this.#next !== null) this.#startNext();
    };
    const { target, adopted, masks, controller } = load;
    try {
      const reply = await this.#context.wire.ask(
        { kind: "page", target, purpose: adopted ? "show" : "ahead", masks },
        { onPart, signal: controller.signal },
      );
      if (this.#load !== load) return; // replaced by another one
      this.#load = null;
      const answer = take(reply);
      if (answer !== null && page !== null) this.#finish(page, answer, load);
    } catch (error) {
      if (this.#load !== load) return;
      this.#load = null;
      const cancelled = controller.signal.aborted || (error instanceof RequestFailed && error.cancelled);
      if (error instanceof Disconnected) this.#context.failed(error);
      else if (load.shows && !cancelled && this.#next === null) this.#context.failed(error);
      // Cancelled by another view, which requested another page.
      if (load.shows && cancelled && !controller.signal.aborted) this.#next ??= load;
    }
    if (this.#next !== null) this.#startNext();
    else if (!this.#context.signal.aborted) {
      this.#context.changed("controls");
      if (!load.shows) this.#readAhead();
    }
  }

  #finish(page: Page, answer: PageAnswer, load: PageLoad): void {
    if (isComplete(page) && page.tiles.length >= answer.n_tiles) this.#cache.put(page);
    if (!load.shows) return;
    const isLast = this.#next === null;
    if (isLast && keyOf(load.target) !== keyOf(this.wanted)) return;
    if (isLast) this.wanted = answer.target; // the kernel may have moved the page within bounds
    this.page = page;
    this.#context.changed("page");
    if (!isLast) return;
    if (load.chosenHere && !load.adopted) this.#noteKept();
    this.follow();
    if (this.#next === null) this.#ahead.soon(() => this.#readAhead());
  }

  #readAhead(): void {
    if (this.#load !== null || this.#keptOpen > 0 || !this.#context.connected() || this.page === null) return;
    const target = this.#ahead.next(this.#cache, this.wanted, this.nPages, this.#context.masks());
    if (target !== null) this.#replace({ target, chosenHere: false }, false);
  }

  /** After showing a cached page, tell the kernel once the user stays on it. */
  #noteKept(): void {
    this.#cancelNoteKept();
    if (!this.#context.connected()) return;
    const known = keyOf(this.#modelTarget()) === keyOf(this.wanted);
    if (known && this.#keptOpen === 0 && this.#load?.adopted !== true) return;
    this.#keptTimer = setTimeout(() => {
      this.#keptTimer = undefined;
      this.#keptOpen++;
      this.#cancelLeft();
      this.#context.wire
        .ask({ kind: "page", target: this.wanted, purpose: "kept", masks: false })
        .catch((error: unknown) => {
          if (error instanceof Disconnected) this.#context.failed(error);
        })
        .finally(() => {
          this.#keptOpen--;
          this.follow();
          this.#readAhead();
        });
    }, KEPT_AFTER_MS);
  }

  /** Cancel loading a page that is neither displayed nor one of the next, if no other request replaces it. */
  #cancelLeft(): void {
    const load = this.#load;
    if (load !== null && !load.shows && !this.#ahead.includes(load.target, this.wanted))
      load.controller.abort();
  }

  #cancelNoteKept(): void {
    clearTimeout(this.#keptTimer);
    this.#keptTimer = undefined;
  }

  #stopTimers(): void {
    this.#ahead.stop();
    clearTimeout(this.#nextTimer);
    this.#cancelNoteKept();
  }

  #modelTarget(): Target {
    const get = <K extends keyof State>(key: K): State[K] => this.#context.model.get(key);
    return {
      page: get("page"),
      page_size: get("page_size"),
      sort: get("sort"),
      where: get("where"),
      look: get("look"),
    };
  }
}

/** True if a loading page satisfies the wanted target. */
function isLoadOf({ target, masks, controller }: PageLoad, wanted: Target, withMasks: boolean): boolean {
  return !controller.signal.aborted && keyOf(target) === keyOf(wanted) && (masks || !withMasks);
}

function asView(value: unknown): DataView {
  return value instanceof DataView ? value : new DataView(new ArrayBuffer(0));
}
