import type { LabelAnswer } from "../protocol";
import { focusOn, type View } from "./actions";

/**
 * Label the selected sources, else the one at the cursor; or show why that is not possible.
 *
 * @param label - null removes the label
 * @param at - time of the key press or click, in ms of `performance.now()`
 */
export function giveLabel(view: View, label: string | null, at: number): void {
  const { session } = view;
  const { count } = session.selection;
  const focus = view.tiles.idAt(view.cursor.place);
  const here = session.selection.here();
  const known = Array.isArray(session.selection.value) ? session.selection.value : here;
  const ids = count > 0 ? known : focus === null ? [] : [focus];
  const reason =
    count > 0
      ? (refusedForSources(view, here, at) ?? view.selected.announce())
      : refusedForSources(view, ids, at);
  if (reason !== null) {
    session.notices.say("refused", reason);
    return;
  }
  const replaced = ids.filter((id) => ![null, label].includes(session.labelOf(id)));
  if (replaced.length > 0) {
    view.tiles.flash(replaced);
    const was = counted(replaced.map((id) => session.labelOf(id)));
    session.notices.say("done", `replaced: ${was} \u2192 ${label ?? "unlabelled"}`);
  }
  if (count > 0 && (replaced.length === 0 || ids.length < count))
    session.notices.say("done", `${label ?? "unlabelled"}: ${count.toLocaleString("en")} sources`);
  if (count > 0) session.labelSelected(label);
  else {
    void backUnlessSaved(view, ids, session.label(ids, label));
    view.announce(`${label ?? "unlabelled"}: source ${ids.join(", ")}`);
    if (label !== null) moveOn(view);
  }
}

/** Label all unlabelled sources of the page. */
export function labelRest(view: View, label: string, at: number): void {
  const { session } = view;
  const page = session.page?.tiles.map(({ tile }) => tile.id) ?? [];
  const rest = page.filter((id) => session.labelOf(id) === null);
  const reason =
    refusedForSources(view, rest, at) ?? (rest.length === 0 ? "all sources of this page have a label" : null);
  if (reason !== null) {
    session.notices.say("refused", reason);
    return;
  }
  session.notices.say("done", `${label}: the other ${rest.length.toLocaleString("en")} of this page`);
  void backUnlessSaved(view, rest, session.label(rest, label));
  moveOn(view);
}

/** If a label could not be saved, flash its tiles, and move the cursor back to the first of them. */
async function backUnlessSaved(view: View, ids: readonly string[], saved: Promise<boolean>): Promise<void> {
  if (await saved) return;
  view.tiles.flash(ids);
  const place = view.session.page?.tiles.findIndex(({ tile }) => ids.includes(tile.id)) ?? -1;
  if (place >= 0 && place < view.cursor.place && !view.session.pending) focusOn(view, place);
}

/** Apply the last label again. */
export function repeatLabel(view: View, at: number): void {
  const { last } = view.session.labels;
  if (last === undefined)
    view.session.notices.say("refused", "no label was given yet that could be repeated");
  else giveLabel(view, last, at);
}

/** Undo or redo the last action: its tiles flash, a message shows the changes, and the cursor moves there. */
export async function turn(view: View, kind: "undo" | "redo"): Promise<void> {
  const { session } = view;
  const answer = await session.labels.turn(kind);
  if (answer === null) return;
  const ids = Object.keys(answer.labels);
  session.notices.say(ids.length > 0 ? "done" : "refused", textOf(answer, kind));
  view.tiles.flash(ids);
  const place = session.page?.tiles.findIndex(({ tile }) => ids.includes(tile.id)) ?? -1;
  if (place >= 0 && !session.pending) focusOn(view, place);
}

/** Move the cursor to the next unlabelled source: on this page, wrapping around; then to the next page. */
function moveOn(view: View): void {
  const { session, cursor, tiles, arrival } = view;
  if (!session.get("advance")) return;
  for (let step = 1; step < cursor.count; step++) {
    const place = (cursor.place + step) % cursor.count;
    const id = tiles.idAt(place);
    if (id === null || session.labelOf(id) !== null) continue;
    focusOn(view, place);
    return;
  }
  if (session.wanted.page + 1 < session.nPages) {
    arrival.at("unlabelled");
    session.setTarget({ page: session.wanted.page + 1 });
  } else session.notices.say("done", "this is the end of the last page");
}

/** Why some sources of the page cannot be labelled now; null if they can. */
function refusedForSources({ session, sight }: View, ids: readonly string[], at: number): string | null {
  if (session.pending)
    return `not labelled: page ${(session.wanted.page + 1).toLocaleString("en")} is not here yet`;
  const waiting = session.page?.tiles.filter(({ tile }) => tile.waiting && ids.includes(tile.id)) ?? [];
  if (waiting.length > 0)
    return `not labelled: the images of ${named(waiting.map(({ tile }) => tile.id))} are not here yet`;
  const after = session.get("label_after_ms");
  const unseen = ids.filter((id) => !sight.wasPainted(id, after, at));
  if (unseen.length > 0)
    return `not labelled: ${named(unseen)} ${unseen.length > 1 ? "were" : "was"} on the screen for less than ${after} ms`;
  return null;
}

function named(ids: readonly string[]): string {
  return ids.length === 1 ? String(ids[0]) : `${ids.length.toLocaleString("en")} sources`;
}

function textOf(answer: LabelAnswer, kind: "undo" | "redo"): string {
  const ids = Object.keys(answer.labels);
  if (ids.length === 0) return `nothing to ${kind}`;
  const changed = ids.filter((id) => (answer.was[id] ?? null) !== (answer.labels[id] ?? null));
  const pairs = changed.map(
    (id) => `${answer.was[id] ?? "unlabelled"} \u2192 ${answer.labels[id] ?? "unlabelled"}`,
  );
  const more = answer.n_changed - ids.length;
  const text = pairs.length === 0 ? "no change" : counted(pairs);
  return `${kind === "undo" ? "undone" : "redone"}: ${text}${more > 0 ? ` and ${more.toLocaleString("en")} more` : ""}`;
}

/** Number of kinds of words in a message. */
const MOST_KINDS = 3;

/** Words with their counts, the most frequent first: `2 real, 1 bogus`. */
function counted(words: readonly (string | null)[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word ?? "unlabelled", (counts.get(word ?? "unlabelled") ?? 0) + 1);
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const text = all.slice(0, MOST_KINDS).map(([word, n]) => `${n.toLocaleString("en")} ${word}`);
  return `${text.join(", ")}${all.length > MOST_KINDS ? " \u2026" : ""}`;
}
