import { anySignal, h, setAttributes } from "../dom";
import { colourBy } from "../draw";
import type { Badge, JournalState, Tile } from "../protocol";
import type { LoadedTile, Session } from "../session";
import { badges } from "./tile/badges";
import { head } from "./tile/head";
import { panels } from "./tile/panels";
import type { MakeTilePart, Marks } from "./tile/part";

/** The parts of a tile, from top to bottom. */
const PARTS: readonly MakeTilePart[] = [head, panels, badges];

/** One position of the page: created once, updated with every page. */
export interface TileView {
  element: HTMLElement;
  /** The current source; empty before the first. */
  id(): string;
  show(source: LoadedTile, look: string): void;
  mark(marks: Marks): void;
  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink(frame: number | null): number;
  /** Remove the tile from the page and end its subscriptions. */
  remove(): void;
}

export function tile(session: Session, place: number, domId: string, signal: AbortSignal): TileView {
  const own = new AbortController();
  const until = anySignal(signal, own.signal);
  const parts = PARTS.map((part) => part(session, until));
  const element = h(
    "div",
    { class: "cw-tile", role: "row", id: domId, "data-testid": "tile", "data-place": place },
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
      });
      for (const part of parts) part.show?.(source, look);
    },
    mark(marks) {
      const { label } = marks.journal;
      setAttributes(element, {
        "aria-selected": String(marks.selected),
        "data-current": marks.current,
        "data-inspected": marks.inspected,
        "data-labelled": label !== null,
        "data-unsaved": !marks.saved,
        "aria-label": shown === null ? null : described(shown.source.tile, marks.journal),
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

/** A description of a source for screen readers: id, captions such as S/N, band, flags, label, missing panels. */
function described(
  { id, band, badges, facts, problems }: Tile,
  { label, note, others }: JournalState,
): string {
  return [
    `source ${id}`,
    ...facts.map((one) => one.text),
    ...(band === null ? [] : [`band ${band}`]),
    ...badges.map(inWords),
    ...(label === null ? [] : [`label ${label}`]),
    ...(others === "" ? [] : [others]),
    ...(note === "" ? [] : [`note: ${note}`]),
    ...problems,
  ].join(", ");
}

/** The description of a flag without its columns, `fitted as a dipole`; for a score with its number. */
function inWords({ kind, text, title }: Badge): string {
  if (kind === "score") return `${title} ${text.slice(text.indexOf(":") + 1)}`;
  return title.split(": ", 1)[0] || text;
}
