import { h, setAttributes, setText } from "../../dom";
import { writeLabel } from "../../draw";
import type { MakeTilePart } from "./part";

/** The line above the panels: id, band, facts and label. */
export const head: MakeTilePart = (session) => {
  const id = h("span", { class: "cw-id" });
  const band = h("span", { class: "cw-band" });
  const facts = h("span", { class: "cw-facts" });
  const label = h("span", { class: "cw-label", "data-testid": "label", hidden: true });
  const note = h("span", { class: "cw-note", hidden: true }, "\u270e");
  return {
    element: h("div", { class: "cw-head" }, id, band, facts, note, label),
    show({ tile }) {
      setText(id, tile.id);
      setText(band, tile.band ?? "");
      setAttributes(band, {
        hidden: tile.band === null,
        "data-band": tile.band,
        title: tile.band && `band ${tile.band}`,
      });
      facts.replaceChildren(...tile.facts.map((one) => h("span", { title: one.title }, one.text)));
    },
    mark({ said }) {
      writeLabel(label, said.label, said.label === null ? null : session.choiceOf(said.label));
      setAttributes(note, { hidden: said.note === "", title: `note: ${said.note}` });
      setAttributes(label, { title: said.who === "" ? null : `by ${said.who}` });
    },
  };
};
