import { h } from "../../dom";
import { badge } from "../../draw";
import type { MakeTilePart } from "./part";

/** The flags of a source. */
export const badges: MakeTilePart = () => {
  const element = h("div", { class: "cw-badges" });
  return { element, show: ({ tile }) => element.replaceChildren(...tile.badges.map(badge)) };
};
