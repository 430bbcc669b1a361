import { enable, h, setText } from "../dom";
import { colourBy } from "../draw";
import type { LabelChoice } from "../protocol";
import type { Part } from "../session";
import { withView } from "./actions";
import type { KeyName } from "./keymap";
import { labelProgress } from "./label_progress";
import { giveLabel } from "./labelling";
import { firstKey, keepFocus, type Tool, tool } from "./tools";

/** The label choices with their counts, the progress, and buttons for keys. */
export const labelBar: Part = (session, signal) => {
  const choices = h("div", { class: "cw-label-choices", role: "group", "aria-label": "Labels" });
  const problem = h("p", {
    class: "cw-label-problem",
    role: "alert",
    "data-testid": "label-problem",
    hidden: true,
  });
  const element = h(
    "div",
    {
      class: "cw-label-bar",
      role: "toolbar",
      "aria-label": "Labels",
      "data-testid": "label-bar",
      hidden: true,
    },
    problem,
    choices,
    labelProgress(session, signal),
    h(
      "div",
      { class: "cw-label-tools", role: "group", "aria-label": "Labelling" },
      advance(session, signal),
      ...TOOLS.map((one) => tool(session, one, signal)),
    ),
  );
  keepFocus(element, signal);

  let shown = "";
  const refresh = (): void => {
    element.hidden = !session.get("labelling");
    if (!session.get("labelling")) return; // there are no counts
    const wrong = session.get("labelling_problem");
    setText(problem, wrong === "" ? "" : `\u26a0 ${wrong}`);
    problem.hidden = wrong === "";
    const offered = session.get("choices").label_choices;
    const keys = [
      ...offered.map((_, i) => firstKey(session, `label_${i + 1}` as KeyName)),
      firstKey(session, "unlabel"),
    ];
    const now = JSON.stringify([offered, keys]);
    if (now !== shown) {
      shown = now;
      choices.replaceChildren(
        ...offered.map((one, i) => choice(one, keys[i] ?? "", signal)),
        choice(null, keys.at(-1) ?? "", signal),
      );
    }
    const { labels, unlabelled } = session.get("progress");
    choices.style.setProperty("--cw-digits", String(digitsOf(session.get("n_total"))));
    for (const [i, one] of [...choices.children].entries()) {
      const count = offered[i] === undefined ? unlabelled : (labels[offered[i].word] ?? 0);
      setText(one.lastElementChild ?? one, count.toLocaleString("en"));
      if (one instanceof HTMLButtonElement) enable(one, session.connected);
    }
  };
  session.subscribe(["labels", "controls", "link"], refresh, signal);
  refresh();
  return element;
};

/** The number of characters to reserve for each count: up to three digits move nothing. */
const digitsOf = (rows: number): number => Math.max(2, String(Math.min(rows, 999)).length);

/** A button that sets or removes a label. */
function choice(one: LabelChoice | null, key: string, signal: AbortSignal): HTMLButtonElement {
  const word = one?.word ?? "unlabelled";
  const what = one === null ? "Remove the label" : `Label ${word}`;
  const element = h(
    "button",
    {
      type: "button",
      class: "cw-choice",
      title: `${what}: the selected sources, else the one at the cursor${key === "" ? "" : ` (${key})`}`,
      "data-testid": one === null ? "choice-none" : "choice",
      "data-word": one?.word,
    },
    key === "" ? null : h("kbd", {}, key),
    h("span", { class: "cw-symbol", "aria-hidden": "true" }, one?.symbol ?? "\u25cb"),
    h("span", { class: "cw-word" }, word),
    h("span", { class: "cw-choice-count" }),
  );
  colourBy(element, one);
  element.addEventListener(
    "click",
    () => withView(element, (view) => giveLabel(view, one?.word ?? null, performance.now())),
    { signal },
  );
  return element;
}

const TOOLS: readonly Tool[] = [
  { name: "undo", sign: "\u21b6", text: "undo", title: "Undo the last label" },
  { name: "redo", sign: "\u21b7", text: "redo", title: "Redo the last undone label" },
  { name: "note", sign: "\u270e", text: "note", title: "Write a note on the source at the cursor" },
];

/** The switch for moving the cursor after labelling. */
const advance: Part = (session, signal) => {
  const box = h("input", {
    type: "checkbox",
    "data-testid": "advance",
    "aria-label": "Advance: go on to the next source without a label",
  });
  const refresh = (): void => {
    box.checked = session.get("advance");
    enable(box, session.connected);
  };
  box.addEventListener("change", () => session.settings.setAdvance(box.checked), { signal });
  session.subscribe(["labels", "link"], refresh, signal);
  refresh();
  return h(
    "label",
    { class: "cw-advance", title: "After a label, go on to the next source without one" },
    box,
    h("span", { class: "cw-spare" }, "go on to the next"),
    h("span", { class: "cw-short", "aria-hidden": "true" }, "advance"),
  );
};
