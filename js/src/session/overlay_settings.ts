import type { MaskSettings } from "../draw";
import { isNumber, isTexts, remembered } from "./remembered";

/** Overlays besides masks. */
export interface Overlays {
  neighbours: boolean;
  footprint: boolean;
}

const DEFAULT_MASKS: MaskSettings = { shows: false, off: [], opacity: 0.35, outline: false };
const DEFAULT_OVERLAYS: Overlays = { neighbours: true, footprint: true };

function isMaskSettings(value: unknown): value is MaskSettings {
  if (typeof value !== "object" || value === null) return false;
  const { shows, off, opacity, outline } = value as Partial<Record<keyof MaskSettings, unknown>>;
  return typeof shows === "boolean" && typeof outline === "boolean" && isTexts(off) && isNumber(opacity);
}

function isOverlays(value: unknown): value is Overlays {
  if (typeof value !== "object" || value === null) return false;
  const { neighbours, footprint } = value as Partial<Record<keyof Overlays, unknown>>;
  return typeof neighbours === "boolean" && typeof footprint === "boolean";
}

/** How masks and outlines are drawn, both on tiles and in the inspector; remembered for other grids in this browser. */
export class OverlaySettings {
  readonly #masks = remembered("masks", DEFAULT_MASKS, isMaskSettings);
  readonly #overlays = remembered("overlays", DEFAULT_OVERLAYS, isOverlays);
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get masks(): MaskSettings {
    return this.#masks.get();
  }

  setMasks(change: Partial<MaskSettings>): void {
    this.#masks.set({ ...this.masks, ...change });
    this.#changed();
  }

  get shown(): Overlays {
    return this.#overlays.get();
  }

  setShown(change: Partial<Overlays>): void {
    this.#overlays.set({ ...this.shown, ...change });
    this.#changed();
  }
}
