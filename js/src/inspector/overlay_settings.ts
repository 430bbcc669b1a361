import { isNumber, isTexts } from "../session";

/** How masks are drawn, in every inspector of this browser. */
export interface MaskSettings {
  /** Whether any is drawn. */
  shows: boolean;
  /** Names of planes that are left out. */
  off: string[];
  /** From 0 to 1. */
  opacity: number;
  /** Borders instead of areas. */
  outline: boolean;
}

/** What else is drawn over the panels. */
export interface Overlays {
  neighbours: boolean;
  footprint: boolean;
}

export const DEFAULT_MASKS: MaskSettings = { shows: false, off: [], opacity: 0.35, outline: false };
export const DEFAULT_OVERLAYS: Overlays = { neighbours: true, footprint: true };

export function isMaskSettings(value: unknown): value is MaskSettings {
  if (typeof value !== "object" || value === null) return false;
  const { shows, off, opacity, outline } = value as Partial<Record<keyof MaskSettings, unknown>>;
  return typeof shows === "boolean" && typeof outline === "boolean" && isTexts(off) && isNumber(opacity);
}

export function isOverlays(value: unknown): value is Overlays {
  if (typeof value !== "object" || value === null) return false;
  const { neighbours, footprint } = value as Partial<Record<keyof Overlays, unknown>>;
  return typeof neighbours === "boolean" && typeof footprint === "boolean";
}
