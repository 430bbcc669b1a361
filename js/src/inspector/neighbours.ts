import { s, setAttributes, setChildren, setText } from "../dom";
import type { Neighbour, PanelName } from "../protocol";

/** Radius of the circle around a neighbour, CSS pixels. */
export const NEIGHBOUR_PX = 8;
/** Digits of an id shown beside a mark; the tooltip has all. */
const DIGITS = 6;
/** Size of an id on the screen, CSS pixels: the width of a character, and the height of the line. */
const [CHARACTER_PX, LINE_PX] = [6.8, 13];

/** A position on the frame, in per cent of its side. */
type Place = readonly [number, number];

/** The mark of one neighbour, reused for others. */
interface Mark {
  circle: SVGCircleElement;
  title: SVGTitleElement;
  id: SVGTextElement;
}

/** A rectangle on the frame, CSS pixels. */
interface Area {
  left: number;
  right: number;
  middle: number;
}

/**
 * Circles around the neighbours on one panel, with their ids beside them. Zooming only moves them: an element is created
 * the first time that so many are needed, and leaves the panel only while its neighbour is out of the frame.
 */
export class NeighbourMarks {
  readonly element = s("g", { class: "cw-neighbours" });
  readonly #name: PanelName;
  readonly #marks: Mark[] = [];
  #neighbours: readonly Neighbour[] = [];
  #shown: readonly Element[] = [];

  constructor(name: PanelName) {
    this.#name = name;
  }

  /** Mark these from now on; `draw` places them. */
  mark(neighbours: readonly Neighbour[]): void {
    if (neighbours === this.#neighbours) return;
    this.#neighbours = neighbours;
    neighbours.forEach(({ id, same_exposure }, k) => {
      this.#marks[k] ??= newMark();
      const { circle, title, id: words } = this.#marks[k];
      setAttributes(circle, {
        class: same_exposure ? "cw-neighbour" : "cw-neighbour cw-other",
        r: same_exposure ? NEIGHBOUR_PX : 2.5,
        "data-id": same_exposure ? id : null,
      });
      setText(title, `${id}${same_exposure ? "" : ", of another exposure"}`);
      setText(words, id.length > DIGITS ? `\u2026${id.slice(-DIGITS)}` : id);
    });
  }

  /** Place the marks on a frame of some width in CSS pixels; returns whether any is on it. */
  draw(side: number, placeOf: (x: number, y: number) => Place | null): boolean {
    const places = this.#neighbours.map((one) => {
      const place = one[this.#name];
      return place && placeOf(...place);
    });
    // Ids cover neither each other nor the circles.
    const taken = places.flatMap((at, k): Area[] => {
      if (!at || !this.#neighbours[k]?.same_exposure) return [];
      const [x, middle] = [(at[0] / 100) * side, (at[1] / 100) * side];
      return [{ left: x - NEIGHBOUR_PX, right: x + NEIGHBOUR_PX, middle }];
    });
    const shown = places.flatMap((at, k): Element[] => {
      const mark = this.#marks[k];
      if (!at || mark === undefined) return [];
      setAttributes(mark.circle, { cx: `${at[0]}%`, cy: `${at[1]}%` });
      const isNamed = this.#neighbours[k]?.same_exposure && placeId(mark.id, at, side, taken);
      return isNamed ? [mark.circle, mark.id] : [mark.circle];
    });
    if (shown.length !== this.#shown.length || shown.some((one, k) => one !== this.#shown[k]))
      setChildren(this.element, shown);
    this.#shown = shown;
    return shown.length > 0;
  }
}

function newMark(): Mark {
  const title = s("title");
  return { circle: s("circle", {}, title), title, id: s("text", { class: "cw-neighbour-id", dy: 4 }) };
}

/** Place an id beside its mark; returns false if it would cover a circle or an id that is placed already. */
function placeId(id: SVGTextElement, at: Place, side: number, taken: Area[]): boolean {
  const isRight = at[0] > 70;
  const [x, middle] = [(at[0] / 100) * side, (at[1] / 100) * side];
  const [gap, width] = [NEIGHBOUR_PX + 3, (id.textContent ?? "").length * CHARACTER_PX];
  const left = isRight ? x - gap - width : x + gap;
  const here = { left, right: left + width, middle };
  const covers = (one: Area): boolean =>
    here.left < one.right && one.left < here.right && Math.abs(here.middle - one.middle) < LINE_PX;
  if (taken.some(covers)) return false;
  taken.push(here);
  setAttributes(id, {
    x: `${at[0]}%`,
    y: `${at[1]}%`,
    dx: isRight ? -gap : gap,
    "text-anchor": isRight ? "end" : "start",
  });
  return true;
}
