import { h } from "./dom";

const KEYS: readonly (readonly [string, string])[] = [
  ["\u2190 \u2192 \u2191 \u2193 or h j k l", "move; with Shift select on the way"],
  ["Space", "select or not (Ctrl+click too)"],
  ["Enter or click", "inspect"],
  ["Esc", "close the inspector, then select nothing"],
  ["n p", "next and previous page"],
  ["1 \u2026 9", "give the label of that number; 0 takes it away"],
  ["u", "undo the last label"],
  ["i", "invert dark and bright"],
  ["z", "next look"],
  ["m", "mask in the inspector"],
  ["?", "this help"],
];

/** What the keys do, for who asks with a question mark. */
export function help(labels: readonly string[]): HTMLElement {
  const named = labels.slice(0, 9).map((label, i) => `${i + 1} ${label}`);
  return h(
    "section",
    { class: "cw-help", "aria-label": "Keys", "data-testid": "help", hidden: true },
    ...KEYS.map(([key, what]) => h("p", {}, h("kbd", {}, key), what)),
    ...(named.length > 0 ? [h("p", {}, `labels: ${named.join(", ")}`)] : []),
  );
}
