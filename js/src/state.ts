import { listen, type Model } from "./model";
import { isWhole, keyOf, merged, type Page, PageMemory } from "./pages";
import { type Table, tableOf } from "./paint";
import type { Field, InspectAnswer, PageAnswer, PanelName, State, Target } from "./protocol";
import { Disconnected, type Patience, type Reply, RequestFailed, Wire } from "./wire";

/** What became of the connection: at work, not answering, gone, or never there. */
export type Link = "live" | "silent" | "lost" | "saved";

/** What changed, for those who draw it. */
export type Topic = "page" | "controls" | "colours" | "selection" | "inspector" | "labels" | "link";

export interface Problem {
  field: Field | null;
  reason: string;
}

export interface Inspected {
  id: string;
  answer: InspectAnswer | null;
  bytes: DataView;
  reason: string;
}

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

const STATE: readonly (keyof State)[] = ["page", "page_size", "sort", "where", "look"];
const KEPT_AFTER_MS = 120;

/** Everything the views of one grid share: one for a model, however many views it has. */
export class Session {
  /** The page the controls speak of; the picture follows. */
  wanted: Target;
  page: Page | null = null;
  problem: Problem | null = null;
  link: Link = "live";
  inverted = false;
  inspected: Inspected | null = null;
  readonly labels = new Map<string, string | null>();
  readonly model: Model;
  readonly #signal: AbortSignal;
  readonly #wire: Wire;
  readonly #memory = new PageMemory();
  readonly #listeners = new Set<(topic: Topic) => void>();
  readonly #tables = new Map<string, Table>();
  #flight: Flight | null = null;
  #next: Wish | null = null;
  #keptTimer: ReturnType<typeof setTimeout> | undefined;
  #keptOpen = 0;
  #inspecting: AbortController | null = null;

  constructor(model: Model, signal: AbortSignal, patience?: Patience) {
    this.model = model;
    this.#signal = signal;
    this.wanted = this.#ofModel();
    this.#wire = new Wire(
      model,
      signal,
      {
        unasked: (reply) => this.#take(reply),
        silence: (silent) => {
          if (this.connected) this.#setLink(silent ? "silent" : "live");
        },
      },
      patience,
    );
    for (const name of STATE) listen(model, `change:${name}`, () => this.#follow(), signal);
    listen(model, "change:n_rows", () => this.#tell("controls"), signal);
    listen(model, "change:choices", () => this.#tell("controls"), signal);
    listen(model, "change:snapshot", () => this.#useSnapshot(), signal);
    listen(model, "change:colormap", () => this.#recolour(), signal);
    listen(model, "change:palettes", () => this.#recolour(), signal);
    listen(model, "change:selected", () => this.#tell("selection"), signal);
    listen(model, "change:inspected", () => this.#inspectWanted(), signal);
    listen(model, "comm_live_update", () => void this.#checkComm(), signal);
    signal.addEventListener("abort", () => {
      clearTimeout(this.#keptTimer);
      this.#listeners.clear();
    });
    this.#useSnapshot();
    void this.#checkComm().then(() => {
      if (!this.connected || signal.aborted) return;
      if (this.page === null || !this.#isWhole(this.page)) this.#want({ target: this.wanted, mine: false });
      this.#inspectWanted();
    });
  }

  get<K extends keyof State>(key: K): State[K] {
    return this.model.get(key);
  }

  get nRows(): number {
    return this.problem === null && this.page !== null && keyOf(this.page.target) === keyOf(this.wanted)
      ? this.page.nRows
      : this.get("n_rows");
  }

  get nPages(): number {
    return Math.max(1, Math.ceil(this.nRows / this.wanted.page_size));
  }

  /** False when nobody will answer. */
  get connected(): boolean {
    return this.link === "live" || this.link === "silent";
  }

  get busy(): boolean {
    return this.#flight?.shows === true || this.#next !== null;
  }

  /** True when the picture is the page the controls speak of, complete. */
  get settled(): boolean {
    return !this.busy && this.page !== null && keyOf(this.page.target) === keyOf(this.wanted);
  }

  subscribe(listener: (topic: Topic) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  /** Go to a page, or change what pages are made of. The newest wish wins. */
  turn(change: Partial<Target>): void {
    const target = { ...this.wanted, ...change };
    const last = Math.max(0, this.nPages - 1);
    const onlyPage = keyOf({ ...target, page: 0 }) === keyOf({ ...this.wanted, page: 0 });
    if (onlyPage) target.page = Math.min(Math.max(0, target.page), last);
    if (keyOf(target) === keyOf(this.wanted) && this.problem === null && this.settled) return;
    this.#want({ target, mine: true });
  }

  #want(wish: Wish): void {
    const { target, mine } = wish;
    const kept = this.#memory.get(target);
    if (kept === undefined && !this.connected) {
      this.#tell("controls"); // they show again what is seen
      return;
    }
    this.wanted = target;
    this.problem = null;
    if (kept !== undefined) {
      this.#next = null;
      this.#leave();
      this.page = kept;
      this.#tell("page");
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
      this.#tell("controls");
      return;
    }
    this.#leave();
    this.#tell("controls");
    this.#depart();
  }

  select(ids: string[]): void {
    this.#save("selected", ids);
    this.#tell("selection");
  }

  inspect(id: string | null): void {
    this.#save("inspected", id);
    this.#inspectWanted();
  }

  setColormap(name: string | null): void {
    this.#save("colormap", name);
    this.#recolour();
  }

  invert(): void {
    this.inverted = !this.inverted;
    this.#recolour();
  }

  /** Label sources: shown at once, confirmed when it is on disk, taken back if that fails. */
  label(ids: string[], label: string | null): void {
    if (!this.get("labelling") || ids.length === 0) return;
    const before = new Map(ids.map((id) => [id, this.labelOf(id)]));
    for (const id of ids) this.labels.set(id, label);
    this.#tell("labels");
    this.#wire.ask({ kind: "label", ids, label }).then(
      (reply) => this.#take(reply),
      (error: unknown) => {
        for (const [id, old] of before) this.labels.set(id, old);
        this.#tell("labels");
        this.#fail(error);
      },
    );
  }

  undo(): void {
    if (!this.get("labelling")) return;
    this.#wire.ask({ kind: "undo" }).then(
      (reply) => this.#take(reply),
      (error: unknown) => this.#fail(error),
    );
  }

  labelOf(id: string): string | null {
    const known = this.labels.get(id);
    if (known !== undefined) return known;
    const shot = this.page?.shots.find((one) => one.tile.id === id);
    if (shot !== undefined) return shot.tile.label;
    return this.inspected?.id === id ? (this.inspected.answer?.label ?? null) : null;
  }

  /** Colours of a panel under the look and colormap in use. */
  tableFor(panel: PanelName, look: string): Table {
    const choices = this.get("choices");
    const own = choices.looks.find((one) => one.name === look)?.[panel];
    const name = this.get("colormap") ?? own ?? "";
    const key = `${name}${this.inverted ? " inverted" : ""}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = tableOf(this.get("palettes"), choices.colormaps.indexOf(name), this.inverted);
      this.#tables.set(key, table);
    }
    return table;
  }

  #ofModel(): Target {
    const get = <K extends keyof State>(key: K): State[K] => this.model.get(key);
    return {
      page: get("page"),
      page_size: get("page_size"),
      sort: get("sort"),
      where: get("where"),
      look: get("look"),
    };
  }

  #isWhole(page: Page): boolean {
    return page.shots.every((shot) => !shot.tile.waiting);
  }

  #tell(topic: Topic): void {
    for (const listener of [...this.#listeners]) listener(topic);
  }

  #lose(): void {
    if (this.link !== "saved") this.#setLink("lost");
  }

  #setLink(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    if (link !== "live" && link !== "silent") this.#wire.disconnect();
    this.#tell("link");
  }

  /** ipywidgets knows when a kernel went away; where it does not say, a failing request will tell. */
  async #checkComm(): Promise<void> {
    try {
      const model: unknown = await this.model.widget_manager?.get_model(this.get("grid_id"));
      if (typeof model !== "object" || model === null || !("comm_live" in model)) return;
      if ("saved" in model) this.#setLink("saved");
      else this.#setLink(model.comm_live === false ? "lost" : this.link === "lost" ? "live" : this.link);
    } catch {
      // Not every front end has a manager of models.
    }
  }

  /** Python moved something; while a wish of ours is on its way, that one is newer. */
  #follow(): void {
    if (!this.connected) return; // what is seen stays
    const flying = this.#flight?.shows === true && this.#flight.mine;
    if (flying || this.#next?.mine === true || this.#keptOpen > 0 || this.#keptTimer !== undefined) return;
    const target = this.#ofModel();
    if (keyOf(target) !== keyOf(this.wanted)) this.#want({ target, mine: false });
  }

  #useSnapshot(): void {
    const answer = this.get("snapshot");
    if (answer === null || answer === undefined) return;
    const page = merged(null, answer, asView(this.get("snapshot_pixels")));
    const isWanted = keyOf(page.target) === keyOf(this.wanted);
    if (this.#isWhole(page)) this.#memory.put(page);
    if (this.page === null || (isWanted && !this.settled)) {
      this.page = page;
      if (!isWanted && !this.connected) this.wanted = page.target;
      this.#tell("page");
    }
  }

  #recolour(): void {
    this.#tables.clear();
    this.#tell("colours");
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
        this.#tell("page");
      }
      return answer;
    };
    try {
      const reply = await this.#wire.ask(
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
      if (flight.shows && !left) this.#fail(error);
      else if (error instanceof Disconnected) this.#fail(error);
    }
    if (this.#next !== null) this.#depart();
    else if (!this.#signal.aborted) this.#tell("controls");
  }

  #landed(page: Page, answer: PageAnswer, flight: Flight, wasAsked: boolean, adopted: boolean): void {
    if (isWhole(page, answer.n_tiles)) this.#memory.put(page);
    if (!flight.shows || flight.controller.signal.aborted) return;
    if (wasAsked && this.#next === null) {
      this.wanted = answer.target; // the kernel may have moved the page within bounds
      this.page = page;
      this.#tell("page");
      if (flight.mine && !adopted) this.#noteKept();
      this.#follow();
      if (this.#flight === null && this.#next === null) this.#ahead();
    }
  }

  /** Read the next page before it is wanted. */
  #ahead(): void {
    if (this.#flight !== null || this.link !== "live" || this.page === null) return;
    const target = { ...this.wanted, page: this.wanted.page + 1 };
    if (target.page >= this.nPages || this.#memory.get(target) !== undefined) return;
    void this.#fetch({ target, shows: false, mine: false, controller: new AbortController() });
  }

  /** The view shows a page it had kept: tell the kernel once the user rests on it. */
  #noteKept(): void {
    this.#forgetKept();
    if (!this.connected) return;
    if (keyOf(this.#ofModel()) === keyOf(this.wanted) && this.#keptOpen === 0) return;
    this.#keptTimer = setTimeout(() => {
      this.#keptTimer = undefined;
      this.#keptOpen++;
      this.#wire
        .ask({ kind: "page", target: this.wanted, purpose: "kept" })
        .catch((error: unknown) => {
          if (error instanceof Disconnected) this.#fail(error);
        })
        .finally(() => {
          this.#keptOpen--;
          this.#follow();
        });
    }, KEPT_AFTER_MS);
  }

  #forgetKept(): void {
    clearTimeout(this.#keptTimer);
    this.#keptTimer = undefined;
  }

  #inspectWanted(): void {
    const id = this.get("inspected");
    const look = this.wanted.look;
    if (id === null) {
      this.#inspecting?.abort();
      this.#inspecting = null;
      if (this.inspected !== null) {
        this.inspected = null;
        this.#tell("inspector");
      }
      return;
    }
    if (this.inspected?.id === id && this.inspected.answer?.look === look) return;
    this.#inspecting?.abort();
    const controller = new AbortController();
    this.#inspecting = controller;
    const before = this.inspected?.id === id ? this.inspected : null;
    this.inspected = before ?? { id, answer: null, bytes: new DataView(new ArrayBuffer(0)), reason: "" };
    this.#tell("inspector");
    this.#wire.ask({ kind: "inspect", id, look }, { signal: controller.signal }).then(
      ({ answer, bytes }) => {
        if (controller.signal.aborted || !("of" in answer) || answer.of !== "inspect") return;
        this.inspected = { id, answer, bytes, reason: "" };
        this.#tell("inspector");
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        if (error instanceof Disconnected) this.#lose();
        this.inspected = {
          id,
          answer: null,
          bytes: new DataView(new ArrayBuffer(0)),
          reason: error instanceof Error ? error.message : String(error),
        };
        this.#tell("inspector");
      },
    );
  }

  #save<K extends "selected" | "inspected" | "colormap">(key: K, value: State[K]): void {
    this.model.set(key, value);
    try {
      this.model.save_changes();
    } catch {
      this.#lose();
    }
  }

  #take(reply: Reply): void {
    const { answer } = reply;
    if (!("of" in answer) || answer.of !== "label") return;
    for (const [id, label] of Object.entries(answer.labels)) this.labels.set(id, label);
    this.#tell("labels");
  }

  #fail(error: unknown): void {
    if (this.#signal.aborted) return;
    if (error instanceof Disconnected) {
      this.#next = null;
      this.#lose();
      if (this.page !== null) this.wanted = this.page.target; // keep what is seen
      this.#tell("controls");
      return;
    }
    const failed = error instanceof RequestFailed ? error : null;
    this.wanted = this.page?.target ?? this.#ofModel(); // the picture stays, and the controls are true to it
    this.problem = {
      field: failed?.field ?? null,
      reason: error instanceof Error ? error.message : String(error),
    };
    this.#tell("controls");
  }
}

function asView(value: unknown): DataView {
  return value instanceof DataView ? value : new DataView(new ArrayBuffer(0));
}
