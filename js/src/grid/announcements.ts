import { h, setText } from "../dom";
import type { Session } from "../session";

/** Announcements for screen readers of changes that are otherwise only visible. */
export interface Announcements {
  element: HTMLElement;
  announce(text: string): void;
}

export function announcements(session: Session, signal: AbortSignal): Announcements {
  const line = h("p", { class: "cw-announcement", role: "status", "data-testid": "announcement" });
  // A separate line: if labelling turns the page, both the label and the page are announced.
  const page = h("p", { class: "cw-announcement", role: "status", "data-testid": "announced-page" });
  const announce = (text: string): void => setText(line, text);
  session.subscribe(
    ["orientation"],
    () => announce(session.northUp ? "north up, east left" : "as on the detector"),
    signal,
  );
  session.subscribe(["page"], () => setText(page, whereOf(session)), signal);
  return { element: h("div", { class: "cw-part" }, line, page), announce };
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
