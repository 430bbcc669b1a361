import { h } from "../dom";
import type { Part } from "../session";
import { colormap } from "./toolbar/colormap";
import { filter } from "./toolbar/filter";
import { helpButton } from "./toolbar/help_button";
import { invert } from "./toolbar/invert";
import { look } from "./toolbar/look";
import { north } from "./toolbar/north";
import { page } from "./toolbar/page";
import { pageSize } from "./toolbar/page_size";
import { sort } from "./toolbar/sort";

/** The controls in groups; lines break between groups first. */
const GROUPS: readonly { parts: readonly Part[]; grows?: true }[] = [
  { parts: [page, pageSize] },
  { parts: [sort] },
  { parts: [filter], grows: true },
  { parts: [look, colormap, invert, north, helpButton] },
];

/** Controls above the tiles. They show what is wanted at once; the tiles follow. */
export const toolbar: Part = (session, signal) =>
  h(
    "div",
    { class: "cw-bar", role: "toolbar", "aria-label": "Pages of cutouts" },
    ...GROUPS.map(({ parts, grows }) =>
      h(
        "div",
        { class: grows ? "cw-group cw-grow" : "cw-group" },
        ...parts.map((part) => part(session, signal)),
      ),
    ),
  );
