import type { Session } from "../session";
import type { Cursor } from "./cursor";
import type { Tiles } from "./tiles";

/** Where the cursor goes when another page is shown. */
export interface Arrival {
  /** The cursor's position on the next page: the first unlabelled source, or one source; else the first. */
  at(where: "unlabelled" | { id: string }): void;
}

/** Start every page at its top, with the cursor on the first source. Create it after the tiles. */
export function arrival(
  session: Session,
  on: { cursor: Cursor; tiles: Tiles },
  signal: AbortSignal,
): Arrival {
  let shown = keyOf(session);
  let where: "unlabelled" | { id: string } | null = null;

  const place = (): number => {
    const tiles = session.page?.tiles ?? [];
    const wanted = where;
    if (wanted === null) return 0;
    return Math.max(
      0,
      tiles.findIndex(({ tile: { id } }) =>
        wanted === "unlabelled" ? session.labelOf(id) === null : wanted.id === id,
      ),
    );
  };
  const refresh = (): void => {
    const now = keyOf(session);
    if (now === shown) return;
    const isFirst = shown === null;
    shown = now;
    if (isFirst) return;
    const to = place();
    where = null;
    on.tiles.goTo(to);
    const id = on.tiles.idAt(to);
    if (session.inspected !== null && id !== null) session.inspect(id);
  };
  session.subscribe(["page"], refresh, signal);
  return {
    at(there) {
      where = there;
    },
  };
}

/** Equal for pages with the same sources. */
function keyOf({ page }: Session): string | null {
  if (page === null) return null;
  const { page: number, page_size, sort, where } = page.target;
  return JSON.stringify([number, page_size, sort, where]);
}
