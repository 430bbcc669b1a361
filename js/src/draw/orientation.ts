import type { Compass } from "../protocol";

/** The orientation of a panel as a CSS matrix: x right, y down. It is orthogonal, so its inverse is its transpose. */
export interface Turn {
  a: number;
  b: number;
  c: number;
  d: number;
}

export const UNTURNED: Turn = { a: 1, b: 0, c: 0, d: 1 };

/** The rotation that puts north up and east left; with a reflection if the pixels are mirrored. */
export function northUp({ north: [x, y], east }: Compass): Turn {
  const parity = x * east[1] - y * east[0] < 0 ? -1 : 1; // east is counter-clockwise of north on the sky
  return { a: parity * y, b: -x, c: parity * x, d: y };
}

/** The rotation that puts a position angle up, in degrees from north through east. */
export function angleUp(compass: Compass, degrees: number): Turn {
  const { a, b, c, d } = northUp(compass);
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return { a: cos * a - sin * b, b: sin * a + cos * b, c: cos * c - sin * d, d: sin * c + cos * d };
}

export function cssOf({ a, b, c, d }: Turn): string {
  return `matrix(${a}, ${b}, ${c}, ${d}, 0, 0)`;
}

/** Convert a vector on the screen (x right, y down) to one on the unrotated panel. */
export function turnedBack({ a, b, c, d }: Turn, x: number, y: number): [number, number] {
  return [a * x + b * y, c * x + d * y];
}

/** The compass of a rotated panel, as seen on the screen. */
export function turnedCompass({ a, b, c, d }: Turn, compass: Compass): Compass {
  const turned = ([x, y]: [number, number]): [number, number] => [a * x - c * y, -b * x + d * y];
  return { ...compass, north: turned(compass.north), east: turned(compass.east) };
}
