import type { View } from "./actions";

/**
 * Give the selected sources a label, else the one at the cursor; or say why not.
 *
 * @param label - null takes it away
 * @param at - when that was asked for, in ms of `performance.now()`
 */
export function giveLabel(view: View, label: string | null, at: number): void {
  const { session } = view;
  const chosen = session.get("selected");
  const reason = chosen.length > 0 ? refusedForSelection(view, at) : refusedForFocus(view, at);
  if (reason !== null) {
    session.notices.say("refused", reason);
    return;
  }
  const focus = view.tiles.idAt(view.cursor.place);
  const ids = chosen.length > 0 ? chosen : focus === null ? [] : [focus];
  const replaced = ids.filter((id) => ![null, label].includes(session.labelOf(id)));
  if (replaced.length > 0) {
    view.tiles.flash(replaced);
    session.notices.say("done", `replaced: ${inWords(view, replaced)} \u2192 ${label ?? "unlabelled"}`);
  }
  session.label(ids, label);
}

/** Why a label cannot be given now, whatever source it is for; null if it can. */
function refusedForPage({ session }: View): string | null {
  return session.pending
    ? `not labelled: page ${(session.wanted.page + 1).toLocaleString("en")} is not here yet`
    : null;
}

function refusedForFocus(view: View, at: number): string | null {
  const { session, cursor, tiles, sight } = view;
  const id = tiles.idAt(cursor.place);
  const after = session.get("label_after_ms");
  if (id === null) return "not labelled: there is no source";
  return (
    refusedForPage(view) ??
    (tiles.isWaiting(cursor.place) ? `not labelled: the images of ${id} are not here yet` : null) ??
    (sight.wasPainted(id, after, at)
      ? null
      : `not labelled: ${id} was on the screen for less than ${after} ms`)
  );
}

/** A selection may be out of sight: then the first press only says how much of it is. */
function refusedForSelection(view: View, at: number): string | null {
  const { session, sight, selected } = view;
  const unseen = selected.here().filter((id) => !sight.wasPainted(id, session.get("label_after_ms"), at));
  return (
    refusedForPage(view) ??
    (unseen.length > 0
      ? `not labelled: ${unseen.length} selected sources are not on the screen yet`
      : null) ??
    (selected.isTold() ? null : selected.tell())
  );
}

/** Labels of sources, counted: `2 real, 1 bogus`. */
function inWords({ session }: View, ids: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const word = session.labelOf(id) ?? "unlabelled";
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, n]) => `${n.toLocaleString("en")} ${word}`).join(", ");
}
