import { h, setAttributes, setText } from "../dom";
import type { Session } from "../session";

/** How many sources are selected, also out of sight. A key acts on those only after the bar has said so. */
export interface Selected {
  element: HTMLElement;
  /** The selected sources of the page that is shown. */
  here(): string[];
  /** True if none is on another page, or if that was told. */
  isTold(): boolean;
  /** Remember that it is told now, and return the sentence. */
  tell(): string;
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
    isTold: () => told || elsewhere() === 0,
    tell() {
      told = true;
      return `${inWords()}: press again to label all of them, Esc to select none`;
    },
  };
}
