import { assign } from "./dom";
import { cssOf, northUp, type Turn, turnedCompass, UNTURNED } from "./orientation";
import { compassRose, type Side, scaleBar } from "./overlay";
import type { Compass, PanelName } from "./protocol";

/** A panel that has pixels. */
export interface Seen {
  name: PanelName;
  shape: [number, number];
  compass: Compass | null;
  /** What turns with the pixels. */
  turned: HTMLElement;
  /** What is drawn over them and stays upright. */
  overlays: HTMLElement;
}

/** A panel as it is shown now. */
interface Shown extends Seen {
  turn: Turn;
  /** The compass as it lies now. */
  lies: Compass | null;
  bar: Element | null;
  rose: Element | null;
}

/** Directions nearer than this are drawn once: the cosine of two degrees. */
const ONE_WAY = 0.9994;
/** Scales nearer than this are drawn once. */
const ONE_SCALE = 0.02;

/** The panels of one source: they turn, and while blinking they take turns in one place. */
export class PanelRow {
  readonly #element: HTMLElement;
  readonly #side: Side;
  #shown: readonly Shown[] = [];
  #frame: number | null = null;

  constructor(element: HTMLElement, side: Side) {
    this.#element = element;
    this.#side = side;
  }

  /** Show panels as their pixels lie, or each with north up where it is known. */
  orient(seen: readonly Seen[], isNorthUp: boolean): void {
    this.#shown = seen.map((one) => {
      const { compass, turned } = one;
      const turn = isNorthUp && compass !== null ? northUp(compass) : UNTURNED;
      const unknown = isNorthUp && compass === null;
      turned.style.transform = turn === UNTURNED ? "" : cssOf(turn);
      assign(turned, { title: unknown ? "Not turned: no WCS says where north is" : null });
      const lies = compass && turnedCompass(turn, compass);
      return {
        ...one,
        turn,
        lies,
        bar: lies && scaleBar(lies, Math.max(...one.shape), this.#side),
        rose: lies && compassRose(lies, this.#side),
      };
    });
    this.#arrange();
  }

  turnOf(name: PanelName): Turn {
    return this.#shown.find((one) => one.name === name)?.turn ?? UNTURNED;
  }

  /** Show one panel alone, as of this frame of a blink; null: side by side. Tells how many can take turns. */
  blink(frame: number | null): number {
    if (frame !== this.#frame) {
      this.#frame = frame;
      this.#arrange();
    }
    return this.#shown.length;
  }

  /**
   * The scale on the first panel that has one and the directions on the last, or both on the one that is alone.
   * A panel of another scale, or that lies another way on the sky, has its own.
   */
  #arrange(): void {
    const all = this.#shown;
    const alone = this.#frame === null || all.length < 2 ? undefined : all[this.#frame % all.length];
    assign(this.#element, { "data-blink": alone?.name });
    for (const one of all) one.overlays.replaceChildren();
    const measured = alone === undefined ? all.filter((one) => one.lies !== null) : [alone];
    const [left, right] = [measured[0], measured.at(-1)];
    for (const one of measured) {
      if (one.bar && (one === left || !areOneScale(one, left))) one.overlays.append(one.bar);
      if (one.rose && (one === right || !areOneWay(one, right))) one.overlays.append(one.rose);
    }
  }
}

function areOneScale(one: Shown, other: Shown | undefined): boolean {
  const width = (panel: Shown | undefined): number =>
    (panel?.lies?.arcsec_per_px ?? 0) * Math.max(...(panel?.shape ?? [0]));
  return Math.abs(width(one) - width(other)) <= ONE_SCALE * width(other);
}

function areOneWay(one: Shown, other: Shown | undefined): boolean {
  if (!one.lies || !other?.lies) return true;
  return (
    along(one.lies.north, other.lies.north) >= ONE_WAY && along(one.lies.east, other.lies.east) >= ONE_WAY
  );
}

/** Cosine of the angle between unit vectors. */
function along(one: readonly [number, number], other: readonly [number, number]): number {
  return one[0] * other[0] + one[1] * other[1];
}
