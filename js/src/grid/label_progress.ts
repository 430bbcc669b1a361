import { h, setText } from "../dom";
import { colourBy } from "../draw";
import type { Part } from "../session";

/** The number of filtered sources that are labelled, as a bar and as text, and of those seen. */
export const labelProgress: Part = (session, signal) => {
  const bar = h("div", { class: "cw-progress-bar", role: "img" });
  const text = h("span", { "data-testid": "progress" });
  const seen = h("span", { class: "cw-seen", "data-testid": "seen" });
  const blind = h(
    "span",
    {
      class: "cw-blind",
      "data-testid": "blind",
      title: "Ids, columns, scores and flags are hidden; sources come in a random order",
      hidden: true,
    },
    "blind",
  );
  const element = h("div", { class: "cw-progress" }, blind, seen, bar, text);
  const refresh = (): void => {
    if (!session.get("labelling")) return; // there are no counts
    blind.hidden = !session.get("blind");
    const { rows, labels, unlabelled, seen: nSeen } = session.get("progress");
    const done = rows - unlabelled;
    setText(text, `${done.toLocaleString("en")} of ${rows.toLocaleString("en")}`);
    setText(seen, `${nSeen.toLocaleString("en")} seen`);
    bar.ariaLabel = `${done} of ${rows} labelled`;
    element.title = `${text.textContent} sources that pass the filter have a label; ${nSeen.toLocaleString("en")} were seen`;
    bar.replaceChildren(
      ...Object.entries(labels)
        .filter(([, n]) => n > 0)
        .map(([word, n]) => {
          const part = h("div", { title: `${n.toLocaleString("en")} ${word}` });
          part.style.width = `${(100 * n) / Math.max(1, rows)}%`;
          colourBy(part, session.choiceOf(word));
          return part;
        }),
    );
  };
  session.subscribe(["labels", "controls"], refresh, signal);
  refresh();
  return element;
};
