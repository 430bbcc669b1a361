import { assign } from "./dom";
import { cssOf, northUp, type Turn, turnedCompass, UNTURNED } from "./orientation";
import { type Marks, marksOf, type Side } from "./overlay";
import type { Compass, PanelName } from "./protocol";

/** A panel that has pixels. */
export interface Seen {
  name: PanelName;
  shape: [number, number];
  /** What turns with the pixels. */
  turned: HTMLElement;
  /** What is drawn over them and stays upright. */
  overlays: HTMLElement;
}

/** The panels of one source: they turn together, and while blinking they take turns in one place. */
export class PanelRow {
  turn: Turn = UNTURNED;
  readonly #element: HTMLElement;
  readonly #side: Side;
  #seen: readonly Seen[] = [];
  #marks: Marks | null = null;
  #frame: number | null = null;

  constructor(element: HTMLElement, side: Side) {
    this.#element = element;
    this.#side = side;
  }

  /** Show panels as their pixels lie, or north up where a compass says how. */
  orient(seen: readonly Seen[], compass: Compass | null, isNorthUp: boolean): void {
    this.#seen = seen;
    this.turn = isNorthUp && compass !== null ? northUp(compass) : UNTURNED;
    const unknown = isNorthUp && compass === null && seen.length > 0;
    assign(this.#element, { title: unknown ? "Not turned: no WCS says where north is" : null });
    for (const one of seen) {
      one.turned.style.transform = this.turn === UNTURNED ? "" : cssOf(this.turn);
      one.overlays.replaceChildren();
    }
    const widthPx = Math.max(1, ...(seen[0]?.shape ?? []));
    this.#marks = compass && marksOf(turnedCompass(this.turn, compass), widthPx, this.#side);
    this.#show();
  }

  /** Show one panel alone, as of this frame of a blink; null: side by side. Tells how many can take turns. */
  blink(frame: number | null): number {
    if (frame !== this.#frame) {
      this.#frame = frame;
      this.#show();
    }
    return this.#seen.length;
  }

  #show(): void {
    const seen = this.#seen;
    const alone = this.#frame === null || seen.length < 2 ? undefined : seen[this.#frame % seen.length];
    assign(this.#element, { "data-blink": alone?.name });
    if (this.#marks === null) return;
    (alone ?? seen[0])?.overlays.append(this.#marks.bar);
    (alone ?? seen.at(-1))?.overlays.append(this.#marks.rose);
  }
}
