import type { Field, FindAnswer, JournalState, LabelChoice, State, Target } from "../protocol";
import { Colours } from "./colours";
import { Epochs } from "./epochs";
import { Facets } from "./facets";
import { foundBy } from "./finding";
import { type Inspected, Inspection } from "./inspection";
import { Labels } from "./labels";
import { lightCurveOf } from "./light_curves";
import { Connection, type Link, WITHOUT_KERNEL } from "./link";
import { listen, type Model } from "./model";
import { Notices } from "./notices";
import { OverlaySettings } from "./overlay_settings";
import { PageLoader } from "./page_loader";
import type { Page } from "./pages";
import { Saving } from "./saving";
import { Selection } from "./selection";
import { Settings } from "./settings";
import { type Topic, Topics } from "./topics";
import { listenToPage, listenToParts } from "./traits";
import { Disconnected, RequestFailed, type RetryTiming, Wire } from "./wire";

export interface Problem {
  field: Field | null;
  reason: string;
}

/** The state that all views of one grid share: one session for each model. */
export class Session {
  problem: Problem | null = null;
  northUp = false;
  /** Side of the inspected cutouts in pixels; 0: as large as possible; null: as in the tiles. */
  inspectSize: number | null = null;
  readonly model: Model;
  readonly labels: Labels;
  readonly selection: Selection;
  readonly saving: Saving;
  readonly settings: Settings;
  /** Counts of flags, words and numbers in the filtered rows. */
  readonly facets: Facets;
  /** All exposures of the inspected object. */
  readonly epochs: Epochs;
  readonly lightCurve = (id: string, signal: AbortSignal) => lightCurveOf(this.#wire, id, signal);
  /** How masks and outlines are drawn. */
  readonly overlays = new OverlaySettings(() => {
    this.#loader.followMasks();
    this.#notify("masks");
  });
  readonly notices = new Notices(() => this.#notify("notices"));
  readonly #signal: AbortSignal;
  readonly #wire: Wire;
  readonly #loader: PageLoader;
  readonly #inspection: Inspection;
  readonly #topics: Topics;
  readonly colours: Colours;
  readonly #connection: Connection;

  constructor(model: Model, signal: AbortSignal, timing?: RetryTiming) {
    this.model = model;
    this.#signal = signal;
    this.#topics = new Topics(signal);
    this.colours = new Colours(model);
    this.#connection = new Connection(model, () => this.#linkChanged());
    this.#wire = new Wire(
      model,
      signal,
      {
        onBroadcast: ({ answer }) => this.labels.takeTold(answer),
        onSilence: (silent) => this.#connection.setSilent(silent),
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
      changed: () => this.#notify("inspector"),
      disconnected: () => this.#connection.lose(),
    });
    this.epochs = new Epochs({
      wire: this.#wire,
      look: () => this.wanted.look,
      changed: () => this.#notify("epochs"),
      disconnected: () => this.#connection.lose(),
    });
    this.labels = new Labels({
      wire: this.#wire,
      loaded: (id) =>
        this.page?.tiles.find(({ tile }) => tile.id === id)?.tile.journal ??
        (this.inspected?.id === id ? this.inspected.answer?.journal : undefined),
      changed: () => {
        this.#notify("labels");
        this.facets.refresh();
      },
      outdated: () => this.#loader.readAnew(),
      failed: (error) => this.#refuse(error, "not saved: "),
    });
    this.selection = new Selection({
      wire: this.#wire,
      get: () => this.get("selected"),
      set: (selected) => this.#save("selected", selected),
      page: () => this.page,
      target: () => this.wanted,
      changed: () => this.#notify("selection"),
      notices: this.notices,
      failed: (error) => this.#refuse(error),
    });
    this.settings = new Settings({
      get: (key) => this.get(key),
      save: (key, value) => this.#save(key, value),
      notify: (topic) => this.#notify(topic),
      recolour: () => this.#recolour(),
    });
    this.saving = new Saving({
      wire: this.#wire,
      changed: () => this.#notify("saving"),
      disconnected: () => this.#connection.lose(),
    });
    this.facets = new Facets({
      wire: this.#wire,
      where: () => this.page?.target.where ?? this.wanted.where,
      connected: () => this.connected,
      changed: () => this.#notify("facets"),
      disconnected: () => this.#connection.lose(),
    });
    listenToPage(model, () => this.#loader.follow(), signal);
    listenToParts(model, (topic) => this.#notify(topic), signal);
    listen(model, "change:captions", () => this.#loader.readAnew(), signal);
    listen(model, "change:snapshot", () => this.#loader.useSnapshot(), signal);
    listen(model, "change:colormap", () => this.#recolour(), signal);
    listen(model, "change:palettes", () => this.#recolour(), signal);
    listen(model, "change:facets", () => this.facets.refresh(), signal);
    listen(model, "change:selected", () => this.selection.follow(), signal);
    listen(model, "change:inspected", () => this.#inspectWanted(), signal);
    listen(model, "comm_live_update", () => void this.#connection.check(), signal);
    this.#loader.useSnapshot();
    void this.#connection.check().then(() => {
      if (!this.connected || signal.aborted) return;
      this.#wire.notify({ kind: "hello" });
      this.#loader.begin();
      this.settings.recallKeys();
      this.#inspectWanted();
    });
  }

  get<K extends keyof State>(key: K): State[K] {
    return this.model.get(key);
  }

  get link(): Link {
    return this.#connection.link;
  }

  /** False if there is no kernel. */
  get connected(): boolean {
    return this.#connection.isUp;
  }

  /** True in a saved page: it answers, but holds neither epochs nor cutouts of other sizes, and saves no files. */
  get isFile(): boolean {
    return this.model.isFile === true;
  }

  /** The page that the controls show; the tiles follow when it is loaded. */
  get wanted(): Target {
    return this.#loader.wanted;
  }

  /** The inspected source; null if there is none. */
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

  /** True while the displayed page has other sources than the wanted one. */
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
    if (hadProblem) this.#notify("controls");
  }

  /** Call a listener when one of these topics changes, until the signal ends it. */
  subscribe(topics: readonly Topic[], changed: () => void, signal: AbortSignal): void {
    this.#topics.subscribe(topics, changed, signal);
  }

  inspect(id: string | null): void {
    if (this.#isRefused()) return;
    this.#save("inspected", id);
    this.#inspectWanted();
  }

  setInspectSize(size: number | null): void {
    this.inspectSize = size;
    this.#inspectWanted();
  }

  invert(): void {
    this.colours.inverted = !this.colours.inverted;
    this.#recolour();
  }

  /** Switch between north up, east left and detector orientation. */
  toggleNorthUp(): void {
    this.northUp = !this.northUp;
    this.#notify("orientation");
  }

  /** Label sources: shown at once, reverted if saving fails. Resolves to whether they were saved. */
  async label(ids: readonly string[], label: string | null): Promise<boolean> {
    if (!this.get("labelling") || ids.length === 0 || this.#isRefused()) return false;
    return this.labels.give(ids, label);
  }

  /** Label all selected sources, also by a rule. */
  labelSelected(label: string | null): void {
    const { value } = this.selection;
    if (Array.isArray(value)) void this.label(value, label);
    else if (this.get("labelling") && !this.#isRefused())
      void this.labels.giveAll(value, this.selection.here(), label);
  }

  /** The label of a source, who gave it, its note, and whether it was seen. */
  journalOf(id: string): JournalState {
    return this.labels.of(id);
  }

  /** Find a source among the filtered rows, by its id or row number; null, with a message, if there is none. */
  find(text: string): Promise<FindAnswer | null> {
    return foundBy(this.#wire, text, (error) => this.#refuse(error));
  }

  labelOf(id: string): string | null {
    return this.journalOf(id).label;
  }

  /** The display of a label; null for one that is not among the choices. */
  choiceOf(word: string): LabelChoice | null {
    return this.get("choices").label_choices.find((one) => one.word === word) ?? null;
  }

  #notify(topic: Topic): void {
    this.#topics.notify(topic);
  }

  /** True, with a message, if there is no kernel. */
  #isRefused(): boolean {
    if (!this.connected) this.notices.say("refused", WITHOUT_KERNEL);
    return !this.connected;
  }

  #linkChanged(): void {
    if (!this.connected) {
      this.#wire.disconnect();
      this.#loader.revert(); // restore a consistent display: tiles, page number, filter
      this.#notify("controls");
    }
    this.#notify("link");
  }

  #loaderChanged(what: "page" | "controls"): void {
    if (what === "page") {
      this.problem = null;
      this.#inspectWanted(); // the look may have changed
      if (this.facets.answer?.where !== this.page?.target.where) this.facets.refresh();
    }
    this.#notify(what);
  }

  #recolour(): void {
    this.colours.forget();
    this.#notify("colours");
  }

  #inspectWanted(): void {
    this.#inspection.choose(this.get("inspected"), this.wanted.look, this.inspectSize);
  }

  #save<K extends keyof State>(key: K, value: State[K]): void {
    this.model.set(key, value);
    try {
      this.model.save_changes();
    } catch {
      this.#connection.lose();
    }
  }

  /** Show why a request cannot be executed. */
  #refuse(error: unknown, before = ""): void {
    if (this.#signal.aborted) return;
    if (error instanceof Disconnected) this.#fail(error);
    else this.notices.say("refused", before + (error instanceof Error ? error.message : String(error)));
  }

  #fail(error: unknown): void {
    if (this.#signal.aborted) return;
    this.#loader.revert();
    if (error instanceof Disconnected) {
      this.#connection.lose();
      this.#notify("controls");
      return;
    }
    const failed = error instanceof RequestFailed ? error : null;
    this.problem = {
      field: failed?.field ?? null,
      reason: error instanceof Error ? error.message : String(error),
    };
    this.#notify("controls");
  }
}
