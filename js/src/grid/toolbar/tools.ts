import { h } from "../../dom";
import type { Part } from "../../session";
import { keepFocus, type Tool, tool } from "../tools";

const TOOLS: readonly Tool[] = [
  { name: "select", sign: "\u2611", text: "select", title: "Select or deselect the source at the cursor" },
  { name: "select_all", sign: "", text: "all", title: "Select all that pass the filter" },
  {
    name: "save",
    sign: "\u2913",
    text: "save",
    title: "Save the selected sources as PNGs with a manifest, or all that pass the filter",
  },
  { name: "blink", sign: "\u21c4", text: "blink", title: "Blink template, science and difference" },
];

/** Buttons for keys that act on sources. */
export const tools: Part = (session, signal) => {
  const element = h(
    "div",
    { class: "cw-part cw-tools", role: "group", "aria-label": "Sources" },
    ...TOOLS.map((one) => tool(session, one, signal)),
  );
  keepFocus(element, signal);
  return element;
};
