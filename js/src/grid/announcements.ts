import { h, setText } from "../dom";
import type { Session } from "../session";

/** Sentences for screen readers about changes that are only visible. */
export interface Announcements {
  element: HTMLElement;
  announce(text: string): void;
}

export function announcements(session: Session, signal: AbortSignal): Announcements {
  const element = h("p", { class: "cw-announcement", role: "status", "data-testid": "announcement" });
  const announce = (text: string): void => setText(element, text);
  session.subscribe(
    ["orientation"],
    () => announce(session.northUp ? "north up, east left" : "as on the detector"),
    signal,
  );
  return { element, announce };
}
