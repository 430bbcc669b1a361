import { copyText, h, hide, setAttributes, setText } from "../dom";
import type { Session } from "../session";
import { invertPage } from "./selecting";
import { button } from "./toolbar/controls";

/** How many sources are selected, also out of sight. A key acts on those only after the bar has said so. */
export interface Selected {
  element: HTMLElement;
  /** The selected sources of the page that is shown. */
  here(): string[];
  /** A sentence that has to be told before all of them take a label; null if it was told, or if all are here. */
  tell(): string | null;
}

export function selected(session: Session, signal: AbortSignal): Selected {
  const words = h("span", { "data-testid": "selected" });
  const copy = button("copy ids", "Copy the ids, one a line", "copy-ids");
  const invert = button("invert", "Select the others of the page (x)", "invert-selection");
  const clear = button("clear", "Select nothing (Esc)", "clear-selection");
  const element = h(
    "div",
    { class: "cw-selected", role: "group", "aria-label": "Selection", hidden: true },
    words,
    copy,
    invert,
    clear,
  );
  copy.addEventListener("click", () => void copyIds(session), { signal });
  invert.addEventListener("click", () => invertPage(session), { signal });
  clear.addEventListener("click", () => session.select([]), { signal });
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
    if (session.get("selected").length === 0) hide(element);
    else element.hidden = false;
    setText(words, inWords());
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

async function copyIds(session: Session): Promise<void> {
  const ids = session.get("selected");
  const copied = await copyText(ids.join("\n"));
  session.notices.say(
    copied ? "done" : "refused",
    copied ? `copied ${ids.length.toLocaleString("en")} ids` : "this page may not use the clipboard",
  );
}
