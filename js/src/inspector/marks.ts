import { s, setAttributes } from "../dom";
import { mover, onFrame, type Turn } from "../draw";
import type { Neighbour, PanelName } from "../protocol";
import { NEIGHBOUR_PX, NeighbourMarks } from "./neighbours";
import { samePlace } from "./panel";
import type { InspectorState } from "./state";

/** Inner end of the crosshair lines, outside the pixel. */
const OPEN_PX = 11;
/** Side of a frame whose size on the screen is unknown. */
const USUAL_PX = 250;
const NONE: readonly Neighbour[] = [];

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
  readonly #neighbours: NeighbourMarks;
  /** Two ticks beside the source itself, to find it among its neighbours or in a large cutout. */
  readonly #ticks = s(
    "svg",
    { class: "cw-source", overflow: "visible", hidden: true },
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
    this.#neighbours = new NeighbourMarks(name);
    this.element = s(
      "svg",
      { class: "cw-marks", "aria-hidden": "true" },
      this.#neighbours.element,
      this.#ticks,
      this.#aperture,
    );
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
    this.#neighbours.mark((shows && this.#state.answer?.neighbours) || NONE);
    const side = this.#state.side() || USUAL_PX;
    const isMarked = this.#neighbours.draw(side, (x, y) => this.#place(x, y));
    const isTicked = shows && (isMarked || this.#marksSource());
    const source = this.#state.panels[this.#name]?.about.source;
    const at = isTicked && source ? this.#place(...source) : null;
    this.#ticks.toggleAttribute("hidden", at === null);
    if (at !== null) setAttributes(this.#ticks, { x: `${at[0]}%`, y: `${at[1]}%` });
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
