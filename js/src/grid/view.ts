import { h, setAttributes } from "../dom";
import { inspector } from "../inspector";
import type { Part, Session } from "../session";
import { offerView, type View } from "./actions";
import { announcements } from "./announcements";
import { arrival } from "./arrival";
import { below } from "./below";
import { blink } from "./blink";
import { Cursor } from "./cursor";
import { facets } from "./facets";
import { help } from "./help";
import { keepInView } from "./in_view";
import { keyboard } from "./keyboard";
import { labelBar } from "./label_bar";
import { legend } from "./legend";
import { prompt } from "./prompt";
import { rubberBand } from "./rubber_band";
import { saveLine } from "./save_line";
import { markSeen } from "./seen";
import { selected } from "./selected";
import { selectionBar } from "./selection_bar";
import { shape } from "./shape";
import { sight } from "./sight";
import { split } from "./split";
import { stack } from "./stack";
import { empty, showState, status } from "./status";
import { tiles } from "./tiles";
import { toolbar } from "./toolbar";
import { touch } from "./touch";

/** The bars above the tiles, from top to bottom. */
const BARS: readonly Part[] = [toolbar, labelBar, facets, legend];

/** The bars below the tiles. They come and go: above the tiles they would shift them under the pointer. */
const FOOT: readonly Part[] = [status, saveLine, selectionBar];

/** One view of a grid. Several views may share one session, each with its own elements. */
export function view(session: Session, signal: AbortSignal): HTMLElement {
  const root = h("div", {
    class: "cw",
    tabindex: 0,
    role: "group", // it keeps the focus while keys move from tile to tile
    "aria-label": "Cutouts",
    "data-testid": "cutouts",
  });
  const cursor = new Cursor();
  const spoken = announcements(session, signal);
  const keys = help(session, spoken.announce, signal);
  const pieces = {
    session,
    cursor,
    announce: spoken.announce,
    help: keys,
    prompt: prompt(signal),
    focusFilter: () => root.querySelector<HTMLInputElement>(".cw-where")?.focus(),
    inspector: inspector(session, signal),
    tiles: tiles(session, cursor, signal),
    selected: selected(session, signal),
    sight: sight(session, signal),
  };
  const all: View = {
    ...pieces,
    arrival: arrival(session, pieces, signal),
    blink: blink(root, session, pieces, signal),
  };

  const page = h("div", { class: "cw-page" }, all.tiles.element, empty(session, signal));
  const bars = BARS.map((part) => part(session, signal));
  root.append(
    ...bars,
    spoken.element,
    keys.element,
    split(session, all.inspector.element, page, signal),
    h("div", { class: "cw-foot" }, all.prompt.element, ...FOOT.map((part) => part(session, signal))),
  );
  stack(root, bars, signal);
  rubberBand(page, session, all.tiles, signal);
  touch(page, all, signal);
  offerView(root, all, signal);
  keyboard(root, all, signal);
  shape(root, session, signal);
  showState(root, session, signal);
  keepInView(root, session, all, signal);
  markSeen(session, all.tiles, signal);

  const showCursor = (): void =>
    setAttributes(root, { "aria-activedescendant": all.tiles.elementAt(cursor.place)?.id });
  session.subscribe(["page"], showCursor, signal);
  cursor.onMove(showCursor);
  showCursor();
  return h("div", {}, root, below(session, signal));
}
