import type { Lattice } from "../protocol";
import { float64 } from "./bytes";

/** Right ascension and declination, ICRS degrees. */
export interface Sky {
  ra: number;
  dec: number;
}

/** A direction as a unit vector, ICRS. */
export type Direction = readonly [number, number, number];

/** The sky coordinates of a panel, in parent pixels. */
export interface SkyGrid {
  directionAt(x: number, y: number): Direction;
  at(x: number, y: number): Sky;
  /** The pixel in a direction, on the panel or near it; null if there is none. */
  find(direction: Direction): { x: number; y: number } | null;
}

const STEPS = 8;
/** The search ends when a step is shorter than this, in pixels. */
const SHORT_STEP = 1e-6;

/** Read the directions sampled by the kernel, for interpolation. */
export function skyOf(lattice: Lattice, bytes: DataView): SkyGrid {
  const [ny, nx] = lattice.shape;
  const nodes = float64(bytes, lattice.offset, ny * nx * 3);
  const place = (value: number, [first, last]: [number, number], n: number): [number, number] => {
    const at = last > first ? ((value - first) / (last - first)) * (n - 1) : 0;
    const cell = Math.min(Math.max(Math.floor(at), 0), Math.max(0, n - 2));
    return [cell, at - cell];
  };
  const directionAt = (x: number, y: number): Direction => {
    const [i, u] = place(x, lattice.x, nx);
    const [j, v] = place(y, lattice.y, ny);
    const component = (k: number): number => {
      const at = (row: number, column: number): number =>
        nodes[(Math.min(row, ny - 1) * nx + Math.min(column, nx - 1)) * 3 + k] ?? Number.NaN;
      return (
        (1 - v) * ((1 - u) * at(j, i) + u * at(j, i + 1)) +
        v * ((1 - u) * at(j + 1, i) + u * at(j + 1, i + 1))
      );
    };
    return [component(0), component(1), component(2)];
  };
  return {
    directionAt,
    at(x, y) {
      const [a, b, c] = directionAt(x, y);
      const ra = (Math.atan2(b, a) * 180) / Math.PI;
      return { ra: (ra + 360) % 360, dec: (Math.atan2(c, Math.hypot(a, b)) * 180) / Math.PI };
    },
    find(direction) {
      let [x, y] = [(lattice.x[0] + lattice.x[1]) / 2, (lattice.y[0] + lattice.y[1]) / 2];
      for (let n = 0; n < STEPS; n++) {
        const here = directionAt(x, y);
        const offset = difference(direction, here);
        const right = difference(directionAt(x + 0.5, y), directionAt(x - 0.5, y));
        const up = difference(directionAt(x, y + 0.5), directionAt(x, y - 0.5));
        // Least squares on the sphere's tangent plane: two unknowns.
        const [rr, ru, uu] = [dot(right, right), dot(right, up), dot(up, up)];
        const [rm, um] = [dot(right, offset), dot(up, offset)];
        const determinant = rr * uu - ru * ru;
        const [dx, dy] = [(rm * uu - um * ru) / determinant, (um * rr - rm * ru) / determinant];
        if (!Number.isFinite(dx + dy)) return null;
        [x, y] = [x + dx, y + dy];
        if (Math.hypot(dx, dy) < SHORT_STEP) return { x, y };
      }
      return null;
    },
  };
}

function difference(one: Direction, other: Direction): Direction {
  return [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
}

function dot(one: Direction, other: Direction): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}
