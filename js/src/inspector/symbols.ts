export type Vertices = readonly (readonly [number, number])[];

const RADIUS = 4;

/** A polygon with a vertex at the top, rotated by a fraction of a circle; for a star, every second vertex is nearer. */
function polygon(n: number, turn = 0, radius = RADIUS * 1.2, inner = 1): Vertices {
  return Array.from({ length: n }, (_, k) => {
    const [angle, length] = [(k / n + turn) * 2 * Math.PI, k % 2 === 0 ? radius : radius * inner];
    return [length * Math.sin(angle), -length * Math.cos(angle)] as const;
  });
}

/** Symbols of the kernel's palette: o ^ v s * p. */
const OF_BANDS: Readonly<Record<string, Vertices>> = {
  u: polygon(24, 0, RADIUS),
  g: polygon(3),
  r: polygon(3, 0.5),
  i: polygon(4, 0.125),
  z: polygon(10, 0, RADIUS * 1.5, 0.42),
  y: polygon(5),
};

/** Symbols of all other bands, in turn. */
const OF_OTHERS: readonly Vertices[] = [
  polygon(4),
  polygon(6, 0.25),
  polygon(3, 0.25),
  polygon(3, 0.75),
  polygon(8, 0, RADIUS * 1.5, 0.42),
];

/** Band -> its symbol, so that bands of a light curve also differ without colour. */
export function symbolsOf(bands: Iterable<string>): Map<string, Vertices> {
  let turn = 0;
  return new Map(
    [...new Set(bands)]
      .sort(byWavelength)
      .map((band) => [band, OF_BANDS[band] ?? OF_OTHERS[turn++ % OF_OTHERS.length] ?? []]),
  );
}

/** u, g, r, i, z, y first, then others by name. */
export function byWavelength(a: string, b: string): number {
  const known = Object.keys(OF_BANDS);
  const [i, j] = [known.indexOf(a), known.indexOf(b)];
  if (i >= 0 && j >= 0) return i - j;
  return i >= 0 ? -1 : j >= 0 ? 1 : a.localeCompare(b);
}

/** The colour of a band in the style sheet; grey for unknown ones. */
export function colourOf(band: string): string {
  return band in OF_BANDS ? `var(--cw-${band})` : "var(--cw-muted)";
}

/** The path of a symbol at a position, larger by a factor. */
export function symbolAt(symbol: Vertices, x: number, y: number, factor = 1): string {
  return `M${symbol.map(([dx, dy]) => `${(x + factor * dx).toFixed(1)} ${(y + factor * dy).toFixed(1)}`).join("L")}Z`;
}

/** The path of an arrow from a limit towards fainter values. */
export function arrowAt(x: number, y: number): string {
  const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
  return `M${at}m-4 0h8m-4 0v10m-3 -4l3 4l3 -4`;
}
