import { h } from "../dom";
import { isText, remembered, type Session } from "../session";

/** One of the tabs beside the panels. */
export interface Tab<S> {
  /** A short name, for tests and for storage. */
  name: string;
  title: string;
  /** Creates its content; a `Part` also works, if it needs only the session. */
  part(session: Session, signal: AbortSignal, state: S): HTMLElement;
}

/** Tabs, the last chosen of which is remembered. Arrow keys on a tab go to the next one. */
export function tabs<S>(
  all: readonly Tab<S>[],
  session: Session,
  signal: AbortSignal,
  state: S,
  changed: () => void = () => {},
): HTMLElement {
  const chosen = remembered("inspector-tab", all[0]?.name ?? "", isText);
  const id = `cw-tab-${Math.random().toString(36).slice(2)}`;
  const sheets = all.map(({ name, title, part }) => ({
    name,
    button: h(
      "button",
      {
        type: "button",
        class: "cw-tab",
        role: "tab",
        id: `${id}-${name}`,
        "aria-controls": `${id}-${name}-sheet`,
        "data-testid": `tab-${name}`,
      },
      title,
    ),
    sheet: h(
      "div",
      {
        class: "cw-sheet",
        role: "tabpanel",
        id: `${id}-${name}-sheet`,
        "aria-labelledby": `${id}-${name}`,
        "data-testid": `sheet-${name}`,
      },
      part(session, signal, state),
    ),
  }));

  const show = (name: string): void => {
    const known = sheets.some((one) => one.name === name) ? name : sheets[0]?.name;
    for (const { name: own, button, sheet } of sheets) {
      const isShown = own === known;
      button.setAttribute("aria-selected", String(isShown));
      button.tabIndex = isShown ? 0 : -1;
      sheet.hidden = !isShown;
    }
  };
  const choose = (name: string): void => {
    chosen.set(name);
    show(name);
    changed();
  };
  sheets.forEach(({ name, button }, place) => {
    button.addEventListener("click", () => choose(name), { signal });
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      const next = sheets[(place + step + sheets.length) % sheets.length];
      if (next !== undefined) {
        choose(next.name);
        next.button.focus({ preventScroll: true });
      }
      event.preventDefault();
      event.stopPropagation(); // do not move the tiles' cursor
    }, { signal }); // biome-ignore format: listeners read better so
  });
  show(chosen.get());
  return h(
    "div",
    { class: "cw-tabs" },
    h(
      "div",
      { class: "cw-tablist", role: "tablist", "aria-label": "About the source" },
      ...sheets.map((one) => one.button),
    ),
    ...sheets.map((one) => one.sheet),
  );
}
