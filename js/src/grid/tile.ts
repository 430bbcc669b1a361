import { anySignal, h, setAttributes } from "../dom";
import { colourBy } from "../draw";
import type { Tile } from "../protocol";
import type { LoadedTile, Session } from "../session";
import { badges } from "./tile/badges";
import { head } from "./tile/head";
import { panels } from "./tile/panels";
import type { MakeTilePart, Marks } from "./tile/part";

/** What a tile is made of, from top to bottom. */
const PARTS: readonly MakeTilePart[] = [head, panels, badges];

/** One place of the page: made once, filled again with every page. */
export interface TileView {
  element: HTMLElement;
  /** The source that is shown; empty before the first. */
  id(): string;
  show(source: LoadedTile, look: string): void;
  mark(marks: Marks): void;
  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink(frame: number | null): number;
  /** Take the tile off the page and end its subscriptions. */
  remove(): void;
}

export function tile(session: Session, place: number, domId: string, signal: AbortSignal): TileView {
  const own = new AbortController();
  const until = anySignal(signal, own.signal);
  const parts = PARTS.map((part) => part(session, until));
  const element = h(
    "div",
    { class: "cw-tile", role: "option", id: domId, "data-testid": "tile", "data-place": place },
    ...parts.map((part) => part.element),
  );
  let shown: { source: LoadedTile; look: string } | null = null;

  return {
    element,
    id: () => shown?.source.tile.id ?? "",
    show(source, look) {
      if (shown?.source === source && shown.look === look) return;
      shown = { source, look };
      const { tile } = source;
      setAttributes(element, {
        "data-id": tile.id,
        "data-waiting": tile.waiting,
        "aria-busy": tile.waiting,
        "aria-label": described(tile),
      });
      for (const part of parts) part.show?.(source, look);
    },
    mark(marks) {
      const { label } = marks.said;
      setAttributes(element, {
        "aria-selected": String(marks.selected),
        "data-current": marks.current,
        "data-inspected": marks.inspected,
        "data-labelled": label !== null,
      });
      colourBy(element, label === null ? null : session.choiceOf(label));
      for (const part of parts) part.mark?.(marks);
    },
    blink: (frame) => Math.max(...parts.map((part) => part.blink?.(frame) ?? 0)),
    remove() {
      own.abort();
      element.remove();
    },
  };
}

/** A source in words, for a screen reader. */
function described({ id, band, badges, problems }: Tile): string {
  const flags = badges.length > 0 ? `, ${badges.map((one) => one.title || one.text).join(", ")}` : "";
  const missing = problems.length > 0 ? `, ${problems.join(", ")}` : "";
  return `source ${id}${band === null ? "" : `, band ${band}`}${flags}${missing}`;
}
