import { s, setAttributes, setChildren } from "../dom";
import { mover, onFrame, type Turn } from "../draw";
import type { PanelName } from "../protocol";
import { samePlace } from "./panel";
import type { InspectorState } from "./state";

/** Radius of the circle around a neighbour, CSS pixels. */
const NEIGHBOUR_PX = 8;
/** Inner end of the crosshair lines, outside the pixel. */
const OPEN_PX = 11;
/** Digits of an id shown beside a mark; the tooltip has all. */
const DIGITS = 6;
/** Size of an id on the screen, CSS pixels: the width of a character, and the height of the line. */
const [CHARACTER_PX, LINE_PX] = [6.8, 13];
/** Side of a frame whose size on the screen is unknown. */
const USUAL_PX = 250;

/** Overlays of a panel whose size does not depend on the zoom: cursor, neighbours, aperture. */
export class Marks {
  readonly element: SVGSVGElement;
  readonly #state: InspectorState;
  readonly #name: PanelName;
  readonly #turn: () => Turn;
  /**
   * A crosshair that leaves the pixel visible, as large as the frame and drawn about its upper left corner.
   * It is moved by its transform alone, so that nothing is laid out or drawn again.
   */
  readonly cross = s(
    "svg",
    { class: "cw-marks cw-cross", "aria-hidden": "true", "data-testid": "cross", hidden: true },
    ...[-1, 1].flatMap((sign) => [
      s("line", { class: "cw-hairline", x1: sign * OPEN_PX, x2: `${sign * 100}%` }),
      s("line", { class: "cw-hairline", y1: sign * OPEN_PX, y2: `${sign * 100}%` }),
    ]),
    s("circle", { class: "cw-dot-halo", r: 7 }),
    s("circle", { class: "cw-dot", r: 7 }),
  );
  readonly #crossMover = mover(this.cross);
  readonly #neighbours = s("g", { class: "cw-neighbours" });
  /** Two ticks beside the source itself, to find it among its neighbours or in a large cutout. */
  readonly #ticks = s(
    "svg",
    { class: "cw-source", overflow: "visible" },
    s("line", { class: "cw-source-tick", x1: NEIGHBOUR_PX, x2: 2.2 * NEIGHBOUR_PX }),
    s("line", { class: "cw-source-tick", y1: -NEIGHBOUR_PX, y2: -2.2 * NEIGHBOUR_PX }),
  );
  readonly #aperture = s("circle", { class: "cw-aperture", "data-testid": "aperture-circle" });
  readonly #showsNeighbours: () => boolean;
  readonly #marksSource: () => boolean;

  /** `marksSource`: whether the source is marked even without neighbours. */
  constructor(
    state: InspectorState,
    name: PanelName,
    turn: () => Turn,
    showsNeighbours: () => boolean,
    marksSource: () => boolean,
  ) {
    this.#state = state;
    this.#name = name;
    this.#turn = turn;
    this.#showsNeighbours = showsNeighbours;
    this.#marksSource = marksSource;
    this.element = s("svg", { class: "cw-marks", "aria-hidden": "true" }, this.#neighbours, this.#aperture);
    this.draw();
  }

  /** The position of a parent pixel on the frame, in per cent of its side; null if it is outside. */
  #place(x: number, y: number): [number, number] | null {
    const panel = this.#state.panels[this.#name];
    if (panel === undefined || !Number.isFinite(x + y)) return null;
    const { shape, x0, y0 } = panel.about;
    const [u, v] = onFrame(this.#state.framingOf(this.#name), this.#turn(), shape, x - x0, y - y0);
    return Math.abs(u) > 0.5 || Math.abs(v) > 0.5 ? null : [50 + 100 * u, 50 + 100 * v];
  }

  draw(): void {
    this.drawNeighbours();
    this.drawAperture();
    this.drawCursor();
  }

  drawCursor(): void {
    const { cursor, panels } = this.#state;
    const from = cursor && panels[cursor.panel];
    const panel = panels[this.#name];
    let at: [number, number] | null = null;
    if (cursor && from && panel) {
      const { x, y } = samePlace(from, panel, cursor.x, cursor.y);
      const [ny, nx] = panel.about.shape;
      const [column, row] = [x - panel.about.x0, y - panel.about.y0];
      if (column >= -0.5 && column < nx - 0.5 && row >= -0.5 && row < ny - 0.5) at = this.#place(x, y);
    }
    this.cross.toggleAttribute("hidden", at === null);
    if (at !== null) this.#crossMover.to(`translate(${at[0]}%, ${at[1]}%)`);
  }

  drawNeighbours(): void {
    const shows = this.#showsNeighbours();
    const found = shows ? (this.#state.answer?.neighbours ?? []) : [];
    const side = this.#state.side() || USUAL_PX;
    // Ids cover neither each other nor the circles.
    const taken = found.flatMap((one): Area[] => {
      const place = one.same_exposure ? one[this.#name] : null;
      const at = place && this.#place(...place);
      if (!at) return [];
      const [x, middle] = [(at[0] / 100) * side, (at[1] / 100) * side];
      return [{ left: x - NEIGHBOUR_PX, right: x + NEIGHBOUR_PX, middle }];
    });
    const marks = found.flatMap(({ id, same_exposure, ...places }) => {
      const place = places[this.#name];
      const at = place && this.#place(...place);
      if (!at) return [];
      const [cx, cy] = [`${at[0]}%`, `${at[1]}%`];
      const title = s("title", {}, `${id}${same_exposure ? "" : ", of another exposure"}`);
      if (!same_exposure) return [s("circle", { class: "cw-neighbour cw-other", cx, cy, r: 2.5 }, title)];
      return [
        s("circle", { class: "cw-neighbour", cx, cy, r: NEIGHBOUR_PX, "data-id": id }, title),
        ...idBeside(id, at, side, taken),
      ];
    });
    const isTicked = shows && (marks.length > 0 || this.#marksSource());
    const source = this.#state.panels[this.#name]?.about.source;
    const at = isTicked && source ? this.#place(...source) : null;
    if (at !== null) setAttributes(this.#ticks, { x: `${at[0]}%`, y: `${at[1]}%` });
    setChildren(this.#neighbours, at === null ? marks : [...marks, this.#ticks]);
  }

  drawAperture(): void {
    const { aperture, panels } = this.#state;
    const from = aperture && panels[aperture.panel];
    const panel = panels[this.#name];
    const at = aperture && from && panel && samePlace(from, panel, aperture.x, aperture.y);
    const isShown = Boolean(at && Number.isFinite(at.x + at.y));
    this.#aperture.toggleAttribute("hidden", !isShown);
    if (!aperture || !from || !panel || !at || !isShown) return;
    const framing = this.#state.framingOf(this.#name);
    const { shape, x0, y0, compass } = panel.about;
    const scale =
      compass && from.about.compass ? from.about.compass.arcsec_per_px / compass.arcsec_per_px : 1;
    const [u, v] = onFrame(framing, this.#turn(), shape, at.x - x0, at.y - y0);
    const radius = (aperture.radius * scale * framing.zoom) / Math.max(...shape);
    // Percentages refer to a square.
    setAttributes(this.#aperture, { cx: `${50 + 100 * u}%`, cy: `${50 + 100 * v}%`, r: `${100 * radius}%` });
  }
}

/** A rectangle on the frame, CSS pixels. */
interface Area {
  left: number;
  right: number;
  middle: number;
}

/** The end of an id beside its mark; nothing if it would cover a circle or an id that is written already. */
function idBeside(id: string, at: readonly [number, number], side: number, taken: Area[]): SVGElement[] {
  const words = id.length > DIGITS ? `\u2026${id.slice(-DIGITS)}` : id;
  const isRight = at[0] > 70;
  const [x, middle] = [(at[0] / 100) * side, (at[1] / 100) * side];
  const [gap, width] = [NEIGHBOUR_PX + 3, words.length * CHARACTER_PX];
  const left = isRight ? x - gap - width : x + gap;
  const here = { left, right: left + width, middle };
  const covers = (one: Area): boolean =>
    here.left < one.right && one.left < here.right && Math.abs(here.middle - one.middle) < LINE_PX;
  if (taken.some(covers)) return [];
  taken.push(here);
  return [
    s(
      "text",
      {
        class: "cw-neighbour-id",
        x: `${at[0]}%`,
        y: `${at[1]}%`,
        dx: isRight ? -gap : gap,
        dy: 4,
        "text-anchor": isRight ? "end" : "start",
      },
      words,
    ),
  ];
}
