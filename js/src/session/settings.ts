import type { State } from "../protocol";
import { isKeymap, remembered } from "./remembered";
import type { Topic } from "./topics";

/** What settings need from the session. */
export interface SettingsContext {
  get<K extends keyof State>(key: K): State[K];
  save<K extends keyof State>(key: K, value: State[K]): void;
  tell(topic: Topic): void;
  /** Draw in other colours. */
  recolour(): void;
}

/** How a grid is used and looks, as a person likes it. */
export class Settings {
  readonly #context: SettingsContext;
  readonly #keptKeys = remembered("keys", {}, isKeymap);

  constructor(context: SettingsContext) {
    this.#context = context;
  }

  /** Take the keys of the last grid in this browser, if Python has changed none. */
  recallKeys(): void {
    const kept = this.#keptKeys.get();
    const isChanged = Object.keys(this.#context.get("keymap")).length > 0;
    if (!isChanged && Object.keys(kept).length > 0) this.setKeymap(kept);
  }

  /** Change the keys: name of an action -> its keys. The next grid in this browser has them too. */
  setKeymap(keymap: Record<string, string[]>): void {
    this.#keptKeys.set(keymap);
    this.#context.save("keymap", keymap);
    this.#context.tell("labels");
  }

  setAdvance(advance: boolean): void {
    this.#context.save("advance", advance);
    this.#context.tell("labels");
  }

  setColormap(name: string | null): void {
    this.#context.save("colormap", name);
    this.#context.recolour();
  }

  /** Close a grid that is shown below. */
  closeBelow(gridId: string): void {
    const others = this.#context.get("below").filter((one) => one !== gridId);
    this.#context.save("below", others);
    this.#context.tell("below");
  }

  setTileSize(px: number): void {
    this.#context.save("tile_size", px);
    this.#context.tell("tiles");
  }

  setCompact(compact: boolean): void {
    this.#context.save("compact", compact);
    this.#context.tell("tiles");
  }
}
