import { setAttributes } from "../dom";
import type { Session } from "../session";

/** Allowed sides of a tile's panel in CSS pixels, as checked in Python. */
export const [SMALLEST, LARGEST] = [48, 320];

/** Set the size and content of the tiles as attributes of the view, for CSS. */
export function shape(root: HTMLElement, session: Session, signal: AbortSignal): void {
  const refresh = (): void => {
    const { length } = session.get("panels");
    root.style.setProperty("--cw-panel", `${session.get("tile_size")}px`);
    root.style.setProperty("--cw-panels", String(length));
    setAttributes(root, { "data-panels": length, "data-compact": session.get("compact") });
  };
  session.subscribe(["tiles"], refresh, signal);
  refresh();
}

/** One step larger (1) or smaller (-1). */
export function resize(session: Session, direction: 1 | -1): void {
  const now = session.get("tile_size");
  session.settings.setTileSize(Math.round(bounded(direction === 1 ? now * STEP : now / STEP)));
}

const STEP = 1.2;

const bounded = (px: number): number => Math.min(Math.max(SMALLEST, px), LARGEST);
