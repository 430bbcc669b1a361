import type { LightCurvePoint } from "../protocol";
import { magnitude } from "./photometry";

/** The axes of a light curve. */
export interface CurveChoice {
  flux: "flux" | "science";
  unit: "nJy" | "mag";
  time: "mjd" | "days";
  /** Period in days; null: not folded. */
  period: number | null;
}

/** One epoch of the plot. */
export interface Epoch {
  point: LightCurvePoint;
  x: number;
  y: number;
  /** Null: none is known. */
  error: number | null;
}

/** Ranges of the axes; y0 is at the bottom, which is the faint end of magnitudes. */
export interface Range {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

export interface Epochs {
  drawn: Epoch[];
  /** Number of epochs whose flux is not positive, and which therefore have no magnitude. */
  withoutMagnitude: number;
  /** MJD of the first point: day 0 and phase 0. */
  first: number;
}

/** The points with the chosen flux, in the chosen units. */
export function epochsOf(points: readonly LightCurvePoint[], choice: CurveChoice): Epochs {
  const first = points.reduce((least, one) => Math.min(least, one.time), Number.POSITIVE_INFINITY);
  const drawn: Epoch[] = [];
  let withoutMagnitude = 0;
  for (const point of points) {
    const flux = point[choice.flux];
    if (flux === null) continue;
    const error = point[`${choice.flux}_err`];
    const x = timeOf(point.time, first, choice);
    if (choice.unit === "nJy") {
      drawn.push({ point, x, y: flux, error });
      continue;
    }
    const mag = magnitude(flux, error, 1);
    if (mag === null) withoutMagnitude++;
    else drawn.push({ point, x, y: mag.value, error: mag.error });
  }
  return { drawn, withoutMagnitude, first };
}

function timeOf(time: number, first: number, { time: scale, period }: CurveChoice): number {
  if (period !== null) return (((time - first) % period) + period) % period / period; // biome-ignore format: a phase
  return scale === "days" ? time - first : time;
}

/**
 * Ranges around measurements and zero flux. Limits count in magnitudes; in flux, where a single bad night would
 * flatten the curve, only if there are no measurements.
 */
export function rangeOf(epochs: readonly Epoch[], { unit, period }: CurveChoice): Range | null {
  const measured = epochs.filter((one) => one.point.kind !== "limit");
  const some = measured.length > 0 && unit === "nJy" ? measured : epochs;
  if (some.length === 0) return null;
  // Magnitudes of noise have huge errors, so error bars count up to one magnitude.
  const reach = ({ error, point: { kind } }: Epoch): number =>
    kind === "limit" ? 0 : Math.min(error ?? 0, unit === "mag" ? 1 : Number.POSITIVE_INFINITY);
  const y = ends([
    ...some.flatMap((one) => [one.y - reach(one), one.y + reach(one)]),
    ...(unit === "nJy" ? [0] : []),
  ]);
  const x = period === null ? ends(epochs.map((one) => one.x)) : ([-0.03, 1.03] as const);
  return unit === "mag"
    ? { x0: x[0], x1: x[1], y0: y[1], y1: y[0] }
    : { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
}

/** Some values' range with a margin; for a single value, half a unit. */
function ends(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const margin = high > low ? 0.06 * (high - low) : 0.5;
  return [low - margin, high + margin];
}

/** The range zoomed by a factor about a fixed position; on an axis, only along that one. */
export function zoomed(range: Range, x: number, y: number, factor: number, along: "x" | "y" | "both"): Range {
  const about = (end: number, middle: number): number => middle + (end - middle) / factor;
  const { x0, x1, y0, y1 } = range;
  return {
    ...(along === "y" ? { x0, x1 } : { x0: about(x0, x), x1: about(x1, x) }),
    ...(along === "x" ? { y0, y1 } : { y0: about(y0, y), y1: about(y1, y) }),
  };
}

/** The range moved by some units of its axes. */
export function shifted({ x0, x1, y0, y1 }: Range, x: number, y: number): Range {
  return { x0: x0 + x, x1: x1 + x, y0: y0 + y, y1: y1 + y };
}

/** Whether a range covers a longer time than another. */
export function isWider(one: Range, other: Range): boolean {
  return Math.abs(one.x1 - one.x0) > Math.abs(other.x1 - other.x0);
}

/** Round values between two limits, in either order. */
export function ticksOf(from: number, to: number, count: number): { values: number[]; digits: number } {
  const [low, high] = from < to ? [from, to] : [to, from];
  const power = 10 ** Math.floor(Math.log10((high - low) / count));
  const step = ([1, 2, 5, 10].find((factor) => factor * power * count >= (high - low) * 0.999) ?? 10) * power;
  const values: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) values.push(k * step);
  return { values, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}
