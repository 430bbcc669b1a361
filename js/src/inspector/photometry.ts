import type { InspectedPanel } from "./panel";

/** AB magnitude of 1 nJy, the same as in the kernel. */
const AB_ZERO_NJY = 31.4;
/** Change in magnitude for a relative change in flux: 2.5 / ln 10. */
const MAG_PER_E_FOLD = 2.5 / Math.LN10;

/** The measurements in a circle; errors are null without a variance. */
export interface Photometry {
  /** In the unit of the panel; the sum of pixels, each weighted by its fraction inside. */
  flux: number;
  error: number | null;
  /** Number of pixels used, including fractions. */
  area: number;
  /** The fraction of the circle without values, from 0 to 1. */
  lacking: number;
}

/** Sum a panel in a circle, each pixel weighted by its exact fraction inside. `sky` is subtracted from every pixel. */
export function photometry(
  { about, values, variance }: InspectedPanel,
  x: number,
  y: number,
  radius: number,
  sky = 0,
): Photometry {
  const [ny, nx] = about.shape;
  const [column, row] = [x - about.x0, y - about.y0];
  let [flux, noise, area] = [0, 0, 0];
  const rows = rangeOf(row, radius, ny);
  const columns = rangeOf(column, radius, nx);
  for (let j = rows[0]; j <= rows[1]; j++) {
    for (let i = columns[0]; i <= columns[1]; i++) {
      const value = values[j * nx + i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const part = overlap(radius, i - column - 0.5, i - column + 0.5, j - row - 0.5, j - row + 0.5);
      if (part === 0) continue;
      flux += part * (value - sky);
      noise += part ** 2 * (variance?.[j * nx + i] ?? Number.NaN); // of a weighted sum
      area += part;
    }
  }
  return {
    flux,
    error: variance === null ? null : Math.sqrt(noise),
    area,
    lacking: Math.max(0, 1 - area / (Math.PI * radius ** 2)),
  };
}

function rangeOf(middle: number, radius: number, n: number): [number, number] {
  return [Math.max(0, Math.ceil(middle - radius - 0.5)), Math.min(n - 1, Math.floor(middle + radius + 0.5))];
}

/** The exact area of the part of a rectangle inside a circle about (0, 0). */
export function overlap(radius: number, x0: number, x1: number, y0: number, y1: number): number {
  const [left, right] = [Math.max(x0, -radius), Math.min(x1, radius)];
  if (left >= right) return 0;
  // Between these positions the circle does not cross an edge of the rectangle.
  const crossed = [y0, y1].flatMap((y) => {
    const half = radius ** 2 - y ** 2;
    return half > 0 ? [-Math.sqrt(half), Math.sqrt(half)] : [];
  });
  const places = [left, ...crossed.filter((x) => x > left && x < right).sort((a, b) => a - b), right];
  let area = 0;
  for (let k = 1; k < places.length; k++) {
    const [a = 0, b = 0] = [places[k - 1], places[k]];
    const height = Math.sqrt(Math.max(0, radius ** 2 - ((a + b) / 2) ** 2));
    if (Math.min(y1, height) <= Math.max(y0, -height)) continue;
    const under = height <= y1 ? halfDisc(radius, b) - halfDisc(radius, a) : y1 * (b - a);
    const below = -height >= y0 ? halfDisc(radius, a) - halfDisc(radius, b) : y0 * (b - a);
    area += under - below;
  }
  return area;
}

/** The integral of the upper half of a circle up to x. */
function halfDisc(radius: number, x: number): number {
  const inside = Math.min(Math.max(-1, x / radius), 1);
  return (x * Math.sqrt(Math.max(0, radius ** 2 - x ** 2)) + radius ** 2 * Math.asin(inside)) / 2;
}

/** AB magnitude of a flux with its error; null if it is undefined. */
export function magnitude(
  flux: number,
  error: number | null,
  nJy: number | null,
): { value: number; error: number | null } | null {
  if (nJy === null || !(flux > 0) || !Number.isFinite(flux)) return null;
  return {
    value: -2.5 * Math.log10(flux * nJy) + AB_ZERO_NJY,
    error: error === null ? null : (MAG_PER_E_FOLD * error) / flux,
  };
}

/** Values against distance, and the PSF's scaled to them. */
export interface Profile {
  radii: number[];
  values: number[];
  /** Mean of each ring one pixel wide, at its centre. */
  rings: { radius: number; mean: number }[];
  /** The same means of the PSF times the best-fitting flux plus a constant; empty without a PSF. */
  psf: { radius: number; mean: number }[];
}

/** The radial profile about a position, out to a radius. */
export function profile(panel: InspectedPanel, x: number, y: number, largest: number): Profile {
  const { about, values } = panel;
  const [ny, nx] = about.shape;
  const [column, row] = [x - about.x0, y - about.y0];
  const found: Profile = { radii: [], values: [], rings: [], psf: [] };
  const pairs: { radius: number; value: number; psf: number }[] = [];
  const rows = rangeOf(row, largest, ny);
  const columns = rangeOf(column, largest, nx);
  for (let j = rows[0]; j <= rows[1]; j++) {
    for (let i = columns[0]; i <= columns[1]; i++) {
      const radius = Math.hypot(i - column, j - row);
      const value = values[j * nx + i] ?? Number.NaN;
      if (radius > largest || !Number.isFinite(value)) continue;
      found.radii.push(radius);
      found.values.push(value);
      const psf = panel.layers.psf?.[j * nx + i];
      if (psf !== undefined && Number.isFinite(psf)) pairs.push({ radius, value, psf });
    }
  }
  found.rings = ringsOf(found.radii.map((one, k) => ({ radius: one, value: found.values[k] ?? Number.NaN })));
  found.psf = ringsOf(scaled(pairs));
  return found;
}

/** The mean of each ring one pixel wide, at its centre. */
function ringsOf(pixels: readonly { radius: number; value: number }[]): Profile["rings"] {
  const sums = new Map<number, { sum: number; n: number }>();
  for (const { radius, value } of pixels) {
    const ring = sums.get(Math.floor(radius)) ?? { sum: 0, n: 0 };
    sums.set(Math.floor(radius), { sum: ring.sum + value, n: ring.n + 1 });
  }
  return [...sums].sort(([a], [b]) => a - b).map(([k, { sum, n }]) => ({ radius: k + 0.5, mean: sum / n }));
}

/** Fit value = flux psf + constant by least squares, and return the model at each pixel. */
function scaled(
  pairs: readonly { radius: number; value: number; psf: number }[],
): { radius: number; value: number }[] {
  const n = pairs.length;
  const mean = (of: (one: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, one) => sum + of(one), 0) / n;
  const [psf, value] = [mean((one) => one.psf), mean((one) => one.value)];
  const spread = mean((one) => (one.psf - psf) ** 2);
  if (!(spread > 0)) return [];
  const flux = mean((one) => (one.psf - psf) * (one.value - value)) / spread;
  return pairs.map((one) => ({ radius: one.radius, value: value + flux * (one.psf - psf) }));
}
