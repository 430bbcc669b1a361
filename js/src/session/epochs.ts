import type { Epoch, EpochTilesAnswer, LightCurvePoint } from "../protocol";
import { type LoadedTile, loaded } from "./pages";
import { isBoolean, isText, remembered } from "./remembered";
import { Disconnected, type Reply, type Wire } from "./wire";

/** Epochs this close in time count as the same, days: a tenth of a second. */
const SAME_TIME_DAYS = 1e-6;
/** Cutouts further than this from the visible ones are dropped. */
const KEPT_AROUND = 120;

/** What the epochs need from the session. */
export interface EpochsContext {
  wire: Wire;
  /** The look of the page. */
  look(): string;
  changed(): void;
  /** Called when there is no kernel any more. */
  disconnected(): void;
}

/** All exposures of the inspected source's object: the list, cutouts of those in view, and the current one. */
export class Epochs {
  /** In time order; null until they arrive. */
  list: readonly Epoch[] | null = null;
  /** Why there are none; empty if there are. */
  reason = "";
  /** The inspected or chosen epoch; null if there is none. */
  current: number | null = null;
  readonly #context: EpochsContext;
  readonly #open = remembered("epochs-open", true, isBoolean);
  readonly #same = remembered("epochs-same-limits", true, isBoolean);
  readonly #motion = remembered("epochs-motion-up", false, isBoolean);
  readonly #panel = remembered("epochs-panel", "", isText);
  readonly #tiles = new Map<number, LoadedTile>();
  /** The source whose epochs these are, and whose limits they may share. */
  #anchor: string | null = null;
  #anchored: AbortController | null = null;
  /** The source and look without epochs, which are asked for again with another look. */
  #failed = "";
  /** The source that was inspected last. */
  #followed: string | null = null;
  #wanted: readonly number[] = [];
  #request: { key: string; controller: AbortController } | null = null;
  #key = "";

  constructor(context: EpochsContext) {
    this.#context = context;
  }

  get isOpen(): boolean {
    return this.#open.get();
  }

  setOpen(isOpen: boolean): void {
    this.#open.set(isOpen);
    this.#context.changed();
  }

  /** Whether all use the limits of the source inspected first. */
  get sameLimits(): boolean {
    return this.#same.get();
  }

  setSameLimits(same: boolean): void {
    this.#same.set(same);
    this.#context.changed();
  }

  /** Whether a moving object's direction of motion is up. */
  get motionUp(): boolean {
    return this.#motion.get();
  }

  setMotionUp(up: boolean): void {
    this.#motion.set(up);
    this.#context.changed();
  }

  /** The single visible panel; empty: all. */
  get panel(): string {
    return this.#panel.get();
  }

  setPanel(name: string): void {
    this.#panel.set(name);
    this.#context.changed();
  }

  /** Show the epochs of a source's object; for another epoch of the same object, only change the current one. */
  follow(id: string | null): void {
    if (id === null || !this.isOpen) {
      this.#clear();
      return;
    }
    const place = this.list?.findIndex((one) => one.source === id) ?? -1;
    const isNew = id !== this.#followed;
    this.#followed = id;
    if (place >= 0 || this.#anchor === id) {
      if (!isNew || place < 0 || place === this.current) return; // the user may have chosen another one meanwhile
      this.current = place;
      this.#context.changed();
      return;
    }
    const wanted = JSON.stringify([id, this.#context.look()]);
    if (!isNew && this.reason !== "" && wanted === this.#failed) return;
    this.#clear();
    this.#failed = wanted;
    this.#anchor = this.#followed = id;
    const controller = new AbortController();
    this.#anchored = controller;
    void this.#ask(id, controller.signal);
  }

  /**
   * Make an epoch the current one.
   *
   * @param isInspected Its source is being inspected. Another epoch that is chosen before its panels arrive then stays.
   */
  choose(place: number, isInspected = false): void {
    const epoch = this.list?.[place];
    if (epoch === undefined || place === this.current) return;
    this.current = place;
    if (isInspected) this.#followed = epoch.source;
    this.#context.changed();
  }

  /** The index of the epoch of a light curve's point; -1 if there is none. */
  placeOf(point: LightCurvePoint): number {
    return this.list?.findIndex((one) => isSameEpoch(one, point)) ?? -1;
  }

  get currentEpoch(): Epoch | null {
    return this.current === null ? null : (this.list?.[this.current] ?? null);
  }

  tileAt(place: number): LoadedTile | undefined {
    return this.#tiles.get(place);
  }

  /** Read the cutouts in view, in order. */
  want(places: readonly number[]): void {
    this.#wanted = places;
    const key = JSON.stringify([this.#anchor, this.#context.look(), this.sameLimits]);
    if (key !== this.#key) {
      this.#key = key;
      this.#tiles.clear();
      this.#request?.controller.abort();
      this.#request = null;
    }
    this.#forgetFar();
    void this.#readNext();
  }

  #forgetFar(): void {
    const [first, last] = [Math.min(...this.#wanted), Math.max(...this.#wanted)];
    for (const place of this.#tiles.keys())
      if (place < first - KEPT_AROUND || place > last + KEPT_AROUND) this.#tiles.delete(place);
  }

  #clear(): void {
    this.#anchored?.abort();
    this.#request?.controller.abort();
    const was = this.#anchor;
    this.#anchor = this.#followed = this.#anchored = this.#request = this.list = this.current = null;
    this.reason = this.#key = "";
    this.#wanted = [];
    this.#tiles.clear();
    if (was !== null) this.#context.changed();
  }

  async #ask(id: string, signal: AbortSignal): Promise<void> {
    try {
      const { answer } = await this.#context.wire.ask({ kind: "epochs", id }, { signal });
      if (signal.aborted || !("of" in answer) || answer.of !== "epochs") return;
      this.list = answer.epochs;
      const place = answer.epochs.findIndex((one) => one.source === id);
      this.current = place < 0 ? null : place;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Disconnected) this.#context.disconnected();
      this.#anchor = null;
      this.reason = error instanceof Error ? error.message : String(error);
    }
    this.#context.changed();
  }

  /** Read missing cutouts with one request at a time, so that fast scrolling does not request everything. */
  async #readNext(): Promise<void> {
    const [id, key] = [this.#anchor, this.#key];
    const places = this.#wanted.filter((place) => !this.#tiles.has(place));
    if (this.#request !== null || id === null || places.length === 0) return;
    const controller = new AbortController();
    const request = { key, controller };
    this.#request = request;
    const take = ({ answer, bytes }: Reply): void => {
      if (controller.signal.aborted || !("of" in answer) || answer.of !== "epoch_tiles") return;
      this.#take(answer, bytes);
    };
    try {
      const body = { kind: "epoch_tiles", id, look: this.#context.look(), same_limits: this.sameLimits, places } as const; // biome-ignore format: one line
      take(await this.#context.wire.ask(body, { onPart: take, signal: controller.signal }));
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#request = null;
      if (error instanceof Disconnected) this.#context.disconnected();
      this.reason = error instanceof Error ? error.message : String(error);
      this.#context.changed();
      return; // requested again when the strip moves
    }
    if (this.#request === request) {
      this.#request = null;
      void this.#readNext();
    }
  }

  #take(answer: EpochTilesAnswer, bytes: DataView): void {
    for (const tile of answer.tiles) this.#tiles.set(tile.place, loaded(tile, bytes));
    this.reason = "";
    this.#context.changed();
  }
}

/** True if a point of a light curve belongs to an epoch's exposure. */
export function isSameEpoch(epoch: Epoch, point: LightCurvePoint): boolean {
  if (point.kind === "detection" && epoch.source !== null && point.source !== null)
    return epoch.source === point.source;
  if (epoch.visit !== null && point.visit !== null)
    return epoch.visit === point.visit && (point.detector === null || epoch.detector === point.detector);
  return epoch.time !== null && Math.abs(epoch.time - point.time) < SAME_TIME_DAYS;
}
