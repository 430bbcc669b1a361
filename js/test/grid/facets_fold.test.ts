import { afterEach, describe, expect, it } from "vitest";
import { hideBeyond } from "../../src/grid/facets/fold";
import { groups } from "../../src/grid/facets/groups";
import type { FacetsAnswer, FlagChip } from "../../src/protocol";
import type { Session } from "../../src/session";
import { facetsOf } from "../kernel";

afterEach(() => document.body.replaceChildren());

/** A box 24 pixels high, with chips at given upper edges; those with a star are selected. */
function box(...edges: string[]): HTMLElement {
  const element = document.createElement("div");
  const at = (one: Element, top: number, height: number): void => {
    one.getBoundingClientRect = () => new DOMRect(0, top, 10, height);
  };
  at(element, 0, 24);
  for (const edge of edges) {
    const chip = document.createElement("button");
    chip.className = "cw-chip";
    chip.setAttribute("aria-pressed", String(edge.endsWith("*")));
    at(chip, Number.parseInt(edge, 10), 22);
    element.append(chip);
  }
  return element;
}

const beyond = (element: HTMLElement): boolean[] =>
  [...element.children].map((one) => one.hasAttribute("data-beyond"));

describe("a folded row", () => {
  it("makes chips below its edge unreachable by keyboard", () => {
    const element = box("1", "1", "28", "55");
    expect(hideBeyond(element)).toEqual([]);
    expect(beyond(element)).toEqual([false, false, true, true]);
  });

  it("keeps selected chips visible, on more rows if necessary", () => {
    const element = box("1", "28*", "55");
    expect(hideBeyond(element)).toEqual([element.children[1]]);
    expect(beyond(element)).toEqual([false, false, true]);
    expect(element.hasAttribute("data-tall")).toBe(true);
  });

  it("reports nothing while hidden", () => {
    const element = box("28");
    element.getBoundingClientRect = () => new DOMRect(0, 0, 0, 0);
    expect(hideBeyond(element)).toEqual([]);
    expect(beyond(element)).toEqual([false]);
  });
});

describe("the chips of a folded row", () => {
  const session = { wanted: { where: null } as { where: string | null }, get: () => false };
  const flag = (name: string, rows: number): FlagChip => ({
    name,
    central: false,
    title: name,
    colour: "#000000",
    states: [{ word: "set", query: `is${name}`, rows }],
  });
  const answer = (...flags: FlagChip[]): FacetsAnswer => ({
    ...facetsOf(null),
    words: [],
    disagreements: [],
    flags,
  });
  const names = (into: HTMLElement): (string | null)[] =>
    [...into.querySelectorAll(".cw-chip")].map((one) => one.textContent);

  function row() {
    const into = document.createElement("div");
    document.body.append(into);
    session.wanted.where = null;
    return { into, shown: groups(session as unknown as Session, new AbortController().signal) };
  }

  it("are sorted by the number of rows, in an order that later counts do not change", () => {
    const { into, shown } = row();
    shown.show(answer(flag("SAT", 2), flag("EDGE", 9), flag("BAD", 0)), into, true);
    expect(names(into)).toEqual(["EDGE 9", "SAT 2"]);
    shown.show(answer(flag("SAT", 2), flag("EDGE", 0), flag("BAD", 0)), into, true);
    expect(names(into)).toEqual(["EDGE 0", "SAT 2"]);
    shown.show(answer(flag("SAT", 2), flag("EDGE", 0), flag("BAD", 0)), into, false);
    expect(names(into)).toEqual(["SAT 2", "EDGE 0", "BAD 0"]);
  });

  it("have a selected one that did not fit at the front, with its focus", () => {
    const { into, shown } = row();
    const flags = answer(flag("EDGE", 9), flag("SAT", 2));
    session.wanted.where = "isSAT";
    shown.show(flags, into, true);
    const sat = into.querySelectorAll<HTMLElement>(".cw-chip")[1];
    sat?.focus();
    expect(shown.lead(sat === undefined ? [] : [sat])).toBe(true);
    shown.show(flags, into, true);
    expect(names(into)).toEqual(["\u2713 SAT 2", "EDGE 9"]);
    expect(document.activeElement).toBe(sat);
    session.wanted.where = null;
    shown.show(flags, into, true);
    expect(names(into)).toEqual(["EDGE 9", "SAT 2"]);
  });
});
