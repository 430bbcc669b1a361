import { whenPainted } from "../dom";
import type { Session } from "../session";

/** Tracks since when the pixels of each source of the page have been on the screen. */
export interface Sight {
  /** True if the pixels of a source were drawn at least this long before a time, in ms of `performance.now()`. */
  wasPainted(id: string, forMs: number, before: number): boolean;
}

/** Track the drawing of one view. Create it after the tiles, which draw on the same topic. */
export function sight(session: Session, signal: AbortSignal): Sight {
  const since = new Map<string, number>();
  const drawn = new Set<string>();
  let drop = (): void => {};

  const note = (): void => {
    const now = performance.now();
    for (const id of drawn) if (!since.has(id)) since.set(id, now);
  };
  const refresh = (): void => {
    const before = drawn.size;
    const ready = session.page?.tiles.filter(({ tile }) => !tile.waiting).map(({ tile }) => tile.id) ?? [];
    const known = new Set(ready);
    for (const id of [...drawn]) if (!known.has(id)) drawn.delete(id);
    for (const id of [...since.keys()]) if (!known.has(id)) since.delete(id);
    const kept = drawn.size;
    for (const id of ready) drawn.add(id);
    if (drawn.size === kept && before === kept) return;
    drop();
    drop = whenPainted(note);
  };
  session.subscribe(["page"], refresh, signal);
  signal.addEventListener("abort", () => drop(), { once: true });
  refresh();
  return {
    wasPainted: (id, forMs, before) =>
      forMs === 0 ? drawn.has(id) : before - (since.get(id) ?? Number.POSITIVE_INFINITY) >= forMs,
  };
}
