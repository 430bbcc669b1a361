import { cssOf, type Turn, turnedBack, UNTURNED } from "./orientation";

/** The visible part of a panel. Pixel centres are at whole numbers from 0, and y goes up. */
export interface Framing {
  /** Magnification relative to the whole panel. */
  zoom: number;
  /** The pixel at the centre of the frame. */
  x: number;
  y: number;
}

export type Shape = readonly [number, number];

/** The framing that shows the whole panel. */
export function wholeOf([ny, nx]: Shape): Framing {
  return { zoom: 1, x: (nx - 1) / 2, y: (ny - 1) / 2 };
}

/** The position of a pixel on the frame, in sides of the frame from its centre: x right, y down. */
export function onFrame(framing: Framing, turn: Turn, shape: Shape, x: number, y: number): [number, number] {
  const scale = framing.zoom / Math.max(...shape);
  const [right, down] = [(x - framing.x) * scale, (framing.y - y) * scale];
  return [turn.a * right + turn.c * down, turn.b * right + turn.d * down];
}

/** The pixel at a position on the frame; the inverse of `onFrame`. */
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

/** The CSS transform of a panel that fits its frame; empty if it is unchanged. */
export function transformOf(framing: Framing, turn: Turn, shape: Shape): string {
  const whole = wholeOf(shape);
  const side = Math.max(...shape);
  const [right, down] = [((whole.x - framing.x) / side) * 100, ((framing.y - whole.y) / side) * 100];
  const turning = turn === UNTURNED ? "" : cssOf(turn);
  if (framing.zoom === 1 && right === 0 && down === 0) return turning;
  return `${turning} scale(${framing.zoom}) translate(${right}%, ${down}%)`.trim();
}
