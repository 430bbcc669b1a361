import type { Session } from "../session";

/** The number of selected sources, including other pages. Keys act on those only after a message has been shown. */
export interface Selected {
  /** A message to show before all of them are labelled; null once shown, or if all are on this page. */
  announce(): string | null;
  /** Note that the selection bar, which shows the number, was used, so the message is unnecessary. */
  wasSeen(): void;
}

export function selected(session: Session, signal: AbortSignal): Selected {
  let isAnnounced = false;
  let text = "";
  session.subscribe(["selection", "page"], () => {
    isAnnounced = false;
    const { newest } = session.notices;
    if (newest !== null && newest.text === text) session.notices.withdraw(newest.number);
  }, signal); // biome-ignore format: listeners read better so
  return {
    announce() {
      if (isAnnounced || elsewhere(session) === 0) return null;
      isAnnounced = true;
      text = `${inWords(session)}: press again to label all`;
      return text;
    },
    wasSeen() {
      isAnnounced = true;
    },
  };
}

/** The number of selected sources on other pages. */
export function elsewhere({ selection }: Session): number {
  return selection.count - selection.here().length;
}

/** The number of selected sources as text: `37 selected (34 on other pages)`. */
export function inWords(session: Session): string {
  const { selection } = session;
  const all = selection.count.toLocaleString("en");
  const away = elsewhere(session);
  if (selection.isAll)
    return session.page?.target.where == null
      ? `all ${all} sources selected`
      : `all ${all} that pass the filter selected`;
  return away === 0 ? `${all} selected` : `${all} selected (${away.toLocaleString("en")} on other pages)`;
}
