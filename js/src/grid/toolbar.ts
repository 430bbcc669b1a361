import { h } from "../dom";
import type { Part } from "../session";
import { colormap } from "./toolbar/colormap";
import { filter } from "./toolbar/filter";
import { helpButton } from "./toolbar/help_button";
import { invert } from "./toolbar/invert";
import { look } from "./toolbar/look";
import { more } from "./toolbar/more";
import { north } from "./toolbar/north";
import { page } from "./toolbar/page";
import { pageSize } from "./toolbar/page_size";
import { sort } from "./toolbar/sort";
import { tools } from "./toolbar/tools";

/** The controls in groups; lines break between groups first. In a narrow grid, extra ones are hidden, then common ones. */
const GROUPS: readonly { parts: readonly Part[]; kind: string }[] = [
  { parts: [page], kind: "cw-first" },
  { parts: [sort], kind: "cw-often" },
  { parts: [filter], kind: "cw-grow" },
  { parts: [tools], kind: "cw-often" },
  { parts: [more], kind: "cw-first" },
  { parts: [pageSize, look, colormap, invert, north, helpButton], kind: "cw-extra" },
];

/** Controls above the tiles. They show the wanted page at once; the tiles follow. */
export const toolbar: Part = (session, signal) =>
  h(
    "div",
    { class: "cw-bar", role: "toolbar", "aria-label": "Pages of cutouts" },
    ...GROUPS.map(({ parts, kind }) =>
      h("div", { class: `cw-group ${kind}` }, ...parts.map((part) => part(session, signal))),
    ),
  );
