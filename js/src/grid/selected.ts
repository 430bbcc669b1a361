import { h, setAttributes, setText } from "../dom";
import type { Session } from "../session";

/** How many sources are selected, also out of sight. A key acts on those only after the bar has said so. */
export interface Selected {
  element: HTMLElement;
  /** The selected sources of the page that is shown. */
  here(): string[];
  /** A sentence that has to be told before all of them take a label; null if it was told, or if all are here. */
  tell(): string | null;
}

export function selected(session: Session, signal: AbortSignal): Selected {
  const element = h("p", { class: "cw-selected", "data-testid": "selected", hidden: true });
  let told = false;

  const here = (): string[] => {
    const shown = new Set(session.page?.tiles.map(({ tile }) => tile.id));
    return session.get("selected").filter((id) => shown.has(id));
  };
  const elsewhere = (): number => session.get("selected").length - here().length;
  const inWords = (): string => {
    const all = session.get("selected").length.toLocaleString("en");
    return elsewhere() === 0
      ? `${all} selected`
      : `${all} selected, ${elsewhere().toLocaleString("en")} on other pages`;
  };
  const refresh = (): void => {
    told = false;
    element.hidden = session.get("selected").length === 0;
    setText(element, inWords());
    setAttributes(element, { "data-elsewhere": elsewhere() > 0 });
  };
  session.subscribe(["selection", "page"], refresh, signal);
  refresh();
  return {
    element,
    here,
    tell() {
      if (told || elsewhere() === 0) return null;
      told = true;
      return `${inWords()}: press again to label all of them, Esc to select none`;
    },
  };
}
