import type { Inspector } from "../inspector";
import type { Session } from "../session";
import type { Arrival } from "./arrival";
import type { Blink } from "./blink";
import type { Cursor } from "./cursor";
import type { Prompt } from "./prompt";
import type { Selected } from "./selected";
import type { Sight } from "./sight";
import type { Tiles } from "./tiles";

/** The parts of one view that keys and buttons act on. Several views may share one session. */
export interface View {
  session: Session;
  cursor: Cursor;
  tiles: Tiles;
  arrival: Arrival;
  sight: Sight;
  selected: Selected;
  inspector: Inspector;
  help: { toggle(): void; close(): boolean };
  prompt: Prompt;
  /** Focus the filter. */
  focusFilter(): void;
  blink: Blink;
  /** Announce something to screen readers. */
  announce(text: string): void;
}

const EVENT = "cw-action";

/** Act on the view that contains an element: a part has access to the session, not to its view. */
export function withView(element: Element, act: (view: View) => void): void {
  element.dispatchEvent(new CustomEvent(EVENT, { bubbles: true, detail: act }));
}

/** Give the parts inside an element access to their view. */
export function offerView(root: HTMLElement, view: View, signal: AbortSignal): void {
  root.addEventListener(
    EVENT,
    (event) => {
      event.stopPropagation();
      if (event instanceof CustomEvent && typeof event.detail === "function") event.detail(view);
    },
    { signal },
  );
}

/** Move the cursor to a position on the page, scroll it into view, and update an open inspector. */
export function focusOn({ session, cursor, tiles }: View, place: number): void {
  tiles.goTo(place);
  cursor.anchor = null;
  const id = tiles.idAt(cursor.place);
  if (session.inspected !== null && id !== null) session.inspect(id);
}
