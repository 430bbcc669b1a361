import type { State } from "../protocol";
import { isKeymap, remembered } from "./remembered";
import type { Topic } from "./topics";

/** What settings need from the session. */
export interface SettingsContext {
  get<K extends keyof State>(key: K): State[K];
  save<K extends keyof State>(key: K, value: State[K]): void;
  notify(topic: Topic): void;
  /** Redraw with other colours. */
  recolour(): void;
}

/** The user's settings of a grid. */
export class Settings {
  readonly #context: SettingsContext;
  readonly #keptKeys = remembered("keys", {}, isKeymap);

  constructor(context: SettingsContext) {
    this.#context = context;
  }

  /** Use the keys of the last grid in this browser, unless they were changed in Python. */
  recallKeys(): void {
    const kept = this.#keptKeys.get();
    const isChanged = Object.keys(this.#context.get("keymap")).length > 0;
    if (!isChanged && Object.keys(kept).length > 0) this.setKeymap(kept);
  }

  /** Change the keys: action -> its keys. They are remembered for other grids in this browser. */
  setKeymap(keymap: Record<string, string[]>): void {
    this.#keptKeys.set(keymap);
    this.#context.save("keymap", keymap);
    this.#context.notify("labels");
  }

  setAdvance(advance: boolean): void {
    this.#context.save("advance", advance);
    this.#context.notify("labels");
  }

  setColormap(name: string | null): void {
    this.#context.save("colormap", name);
    this.#context.recolour();
  }

  /** Close a grid shown below. */
  closeBelow(gridId: string): void {
    const others = this.#context.get("below").filter((one) => one !== gridId);
    this.#context.save("below", others);
    this.#context.notify("below");
  }

  setTileSize(px: number): void {
    this.#context.save("tile_size", px);
    this.#context.notify("tiles");
  }

  setCompact(compact: boolean): void {
    this.#context.save("compact", compact);
    this.#context.notify("tiles");
  }
}
