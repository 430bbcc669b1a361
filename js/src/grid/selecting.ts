import type { Session } from "../session";

/** Ids of the sources of the page that is shown, in order. */
export function idsOfPage(session: Session): string[] {
  return session.page?.tiles.map(({ tile }) => tile.id) ?? [];
}

/** Add sources to the selection. */
export function addToSelection(session: Session, ids: readonly string[]): void {
  session.select([...new Set([...session.get("selected"), ...ids])]);
}

/** Add all sources between two places of the page, both included. */
export function addRange(session: Session, from: number, to: number): void {
  addToSelection(session, idsOfPage(session).slice(Math.min(from, to), Math.max(from, to) + 1));
}

/** Select what is not selected of the page, and the reverse; other pages stay as they are. */
export function invertPage(session: Session): void {
  const page = idsOfPage(session);
  const selected = session.get("selected");
  const onPage = new Set(page);
  const chosen = new Set(selected);
  session.select([...selected.filter((id) => !onPage.has(id)), ...page.filter((id) => !chosen.has(id))]);
}
