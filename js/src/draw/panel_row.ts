import { setAttributes } from "../dom";
import type { Compass, PanelName } from "../protocol";
import { type Framing, transformOf, wholeOf } from "./framing";
import { northUp, type Turn, turnedCompass, UNTURNED } from "./orientation";
import { compassRose, type Side, scaleBar } from "./overlay";

/** A panel that has pixels. */
export interface DrawnPanel {
  name: PanelName;
  shape: [number, number];
  compass: Compass | null;
  /** Holds what is turned with the pixels. */
  turned: HTMLElement;
  /** Holds what is drawn over them and stays upright. */
  overlays: HTMLElement;
}

/** A panel as it is shown now. */
interface Shown extends DrawnPanel {
  turn: Turn;
  framing: Framing;
  /** The compass as seen on the screen. */
  onScreen: Compass | null;
  bar: Element | null;
  rose: Element | null;
}

/** Panels whose directions agree to two degrees share one compass: the cosine of that. */
const SAME_DIRECTION = 0.9994;
/** Panels whose scales agree to this fraction share one scale bar. */
const SAME_SCALE = 0.02;

/** The panels of one source side by side: north up if wanted, and one at a time while blinking. */
export class PanelRow {
  readonly #element: HTMLElement;
  readonly #side: Side;
  #shown: Shown[] = [];
  #frame: number | null = null;

  constructor(element: HTMLElement, side: Side) {
    this.#element = element;
    this.#side = side;
  }

  /** Show panels in detector orientation, or each with north up if its WCS is known. */
  orient(panels: readonly DrawnPanel[], isNorthUp: boolean): void {
    this.#shown = panels.map((one) => {
      const { compass, turned, shape } = one;
      const turn = isNorthUp && compass !== null ? northUp(compass) : UNTURNED;
      const unknown = isNorthUp && compass === null;
      const framing = this.#shown.find(({ name }) => name === one.name)?.framing ?? wholeOf(shape);
      turned.style.transform = transformOf(framing, turn, shape);
      setAttributes(turned, { title: unknown ? "Not rotated: there is no WCS" : null });
      const onScreen = compass && turnedCompass(turn, compass);
      return {
        ...one,
        turn,
        framing,
        onScreen,
        bar: onScreen && this.#barOf(onScreen, shape, framing),
        rose: onScreen && compassRose(onScreen, this.#side),
      };
    });
    this.#arrange();
  }

  /** Show other parts of the panels: zoomed, or moved. */
  frame(framingOf: (name: PanelName) => Framing): void {
    let zoomed = false;
    for (const one of this.#shown) {
      const framing = framingOf(one.name);
      if (framing.zoom !== one.framing.zoom) {
        zoomed = true;
        one.bar = one.onScreen && this.#barOf(one.onScreen, one.shape, framing);
      }
      one.framing = framing;
      one.turned.style.transform = transformOf(framing, one.turn, one.shape);
    }
    if (zoomed) this.#arrange();
  }

  #barOf(onScreen: Compass, shape: [number, number], { zoom }: Framing): Element {
    return scaleBar(onScreen, Math.max(...shape) / zoom, this.#side);
  }

  turnOf(name: PanelName): Turn {
    return this.#shown.find((one) => one.name === name)?.turn ?? UNTURNED;
  }

  /** Show only the panel of this blink frame, or all side by side if null. Returns how many panels can blink. */
  blink(frame: number | null): number {
    if (frame !== this.#frame) {
      this.#frame = frame;
      this.#arrange();
    }
    return this.#shown.length;
  }

  /**
   * Draw the scale bar on the first panel with a WCS and the compass on the last, or both on the only one shown.
   * A panel with another scale or orientation gets its own.
   */
  #arrange(): void {
    const all = this.#shown;
    const alone = this.#frame === null || all.length < 2 ? undefined : all[this.#frame % all.length];
    setAttributes(this.#element, { "data-blink": alone?.name });
    for (const one of all) one.overlays.replaceChildren();
    const measured = alone === undefined ? all.filter((one) => one.onScreen !== null) : [alone];
    const [left, right] = [measured[0], measured.at(-1)];
    for (const one of measured) {
      if (one.bar && (one === left || !haveSameScale(one, left))) one.overlays.append(one.bar);
      if (one.rose && (one === right || !haveSameDirections(one, right))) one.overlays.append(one.rose);
    }
  }
}

function haveSameScale(one: Shown, other: Shown | undefined): boolean {
  const width = (panel: Shown | undefined): number =>
    ((panel?.onScreen?.arcsec_per_px ?? 0) * Math.max(...(panel?.shape ?? [0]))) / (panel?.framing.zoom ?? 1);
  return Math.abs(width(one) - width(other)) <= SAME_SCALE * width(other);
}

function haveSameDirections(one: Shown, other: Shown | undefined): boolean {
  if (!one.onScreen || !other?.onScreen) return true;
  return (
    along(one.onScreen.north, other.onScreen.north) >= SAME_DIRECTION &&
    along(one.onScreen.east, other.onScreen.east) >= SAME_DIRECTION
  );
}

/** Cosine of the angle between unit vectors. */
function along(one: readonly [number, number], other: readonly [number, number]): number {
  return one[0] * other[0] + one[1] * other[1];
}
