import { setAttributes } from "../dom";
import type { Inspector } from "../inspector";
import type { Session } from "../session";
import { Blinker } from "./blinker";
import type { Cursor } from "./cursor";
import type { Tiles } from "./tiles";

/** Blinks the open inspector, or else the tile at the cursor. */
export interface Blink {
  press(): void;
  /** Returns true if anything was blinking. */
  stop(): boolean;
}

export function blink(
  root: HTMLElement,
  session: Session,
  on: { tiles: Tiles; inspector: Inspector; cursor: Cursor; announce: (text: string) => void },
  signal: AbortSignal,
): Blink {
  /** Show the frame of the blinker. Returns how many panels can blink. */
  const show = (): number => {
    const inspects = session.inspected !== null;
    const inTile = on.tiles.blink(inspects ? null : blinker.frame);
    const inInspector = on.inspector.panels.blink(inspects ? blinker.frame : null);
    return inspects ? inInspector : inTile;
  };
  const blinker = new Blinker(() => void show(), signal);
  session.subscribe(["page", "inspector"], show, signal);
  on.cursor.onMove(show);

  return {
    stop: () => blinker.stop(),
    press() {
      const many = show() > 1;
      if (many || blinker.frame !== null) blinker.press();
      setAttributes(root, { "data-by-hand": blinker.byHand });
      if (blinker.frame === null)
        on.announce(many ? "no longer blinking" : "nothing to blink: fewer than two images");
      else if (!blinker.byHand)
        on.announce("template, science and difference blink in one place; b or Esc stops");
    },
  };
}
