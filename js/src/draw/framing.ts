import { cssOf, type Turn, turnedBack, UNTURNED } from "./orientation";

/** Which part of a panel its frame shows. Pixels count from 0, whole numbers are their centres, y goes up. */
export interface Framing {
  /** How much larger than when the whole panel fits. */
  zoom: number;
  /** The pixel in the middle of the frame. */
  x: number;
  y: number;
}

export type Shape = readonly [number, number];

/** The framing that shows the whole panel. */
export function wholeOf([ny, nx]: Shape): Framing {
  return { zoom: 1, x: (nx - 1) / 2, y: (ny - 1) / 2 };
}

/** Where a pixel lies on the frame, in sides of the frame from its middle: x right, y down. */
export function onFrame(framing: Framing, turn: Turn, shape: Shape, x: number, y: number): [number, number] {
  const scale = framing.zoom / Math.max(...shape);
  const [right, down] = [(x - framing.x) * scale, (framing.y - y) * scale];
  return [turn.a * right + turn.c * down, turn.b * right + turn.d * down];
}

/** The pixel at a place on the frame; the inverse of `onFrame`. */
export function onPanel(
  framing: Framing,
  turn: Turn,
  shape: Shape,
  u: number,
  v: number,
): { x: number; y: number } {
  const scale = Math.max(...shape) / framing.zoom;
  const [right, down] = turnedBack(turn, u, v);
  return { x: framing.x + right * scale, y: framing.y - down * scale };
}

/** The CSS transform of a panel that is fitted into its frame; empty if it stays as it is. */
export function transformOf(framing: Framing, turn: Turn, shape: Shape): string {
  const whole = wholeOf(shape);
  const side = Math.max(...shape);
  const [right, down] = [((whole.x - framing.x) / side) * 100, ((framing.y - whole.y) / side) * 100];
  const turning = turn === UNTURNED ? "" : cssOf(turn);
  if (framing.zoom === 1 && right === 0 && down === 0) return turning;
  return `${turning} scale(${framing.zoom}) translate(${right}%, ${down}%)`.trim();
}
