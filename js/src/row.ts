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
  bar: Element | null;
  rose: Element | null;
}

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
      return {
        ...one,
        turn,
        bar: compass && scaleBar(compass, Math.max(...one.shape), this.#side),
        rose: compass && compassRose(turnedCompass(turn, compass), this.#side),
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

  /** The scale on the first panel and the directions on the last, or both on the one that is alone. */
  #arrange(): void {
    const all = this.#shown;
    const alone = this.#frame === null || all.length < 2 ? undefined : all[this.#frame % all.length];
    assign(this.#element, { "data-blink": alone?.name });
    for (const one of all) one.overlays.replaceChildren();
    const [left, right] = [alone ?? all[0], alone ?? all.at(-1)];
    if (left?.bar) left.overlays.append(left.bar);
    if (right?.rose) right.overlays.append(right.rose);
  }
}
