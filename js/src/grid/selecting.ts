import type { Session } from "../session";
import type { Cursor } from "./cursor";

/** Ids of the sources of the current page, in order. */
export function idsOfPage(session: Session): string[] {
  return session.page?.tiles.map(({ tile }) => tile.id) ?? [];
}

/** Add sources of the page to the selection. */
export function addToSelection(session: Session, ids: readonly string[]): void {
  session.selection.change(ids, () => true);
}

/** Add a source of the page to the selection, or remove it. */
export function toggleSelected(session: Session, id: string): void {
  session.selection.change([id], (wasIn) => !wasIn);
}

/** Add all sources between two positions on the page, both included. */
export function addRange(session: Session, from: number, to: number): void {
  addToSelection(session, idsOfPage(session).slice(Math.min(from, to), Math.max(from, to) + 1));
}

/** Invert the selection on the page; other pages are unchanged. */
export function invertPage(session: Session): void {
  session.selection.change(idsOfPage(session), (wasIn) => !wasIn);
}

/** Add all sources from the last selected one to a position on the page, across pages in order. */
export function extendTo(session: Session, cursor: Cursor, place: number): void {
  const ids = idsOfPage(session);
  const { anchor } = cursor;
  const from = anchor === null ? cursor.place : ids.indexOf(anchor);
  if (from >= 0) addRange(session, from, place);
  else if (anchor !== null && ids[place] !== undefined)
    void session.selection.many("range", anchor, ids[place]);
}
