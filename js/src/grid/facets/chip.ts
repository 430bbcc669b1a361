import { h, setAttributes, setText } from "../../dom";

/** The content of a chip: a state of a flag, or a word of a column. */
export interface ChipFace {
  text: string;
  rows: number;
  title: string;
  /** Null if the filter does not contain it. */
  state: "set" | "unset" | "n/a" | null;
  colour: string | null;
}

const SIGNS = { set: "\u2713 ", unset: "\u2717 ", "n/a": "? " } as const;

/** Large numbers: `166K`. */
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** A button that filters, with its number of rows. */
export interface Chip {
  element: HTMLButtonElement;
  show(face: ChipFace): void;
}

export function chip(act: () => void, signal: AbortSignal): Chip {
  const name = h("span");
  const rows = h("span", { class: "cw-chip-rows" });
  const element = h("button", { type: "button", class: "cw-chip", "data-testid": "chip" }, name, " ", rows);
  element.addEventListener("click", act, { signal });
  return {
    element,
    show({ text, rows: n, title, state, colour }) {
      setText(name, state === null ? text : `${SIGNS[state]}${text}`);
      const all = n.toLocaleString("en");
      const isShort = n >= 100_000;
      setText(rows, isShort ? SHORT.format(n) : all);
      setAttributes(element, {
        title: isShort ? `${title}: ${all} rows` : title,
        "aria-label": `${name.textContent} ${all} rows, ${state ?? "any"}`,
        "aria-pressed": state === null ? "false" : "true",
        "data-filter": state,
        "data-none": n === 0 && state === null,
      });
      if (colour === null) element.style.removeProperty("--cw-badge");
      else element.style.setProperty("--cw-badge", colour);
    },
  };
}
