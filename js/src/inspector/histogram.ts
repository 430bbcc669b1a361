/** An axis that is linear near the sky level and compresses far values, so that noise and bright stars are both visible. */
export interface Axis {
  /** Position from 0 (left) to 1 (right). */
  place(value: number): number;
  value(place: number): number;
}

/** Number of deviations of the pixels in the linear part. */
const STRAIGHT = 3;

/** The axis for an image's values, which also includes some limits. */
export function axisOf(values: Float32Array, also: readonly number[] = []): Axis {
  const known = values.filter(Number.isFinite).sort();
  const middle = known[known.length >> 1] ?? 0;
  const off = known.map((one) => Math.abs(one - middle)).sort();
  const [first = 0, last = 1] = [known[0], known.at(-1)];
  const unit = STRAIGHT * 1.4826 * (off[off.length >> 1] ?? 0) || (last - first) / 10 || 1;
  const bend = (value: number): number => Math.asinh((value - middle) / unit);
  const ends = [first, last, ...also].filter(Number.isFinite).map(bend);
  let [from, to] = [Math.min(...ends), Math.max(...ends)];
  if (!(from < to)) [from, to] = [from - 1, to + 1];
  return {
    place: (value) => (bend(value) - from) / (to - from),
    value: (place) => middle + unit * Math.sinh(from + place * (to - from)),
  };
}

/** Number of pixels in each of some bins of equal width on the axis. */
export function histogramOf(values: Float32Array, axis: Axis, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(Math.max(0, Math.floor(axis.place(value) * bins)), bins - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
