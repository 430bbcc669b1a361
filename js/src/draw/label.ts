import { setAttributes, setText } from "../dom";
import type { LabelChoice } from "../protocol";

/** Show a label, or none, in an element: its symbol and word, in its colour; grey if it is not among the choices. */
export function writeLabel(element: HTMLElement, word: string | null, choice: LabelChoice | null): void {
  setText(element, word === null ? "" : `${choice?.symbol ?? "\u25cb"} ${word}`);
  setAttributes(element, { hidden: word === null });
  colourBy(element, word === null ? null : choice);
}

/** Set the colours of a label as CSS variables: `--cw-label`, and `--cw-label-ink` for text on it. */
export function colourBy(element: HTMLElement, choice: LabelChoice | null): void {
  setAttributes(element, { "data-label": choice?.word });
  if (choice === null) {
    element.style.removeProperty("--cw-label");
    element.style.removeProperty("--cw-label-ink");
    return;
  }
  element.style.setProperty("--cw-label", choice.colour);
  element.style.setProperty("--cw-label-ink", inkOn(choice.colour));
}

/** Black or white, whichever has more contrast on a colour `#rrggbb` (WCAG 2.2, relative luminance). */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? "#000000" : "#ffffff";
}
