import { setAttributes, setChildren } from "../dom";
import type { Compass, PanelName } from "../protocol";
import { type Framing, transformOf, wholeOf } from "./framing";
import { northUp, type Turn, turnedCompass, UNTURNED } from "./orientation";
import { compassRose, type ScaleBar, type Side, scaleBar } from "./overlay";

/** A panel with pixels. */
export interface DrawnPanel {
  name: PanelName;
  shape: [number, number];
  compass: Compass | null;
  /** Contains everything that rotates with the pixels. */
  turned: HTMLElement;
  /** Sets the transform of what rotates; if absent, its style is set. */
  move?: (transform: string) => void;
  /** Contains overlays that stay upright. */
  overlays: HTMLElement;
}

/** The current state of a panel. */
interface Shown extends DrawnPanel {
  turn: Turn;
  framing: Framing;
  /** The compass as seen on the screen. */
  onScreen: Compass | null;
  bar: ScaleBar | null;
  rose: Drawing | null;
}

/** A drawing and its inputs, to avoid drawing the same again. */
interface Drawing {
  of: string;
  element: Element;
}

/** Panels whose directions agree within two degrees share one compass: the cosine of that angle. */
const SAME_DIRECTION = 0.9994;
/** Panels whose scales agree within this fraction share one scale bar. */
const SAME_SCALE = 0.02;

/** The panels of one source side by side: optionally north up, and one at a time while blinking. */
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
    const before = this.#shown;
    this.#shown = panels.map((one) => {
      const { compass, turned, shape, overlays } = one;
      const turn = isNorthUp && compass !== null ? northUp(compass) : UNTURNED;
      const unknown = isNorthUp && compass === null;
      const known = before.find(({ name }) => name === one.name);
      const [ny, nx] = known?.shape ?? [];
      const isLike = ny === shape[0] && nx === shape[1];
      const framing = known !== undefined && isLike ? known.framing : wholeOf(shape);
      place(one, framing, turn);
      setAttributes(turned, { title: unknown ? "Not rotated: there is no WCS" : null });
      const onScreen = compass && turnedCompass(turn, compass);
      const { bar = null, rose = null } = known?.overlays === overlays ? known : {};
      return { ...one, turn, framing, onScreen, bar, rose };
    });
    for (const { overlays } of before)
      if (this.#shown.every((one) => one.overlays !== overlays)) overlays.replaceChildren();
    this.#arrange();
  }

  /** Set the visible parts of the panels, after zooming or moving. */
  frame(framingOf: (name: PanelName) => Framing): void {
    let zoomed = false;
    for (const one of this.#shown) {
      const framing = framingOf(one.name);
      zoomed ||= framing.zoom !== one.framing.zoom;
      one.framing = framing;
      place(one, framing, one.turn);
    }
    if (zoomed) this.#arrange();
  }

  #barOf(one: Shown, onScreen: Compass): Element {
    one.bar ??= scaleBar();
    one.bar.show(onScreen.arcsec_per_px, Math.max(...one.shape) / one.framing.zoom);
    return one.bar.element;
  }

  #roseOf(one: Shown, onScreen: Compass): Element {
    const { north, east } = onScreen;
    one.rose = kept(one.rose, [...north, ...east], () => compassRose(onScreen, this.#side));
    return one.rose.element;
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
    const measured = alone === undefined ? all.filter((one) => one.onScreen !== null) : [alone];
    const [left, right] = [measured[0], measured.at(-1)];
    for (const one of all) {
      const { onScreen } = one;
      const drawn: Element[] = [];
      if (onScreen !== null && measured.includes(one)) {
        if (one === left || !haveSameScale(one, left)) drawn.push(this.#barOf(one, onScreen));
        if (one === right || !haveSameDirections(one, right)) drawn.push(this.#roseOf(one, onScreen));
      }
      setChildren(one.overlays, drawn);
    }
  }
}

/** Rotate and zoom what turns with the pixels; lines over them keep their width on the screen. */
function place({ turned, move, shape }: DrawnPanel, framing: Framing, turn: Turn): void {
  const transform = transformOf(framing, turn, shape);
  if (move === undefined) turned.style.transform = transform;
  else move(transform);
  turned.style.setProperty("--cw-zoom", String(framing.zoom));
}

/** A drawing for these numbers, reused if they have not changed. */
function kept(there: Drawing | null, numbers: readonly number[], make: () => Element): Drawing {
  const of = numbers.join();
  return there?.of === of ? there : { of, element: make() };
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
