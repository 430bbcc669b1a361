import type { View } from "./actions";

/** Ask for an id or a row number, and go there. */
export function goTo(view: View): void {
  view.prompt.ask("Go to the source with this id, or to the row with this number:", "", (text) => {
    if (text.trim() !== "") void find(view, text);
  });
}

/** Show the page of a source with the cursor on it, or the reason why it is not among the rows. */
export async function find(view: View, text: string): Promise<void> {
  const { session, arrival, tiles } = view;
  const found = await session.find(text);
  if (found === null) return;
  const { page_size } = session.wanted;
  const page = Math.floor(found.place / page_size);
  if (page === session.wanted.page && !session.pending) tiles.goTo(found.place - page * page_size);
  else {
    arrival.at({ id: found.id });
    session.setTarget({ page });
  }
  const row = (found.place + 1).toLocaleString("en");
  session.notices.say("done", `source ${found.id}: row ${row} of ${found.n_rows.toLocaleString("en")}`);
}

/** Ask for a note on the source at the cursor. */
export function writeNote(view: View): void {
  const { session, tiles, cursor } = view;
  const id = tiles.idAt(cursor.place);
  if (id === null) return;
  const before = session.journalOf(id).note;
  view.prompt.ask(`Note on ${id}:`, before, (text) => {
    const note = text.trim();
    if (note === before) return;
    void session.labels.note(id, note).then((answer) => {
      if (answer !== null)
        session.notices.say("done", note === "" ? `no note on ${id} any more` : `noted on ${id}`);
    });
  });
}

/** Mark all sources of the page as seen. */
export async function markPageSeen({ session }: View): Promise<void> {
  if (session.pending) {
    session.notices.say("refused", "not marked: the page is not here yet");
    return;
  }
  const page = session.page?.tiles.filter(({ tile }) => !tile.waiting).map(({ tile }) => tile.id) ?? [];
  const answer = page.length === 0 ? null : await session.labels.see(page);
  if (answer !== null)
    session.notices.say(
      "done",
      `${page.length.toLocaleString("en")} sources of this page are marked as seen`,
    );
}
