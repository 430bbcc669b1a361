import { float32, float64, type SkyGrid, skyOf, uint32 } from "../draw";
import type { InspectAnswer, DeepPixels as InspectedPixels, Missing } from "../protocol";

/** The layers of an image that a panel can show. */
export type Layer = "value" | "variance" | "snr" | "psf" | "residual";

/** One panel of the inspector with its pixel values. */
export interface InspectedPanel {
  about: InspectedPixels;
  values: Float32Array;
  variance: Float32Array | null;
  mask: Uint32Array | null;
  /** The kernel of the point-spread function. */
  psf: Float32Array | null;
  sky: SkyGrid | null;
  /** Lower bounds of the levels of the look. */
  thresholds: Float32Array;
  /** The available layers, all with the shape of the panel. */
  layers: Partial<Record<Layer, Float32Array>>;
  /** Value at a parent pixel; null outside. */
  at(x: number, y: number, layer?: Layer): number | null;
  planesAt(x: number, y: number): string[];
  /** The planes that are set in each of the different values of the mask. */
  allPlanes(): string[][];
}

export function hasPixels(panel: InspectedPixels | Missing): panel is InspectedPixels {
  return "thresholds" in panel;
}

export function inspectedPanel(about: InspectedPixels, bytes: DataView): InspectedPanel {
  const [ny, nx] = about.shape;
  const values = float32(bytes, about.offset, ny * nx);
  const variance = about.variance === null ? null : float32(bytes, about.variance, ny * nx);
  const mask = about.mask === null ? null : uint32(bytes, about.mask, ny * nx);
  const psf =
    about.psf === null ? null : float32(bytes, about.psf.offset, about.psf.shape[0] * about.psf.shape[1]);
  const layers: InspectedPanel["layers"] = { value: values };
  if (variance !== null) {
    layers.variance = variance;
    layers.snr = values.map((value, i) => value / Math.sqrt(variance[i] ?? Number.NaN));
  }
  if (psf !== null) layers.psf = placedPsf(about, psf);
  if (about.fit !== null) layers.residual = float32(bytes, about.fit.residual, ny * nx);
  const index = (x: number, y: number): number | null => {
    const [column, row] = [x - about.x0, y - about.y0];
    return column >= 0 && column < nx && row >= 0 && row < ny ? row * nx + column : null;
  };
  const planesOf = (bits: number): string[] =>
    about.planes.filter((plane) => (bits & (1 << plane.bit)) !== 0).map((plane) => plane.name);
  return {
    about,
    values,
    variance,
    mask,
    psf,
    layers,
    thresholds: float32(bytes, about.thresholds, 254),
    sky: about.lattice === null ? null : skyOf(about.lattice, bytes),
    at(x, y, layer = "value") {
      const i = index(x, y);
      return i === null ? null : (layers[layer]?.[i] ?? null);
    },
    planesAt(x, y) {
      const i = index(x, y);
      return planesOf(i === null ? 0 : (mask?.[i] ?? 0));
    },
    allPlanes() {
      // Neighbouring pixels are alike: only the changes go into the set.
      const changes = mask?.filter((bits, i) => i === 0 || bits !== mask[i - 1]) ?? [];
      return [...new Set(changes)].map(planesOf);
    },
  };
}

/** The PSF kernel on the pixels of the panel, centred on the source; no value elsewhere. */
function placedPsf(
  { shape: [ny, nx], psf, source, x0, y0 }: InspectedPixels,
  kernel: Float32Array,
): Float32Array {
  const out = new Float32Array(ny * nx).fill(Number.NaN);
  if (psf === null) return out;
  const [height, width] = psf.shape;
  const [middleX, middleY] =
    source === null ? [(nx - 1) / 2, (ny - 1) / 2] : [source[0] - x0, source[1] - y0];
  const [left, low] = [Math.round(middleX - (width - 1) / 2), Math.round(middleY - (height - 1) / 2)];
  for (let y = Math.max(0, low); y < Math.min(ny, low + height); y++)
    for (let x = Math.max(0, left); x < Math.min(nx, left + width); x++)
      out[y * nx + x] = kernel[(y - low) * width + (x - left)] ?? Number.NaN;
  return out;
}

/** The unit of a layer, as written after a number. */
export function unitOf({ about: { unit } }: InspectedPanel, layer: Layer): string {
  if (layer === "value" || layer === "residual") return unit ?? "";
  if (layer === "variance") return unit === null ? "" : `${unit}\u00b2`;
  return layer === "snr" ? "\u03c3" : "";
}

/** The start of each level above 1 between two limits, for every curve. */
export function curvesOf(answer: InspectAnswer, bytes: DataView): ReadonlyMap<string, Float64Array> {
  return new Map(answer.curves.map(({ name, offset }) => [name, float64(bytes, offset, 254)]));
}

/** The pixel of another panel at the same position: on the sky if both have a WCS, else with the same coordinates. */
export function samePlace(
  from: InspectedPanel,
  to: InspectedPanel,
  x: number,
  y: number,
): { x: number; y: number } {
  if (from === to || from.sky === null || to.sky === null) return { x, y };
  return to.sky.find(from.sky.directionAt(x, y)) ?? { x: Number.NaN, y: Number.NaN };
}
