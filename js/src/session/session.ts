import { type Table, tableOf } from "../draw";
import type { Field, FindAnswer, LabelChoice, PanelName, Said, State, Target } from "../protocol";
import { Epochs } from "./epochs";
import { Facets } from "./facets";
import { type Inspected, Inspection } from "./inspection";
import { Labels } from "./labels";
import { lightCurveOf } from "./light_curves";
import { listen, type Model } from "./model";
import { Notices } from "./notices";
import { OverlaySettings } from "./overlay_settings";
import { PageLoader } from "./page_loader";
import type { Page } from "./pages";
import { isKeymap, remembered } from "./remembered";
import { Disconnected, RequestFailed, type RetryTiming, Wire } from "./wire";

/** The connection to the kernel: working, not answering, gone, or never there (a saved page). */
export type Link = "live" | "silent" | "lost" | "saved";

/** What can change; every part of a view subscribes to the topics it shows. */
export type Topic =
  | "page"
  | "controls"
  | "colours"
  | "orientation"
  | "selection"
  | "inspector"
  | "labels"
  | "facets"
  | "notices"
  | "tiles"
  | "masks"
  | "epochs"
  | "link";

interface Subscription {
  topics: readonly Topic[];
  changed: () => void;
}

export interface Problem {
  field: Field | null;
  reason: string;
}

const NOTHING_SAID: Said = { label: null, who: "", note: "", seen: false };

const WITHOUT_KERNEL =
  "This is the picture of a page: there is no kernel to ask about a source. Run the cell again to inspect and label.";

const STATE: readonly (keyof State)[] = ["page", "page_size", "sort", "where", "look"];

const SHAPE: readonly (keyof State)[] = ["tile_size", "panels", "compact"];

const LABELLING: readonly (keyof State)[] = ["advance", "keymap", "labelling_problem", "progress"];

/** The state that all views of one grid share: one session for each model. */
export class Session {
  problem: Problem | null = null;
  link: Link = "live";
  inverted = false;
  northUp = false;
  /** Side of the inspected cutouts in pixels; 0: all there is; null: as in the tiles. */
  inspectSize: number | null = null;
  readonly model: Model;
  readonly labels: Labels;
  /** What the rows that pass the filter have. */
  readonly facets: Facets;
  /** All exposures of the inspected object. */
  readonly epochs: Epochs;
  readonly lightCurve = (id: string, signal: AbortSignal) => lightCurveOf(this.#wire, id, signal);
  /** How masks and outlines are drawn. */
  readonly overlays = new OverlaySettings(() => {
    this.#loader.followMasks();
    this.#tell("masks");
  });
  readonly notices = new Notices(() => this.#tell("notices"));
  readonly #signal: AbortSignal;
  readonly #wire: Wire;
  readonly #loader: PageLoader;
  readonly #inspection: Inspection;
  readonly #keptKeys = remembered("keys", {}, isKeymap);
  readonly #listeners = new Set<Subscription>();
  readonly #tables = new Map<string, Table>();

  constructor(model: Model, signal: AbortSignal, timing?: RetryTiming) {
    this.model = model;
    this.#signal = signal;
    this.#wire = new Wire(
      model,
      signal,
      {
        onBroadcast: ({ answer }) => this.labels.take(answer),
        onSilence: (silent) => {
          if (this.connected) this.#setLink(silent ? "silent" : "live");
        },
      },
      timing,
    );
    this.#loader = new PageLoader({
      model,
      wire: this.#wire,
      signal,
      connected: () => this.connected,
      masks: () => this.overlays.masks.shows,
      changed: (what) => this.#loaderChanged(what),
      failed: (error) => this.#fail(error),
    });
    this.#inspection = new Inspection({
      wire: this.#wire,
      changed: () => this.#tell("inspector"),
      disconnected: () => this.#lose(),
    });
    this.epochs = new Epochs({
      wire: this.#wire,
      look: () => this.wanted.look,
      changed: () => this.#tell("epochs"),
      disconnected: () => this.#lose(),
    });
    this.labels = new Labels({
      wire: this.#wire,
      changed: () => {
        this.#tell("labels");
        this.facets.refresh();
      },
      failed: (error) => this.#fail(error),
    });
    this.facets = new Facets({
      wire: this.#wire,
      where: () => this.page?.target.where ?? this.wanted.where,
      connected: () => this.connected,
      changed: () => this.#tell("facets"),
      disconnected: () => this.#lose(),
    });
    for (const name of STATE) listen(model, `change:${name}`, () => this.#loader.follow(), signal);
    listen(model, "change:n_rows", () => this.#tell("controls"), signal);
    listen(model, "change:choices", () => this.#tell("controls"), signal);
    for (const name of LABELLING) listen(model, `change:${name}`, () => this.#tell("labels"), signal);
    for (const name of SHAPE) listen(model, `change:${name}`, () => this.#tell("tiles"), signal);
    listen(model, "change:captions", () => this.#loader.readAnew(), signal);
    listen(model, "change:snapshot", () => this.#loader.useSnapshot(), signal);
    listen(model, "change:colormap", () => this.#recolour(), signal);
    listen(model, "change:palettes", () => this.#recolour(), signal);
    listen(model, "change:facets", () => this.facets.refresh(), signal);
    listen(model, "change:selected", () => this.#tell("selection"), signal);
    listen(model, "change:inspected", () => this.#inspectWanted(), signal);
    listen(model, "comm_live_update", () => void this.#checkComm(), signal);
    signal.addEventListener("abort", () => this.#listeners.clear(), { once: true });
    this.#loader.useSnapshot();
    void this.#checkComm().then(() => {
      if (!this.connected || signal.aborted) return;
      this.#wire.tell({ kind: "hello" });
      this.#loader.begin();
      const kept = this.#keptKeys.get();
      if (Object.keys(this.get("keymap")).length === 0 && Object.keys(kept).length > 0) this.setKeymap(kept);
      this.#inspectWanted();
    });
  }

  get<K extends keyof State>(key: K): State[K] {
    return this.model.get(key);
  }

  /** False when there is no kernel to answer. */
  get connected(): boolean {
    return this.link === "live" || this.link === "silent";
  }

  /** The page that the controls show; the tiles follow when it is loaded. */
  get wanted(): Target {
    return this.#loader.wanted;
  }

  /** The source that is inspected; null if none is. */
  get inspected(): Inspected | null {
    return this.#inspection.inspected;
  }

  get page(): Page | null {
    return this.#loader.page;
  }

  get nRows(): number {
    return this.#loader.nRows;
  }

  get nPages(): number {
    return this.#loader.nPages;
  }

  get busy(): boolean {
    return this.#loader.busy;
  }

  /** True while the page that is shown has other sources than the wanted one. */
  get pending(): boolean {
    return this.#loader.pending;
  }

  get settled(): boolean {
    return this.#loader.settled;
  }

  /** Go to a page, or change sort, filter, look or page size. */
  setTarget(change: Partial<Target>): void {
    const hadProblem = this.problem !== null;
    this.problem = null;
    this.#loader.setTarget(change);
    if (hadProblem) this.#tell("controls");
  }

  /** Call a listener when one of these topics changes, until the signal ends it. */
  subscribe(topics: readonly Topic[], changed: () => void, signal: AbortSignal): void {
    const subscription = { topics, changed };
    this.#listeners.add(subscription);
    signal.addEventListener("abort", () => this.#listeners.delete(subscription), { once: true });
  }

  select(ids: string[]): void {
    this.#save("selected", ids);
    this.#tell("selection");
  }

  /** Add a source to the selection, or take it out. */
  toggleSelected(id: string): void {
    const selected = this.get("selected");
    this.select(selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id]);
  }

  inspect(id: string | null): void {
    if (!this.connected) {
      this.notices.say("refused", WITHOUT_KERNEL);
      return;
    }
    this.#save("inspected", id);
    this.#inspectWanted();
  }

  setInspectSize(size: number | null): void {
    this.inspectSize = size;
    this.#inspectWanted();
  }

  setColormap(name: string | null): void {
    this.#save("colormap", name);
    this.#recolour();
  }

  /** Change the keys: name of an action -> its keys. The next grid in this browser has them too. */
  setKeymap(keymap: Record<string, string[]>): void {
    this.#keptKeys.set(keymap);
    this.#save("keymap", keymap);
    this.#tell("labels");
  }

  setAdvance(advance: boolean): void {
    this.#save("advance", advance);
    this.#tell("labels");
  }

  setTileSize(px: number): void {
    this.#save("tile_size", px);
    this.#tell("tiles");
  }

  setCompact(compact: boolean): void {
    this.#save("compact", compact);
    this.#tell("tiles");
  }

  invert(): void {
    this.inverted = !this.inverted;
    this.#recolour();
  }

  /** Switch between north up, east left and detector orientation. */
  toggleNorthUp(): void {
    this.northUp = !this.northUp;
    this.#tell("orientation");
  }

  /** Label sources: shown at once, confirmed when saved, reverted if saving fails. */
  label(ids: readonly string[], label: string | null): void {
    if (!this.get("labelling") || ids.length === 0) return;
    if (!this.connected) {
      this.notices.say("refused", WITHOUT_KERNEL);
      return;
    }
    void this.labels.give(new Map(ids.map((id) => [id, this.saidOf(id)])), label);
  }

  /** What is said about a source: its label, who gave it, a note, whether it was seen. */
  saidOf(id: string): Said {
    return (
      this.labels.get(id) ??
      this.page?.tiles.find((one) => one.tile.id === id)?.tile.said ??
      (this.inspected?.id === id ? this.inspected.answer?.said : undefined) ??
      NOTHING_SAID
    );
  }

  /** Find a source among the rows that pass, by its id or the number of its row; null, and why is said. */
  async find(text: string): Promise<FindAnswer | null> {
    try {
      const { answer } = await this.#wire.ask({ kind: "find", text });
      return "of" in answer && answer.of === "find" ? answer : null;
    } catch (error) {
      if (error instanceof Disconnected) this.#fail(error);
      else this.notices.say("refused", error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  labelOf(id: string): string | null {
    return this.saidOf(id).label;
  }

  /** How a label looks; null for one that is not among the choices. */
  choiceOf(word: string): LabelChoice | null {
    return this.get("choices").label_choices.find((one) => one.word === word) ?? null;
  }

  /** Colour table of a panel for a look and the chosen colormap. */
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

  #tell(topic: Topic): void {
    for (const { topics, changed } of [...this.#listeners]) if (topics.includes(topic)) changed();
  }

  #lose(): void {
    if (this.link !== "saved") this.#setLink("lost");
  }

  #setLink(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    if (!this.connected) {
      this.#wire.disconnect();
      this.#loader.revert(); // what is shown is one page: tiles, number, filter
      this.#tell("controls");
    }
    this.#tell("link");
  }

  /** ipywidgets knows when a kernel is gone; where it does not say, the next request fails. */
  async #checkComm(): Promise<void> {
    try {
      const model: unknown = await this.model.widget_manager?.get_model(this.get("grid_id"));
      if (typeof model !== "object" || model === null || !("comm_live" in model)) return;
      if ("saved" in model) this.#setLink("saved");
      else this.#setLink(model.comm_live === false ? "lost" : this.link === "lost" ? "live" : this.link);
    } catch {
      // Not every front end has a widget manager.
    }
  }

  #loaderChanged(what: "page" | "controls"): void {
    if (what === "page") {
      this.problem = null;
      this.#inspectWanted(); // the look may have changed
      if (this.facets.answer?.where !== this.page?.target.where) this.facets.refresh();
    }
    this.#tell(what);
  }

  #recolour(): void {
    this.#tables.clear();
    this.#tell("colours");
  }

  #inspectWanted(): void {
    this.#inspection.choose(this.get("inspected"), this.wanted.look, this.inspectSize);
  }

  #save<K extends keyof State>(key: K, value: State[K]): void {
    this.model.set(key, value);
    try {
      this.model.save_changes();
    } catch {
      this.#lose();
    }
  }

  #fail(error: unknown): void {
    if (this.#signal.aborted) return;
    this.#loader.revert();
    if (error instanceof Disconnected) {
      this.#lose();
      this.#tell("controls");
      return;
    }
    const failed = error instanceof RequestFailed ? error : null;
    this.problem = {
      field: failed?.field ?? null,
      reason: error instanceof Error ? error.message : String(error),
    };
    this.#tell("controls");
  }
}
