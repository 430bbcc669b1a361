import type { Session } from "../session";

/** How many sources are selected, also out of sight. A key acts on those only after a line has said so. */
export interface Selected {
  /** A sentence to show before all of them take a label; null once shown, or if all are on this page. */
  tell(): string | null;
  /** The bar that shows their number was used: no need to show the sentence again. */
  wasSeen(): void;
}

export function selected(session: Session, signal: AbortSignal): Selected {
  let told = false;
  session.subscribe(["selection", "page"], () => {
    told = false;
  }, signal); // biome-ignore format: listeners read better so
  return {
    tell() {
      if (told || elsewhere(session) === 0) return null;
      told = true;
      return `${inWords(session)}: press again to label all of them, Esc to select none`;
    },
    wasSeen() {
      told = true;
    },
  };
}

/** How many selected sources are not on the page that is shown. */
export function elsewhere({ selection }: Session): number {
  return selection.count - selection.here().length;
}

/** How many sources are selected: `37 selected (34 on other pages)`. */
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
