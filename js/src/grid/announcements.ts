import { h, setText } from "../dom";
import type { Session } from "../session";

/** Sentences for screen readers about changes that are only visible. */
export interface Announcements {
  element: HTMLElement;
  announce(text: string): void;
}

export function announcements(session: Session, signal: AbortSignal): Announcements {
  const said = h("p", { class: "cw-announcement", role: "status", "data-testid": "announcement" });
  // A line of its own: a label that turns the page is heard as well as the page.
  const page = h("p", { class: "cw-announcement", role: "status", "data-testid": "announced-page" });
  const announce = (text: string): void => setText(said, text);
  session.subscribe(
    ["orientation"],
    () => announce(session.northUp ? "north up, east left" : "as on the detector"),
    signal,
  );
  session.subscribe(["page"], () => setText(page, whereOf(session)), signal);
  return { element: h("div", { class: "cw-part" }, said, page), announce };
}

/** Which page is shown in words: `page 2 of 5, sources 7 to 12 of 30`. */
function whereOf({ page, nPages }: Session): string {
  if (page === null) return "";
  const { target, tiles, nRows } = page;
  if (tiles.length === 0) return "no sources";
  const before = target.page * target.page_size;
  const [number, of] = [target.page + 1, nPages].map((one) => one.toLocaleString("en"));
  const [first, last, all] = [before + 1, before + tiles.length, nRows].map((one) =>
    one.toLocaleString("en"),
  );
  return `page ${number} of ${of}, sources ${first} to ${last} of ${all}`;
}
