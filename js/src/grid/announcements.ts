import { h, setText } from "../dom";
import type { Session, Topic } from "../session";

/** Announcements for screen readers of changes that are otherwise only visible. */
export interface Announcements {
  element: HTMLElement;
  announce(text: string): void;
}

/** What is otherwise only seen, in words, and when it may have changed; null is not announced. */
const SEEN: readonly (readonly [Topic, (session: Session) => string | null])[] = [
  ["orientation", ({ northUp }) => (northUp ? "north up, east left" : "as on the detector")],
  [
    "colours",
    ({ colours }) => (colours.inverted ? "dark and bright inverted" : "dark and bright as in the look"),
  ],
  ["masks", ({ overlays }) => (overlays.masks.shows ? "masks shown" : "masks hidden")],
  ["inspector", ({ inspected }) => (inspected === null ? "inspector closed" : "inspector open")],
  ["selection", ({ selection }) => (selection.count === 0 ? "nothing selected" : null)], // the bar says how many
  ["page", ({ wanted }) => `look ${wanted.look}`],
];

export function announcements(session: Session, signal: AbortSignal): Announcements {
  const line = h("p", { class: "cw-announcement", role: "status", "data-testid": "announcement" });
  // A separate line: if labelling turns the page, both the label and the page are announced.
  const page = h("p", { class: "cw-announcement", role: "status", "data-testid": "announced-page" });
  // The same text again would not be read: it ends in a space that is not seen.
  const announce = (text: string): void => setText(line, line.textContent === text ? `${text}\u00a0` : text);
  for (const [topic, words] of SEEN) {
    let last = words(session);
    const changed = (): void => {
      const now = words(session);
      if (now !== last && now !== null) announce(now);
      last = now;
    };
    session.subscribe([topic], changed, signal);
  }
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
