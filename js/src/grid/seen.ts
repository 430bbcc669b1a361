import type { Session } from "../session";
import type { Tiles } from "./tiles";

/** Mark sources as seen after they were in view for a while, with one request for all of a moment. */
export function markSeen(session: Session, tiles: Tiles, signal: AbortSignal): void {
  if (typeof IntersectionObserver === "undefined") return;
  const inSight = new Set<Element>();
  const watched = new WeakSet<Element>();
  const since = new Map<string, number>();
  const asked = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) inSight.add(target);
        else inSight.delete(target);
      refresh();
    },
    { threshold: 0.5 },
  );

  /** The sources currently in view. */
  const visible = (): string[] => {
    if (document.visibilityState === "hidden" || session.pending) return [];
    const loaded = session.page?.tiles ?? [];
    return loaded.flatMap(({ tile }, place) => {
      const element = tiles.elementAt(place);
      return !tile.waiting && element !== undefined && inSight.has(element) ? [tile.id] : [];
    });
  };

  const refresh = (): void => {
    clearTimeout(timer);
    for (let place = 0; ; place++) {
      const element = tiles.elementAt(place);
      if (element === undefined) break;
      if (!watched.has(element)) observer.observe(element);
      watched.add(element);
    }
    const afterMs = session.get("seen_after_s") * 1000;
    if (!session.get("labelling") || !session.connected || afterMs <= 0) return;
    const now = performance.now();
    const ids = visible();
    for (const id of [...since.keys()]) if (!ids.includes(id)) since.delete(id);
    for (const id of ids) if (!since.has(id)) since.set(id, now);
    const unseen = ids.filter((id) => !asked.has(id) && !session.journalOf(id).seen);
    const due = unseen.filter((id) => now - (since.get(id) ?? now) >= afterMs);
    for (const id of due) asked.add(id);
    if (due.length > 0) void session.labels.see(due);
    const next = Math.min(
      ...unseen.filter((id) => !asked.has(id)).map((id) => (since.get(id) ?? now) + afterMs),
    );
    if (Number.isFinite(next)) timer = setTimeout(refresh, Math.max(0, next - performance.now()));
  };

  session.subscribe(["page", "controls", "link"], refresh, signal);
  document.addEventListener("visibilitychange", refresh, { signal });
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      observer.disconnect();
    },
    { once: true },
  );
  refresh();
}
