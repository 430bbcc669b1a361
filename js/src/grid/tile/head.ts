import { fillWith, h, s, setAttributes, setText } from "../../dom";
import { writeLabel } from "../../draw";
import type { Fact } from "../../protocol";
import { type MakeTilePart, tabindexOf } from "./part";

/** The line above the panels: a box to select the source, id, band, facts and label. */
export const head: MakeTilePart = (session, signal) => {
  // Screen readers are told by the tile, which is selected or not; the key is Space.
  const box = h("span", {
    class: "cw-box",
    "data-testid": "box",
    "aria-hidden": "true",
    title: "Select this source; with Shift all up to here",
  });
  const id = h("bdi");
  const shortened = h("span", { class: "cw-id", "data-testid": "id" }, id);
  const copy = h(
    "button",
    { type: "button", class: "cw-copy", tabindex: -1, title: "Copy the id" },
    twoSheets(),
  );
  const band = h("span", { class: "cw-band" });
  const facts = h("span", { class: "cw-facts" });
  const who = h("span", { class: "cw-who", "data-testid": "who", hidden: true });
  const label = h("span", { class: "cw-label", "data-testid": "label", hidden: true });
  const note = h("span", { class: "cw-note", hidden: true }, "\u270e");
  const conflict = h("span", { class: "cw-conflict", "data-testid": "conflict", hidden: true }, "\u2260");
  copy.addEventListener("click", (event) => {
    event.stopPropagation(); // do not open the inspector
    void session.notices.copy(id.textContent ?? "");
  }, { signal }); // biome-ignore format: listeners read better so
  return {
    element: h(
      "div",
      { class: "cw-head", role: "gridcell" },
      box,
      shortened,
      copy,
      band,
      facts,
      note,
      conflict,
      who,
      label,
    ),
    show({ tile }) {
      setText(id, tile.id);
      setAttributes(shortened, { title: tile.id, "data-short": tile.id.length < 8 });
      setAttributes(copy, { "aria-label": `Copy ${tile.id}` });
      setText(band, tile.band ?? "");
      setAttributes(band, {
        hidden: tile.band === null,
        "data-band": tile.band,
        title: tile.band && `band ${tile.band}`,
      });
      fillWith(facts, tile.facts, fact, (span, one) => {
        setAttributes(span, { title: one.title });
        setText(span, one.text);
      });
    },
    mark({ journal, current }) {
      setAttributes(copy, { tabindex: tabindexOf(current) });
      writeLabel(label, journal.label, journal.label === null ? null : session.choiceOf(journal.label));
      setAttributes(note, { hidden: journal.note === "", title: `note: ${journal.note}` });
      setAttributes(conflict, { hidden: journal.others === "", title: journal.others });
      setText(who, journal.who);
      setAttributes(who, {
        title: journal.who === "" ? "" : `labelled by ${journal.who}`,
        hidden: journal.who === "" || journal.who === session.get("who"),
      });
      setAttributes(label, {
        title:
          journal.label === null || journal.who === ""
            ? journal.label
            : `${journal.label}, by ${journal.who}`,
      });
    },
  };
};

const fact = ({ title, text }: Fact): HTMLElement => h("span", { title }, text);

/** The copy icon: one sheet over another. Not every font has a character for it. */
const twoSheets = (): SVGElement => {
  const sheet = { width: 7, height: 8, rx: 1.5, fill: "none", stroke: "currentColor" };
  return s(
    "svg",
    { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" },
    s("rect", { x: 1, y: 1, ...sheet }),
    s("rect", { x: 4, y: 3, ...sheet }),
  );
};
