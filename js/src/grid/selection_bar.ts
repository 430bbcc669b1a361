import { enable, h, hide, setAttributes, setText } from "../dom";
import { colourBy } from "../draw";
import type { LabelChoice } from "../protocol";
import type { Part, Session } from "../session";
import { withView } from "./actions";
import { giveLabel } from "./labelling";
import { elsewhere, inWords } from "./selected";
import { button } from "./toolbar/controls";
import { keepFocus, type Tool, tool } from "./tools";

const TOOLS: readonly Tool[] = [
  { name: "invert_selection", sign: "", text: "invert page", title: "Select the others of the page" },
  { name: "invert_all", sign: "", text: "invert all", title: "Select all others that pass the filter" },
];
const SAVE: Tool = {
  name: "save",
  sign: "",
  text: "save",
  title: "Save the selected sources as PNGs with a manifest",
};

/** The number of selected sources, and actions for them. */
export const selectionBar: Part = (session, signal) => {
  const words = h("strong", { "data-testid": "selected", role: "status" });
  const labels = labelling(session, signal);
  const clear = button("clear", "Select nothing (Esc)", "clear-selection");
  const copy = button("copy ids", "Copy the ids of the selected sources, one per line", "copy-ids");
  const apart = button("new grid", "Show a grid of the selected sources below this one", "new-grid");
  const element = h(
    "div",
    { class: "cw-selected", role: "toolbar", "aria-label": "Selection", hidden: true },
    words,
    labels,
    ...TOOLS.map((one) => tool(session, one, signal)),
    clear,
    copy,
    tool(session, SAVE, signal),
    apart,
  );
  apart.hidden = session.isFile;
  copy.addEventListener("click", () => void session.selection.copy(), { signal });
  clear.addEventListener("click", () => session.selection.clear(), { signal });
  apart.addEventListener("click", () => void session.selection.openGrid(), { signal });
  keepFocus(element, signal);

  const refresh = (): void => {
    if (session.selection.count === 0) hide(element);
    else element.hidden = false;
    setText(words, inWords(session));
    setAttributes(element, { "data-elsewhere": elsewhere(session) > 0 });
    enable(apart, session.connected);
  };
  session.subscribe(["selection", "page", "link"], refresh, signal);
  refresh();
  return element;
};

/** A button that opens the label choices. */
const labelling: Part = (session, signal) => {
  const open = button("label", "Give all selected sources a label", "label-selection");
  const choices = h("span", {
    class: "cw-selected-labels",
    role: "group",
    "aria-label": "Label",
    hidden: true,
  });
  const element = h("span", { class: "cw-selected-label" }, open, choices);
  let shown = "";
  const show = (isOpen: boolean): void => {
    if (isOpen) choices.hidden = false;
    else hide(choices);
    setAttributes(open, { "aria-expanded": String(isOpen) });
  };
  open.addEventListener("click", () => show(choices.hidden === true), { signal });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || choices.hidden) return;
    event.stopPropagation(); // the selection stays
    open.focus({ preventScroll: true });
    show(false);
  }, { signal }); // biome-ignore format: listeners read better so
  window.addEventListener("pointerdown", (event) => {
    if (!event.composedPath().includes(element)) show(false);
  }, { signal, capture: true }); // biome-ignore format: listeners read better so
  const refresh = (): void => {
    element.hidden = !session.get("labelling");
    enable(open, session.connected);
    const offered = session.get("choices").label_choices;
    if (JSON.stringify(offered) === shown) return;
    shown = JSON.stringify(offered);
    choices.replaceChildren(...[...offered, null].map((one) => choice(session, one, () => show(false))));
  };
  session.subscribe(["controls", "labels", "link"], refresh, signal);
  session.subscribe(["selection"], () => show(false), signal);
  show(false);
  refresh();
  return element;
};

/** A button that labels all selected sources, or removes their labels. */
function choice(session: Session, one: LabelChoice | null, done: () => void): HTMLButtonElement {
  const word = one?.word ?? "unlabelled";
  const title = `Label all selected sources: ${word}`;
  const element = h(
    "button",
    { type: "button", class: "cw-choice", title, "aria-label": title, "data-word": word },
    h("span", { class: "cw-symbol", "aria-hidden": "true" }, one?.symbol ?? "\u25cb"),
    word,
  );
  colourBy(element, one);
  element.addEventListener("click", () =>
    withView(element, (view) => {
      if (session.selection.count === 0) return;
      view.selected.wasSeen(); // the bar shows the number
      giveLabel(view, one?.word ?? null, performance.now());
      done();
    }),
  );
  return element;
}
