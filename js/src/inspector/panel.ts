import { float32, levelsOf, type SkyGrid, skyOf, uint32 } from "../draw";
import type { DeepPixels as InspectedPixels, Missing } from "../protocol";

/** One panel of the inspector with its pixel values. */
export interface InspectedPanel {
  about: InspectedPixels;
  levels: Uint8Array;
  mask: Uint32Array | null;
  sky: SkyGrid | null;
  /** Value of a parent pixel; null outside. */
  at(x: number, y: number): number | null;
  planesAt(x: number, y: number): string[];
}

export function hasPixels(panel: InspectedPixels | Missing): panel is InspectedPixels {
  return "thresholds" in panel;
}

export function inspectedPanel(about: InspectedPixels, bytes: DataView): InspectedPanel {
  const [ny, nx] = about.shape;
  const values = float32(bytes, about.offset, ny * nx);
  const mask = about.mask === null ? null : uint32(bytes, about.mask, ny * nx);
  const index = (x: number, y: number): number | null => {
    const [column, row] = [x - about.x0, y - about.y0];
    return column >= 0 && column < nx && row >= 0 && row < ny ? row * nx + column : null;
  };
  return {
    about,
    levels: levelsOf(values, float32(bytes, about.thresholds, 254)),
    mask,
    sky: about.lattice === null ? null : skyOf(about.lattice, bytes),
    at(x, y) {
      const i = index(x, y);
      return i === null ? null : (values[i] ?? null);
    },
    planesAt(x, y) {
      const i = index(x, y);
      const bits = i === null ? 0 : (mask?.[i] ?? 0);
      return about.planes.filter((plane) => (bits & (1 << plane.bit)) !== 0).map((plane) => plane.name);
    },
  };
}

/** The pixel of another panel at the same place: on the sky if both have a WCS, else with the same numbers. */
export function samePlace(
  from: InspectedPanel,
  to: InspectedPanel,
  x: number,
  y: number,
): { x: number; y: number } {
  if (from === to || from.sky === null || to.sky === null) return { x, y };
  return to.sky.find(from.sky.directionAt(x, y)) ?? { x: Number.NaN, y: Number.NaN };
}

/** The mask of a panel as RGBA, highest row first; the first plane that is set gives the colour. */
export function maskColours(panel: InspectedPanel): Uint8ClampedArray<ArrayBuffer> | null {
  const { mask, about } = panel;
  if (mask === null) return null;
  const [ny, nx] = about.shape;
  const out = new Uint8ClampedArray(ny * nx * 4);
  const planes = about.planes.map((plane) => ({
    bit: 1 << plane.bit,
    colour: parseInt(plane.colour.slice(1), 16),
  }));
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      const bits = mask[y * nx + x] ?? 0;
      const plane = planes.find((one) => (bits & one.bit) !== 0);
      if (plane === undefined) continue;
      const to = ((ny - 1 - y) * nx + x) * 4;
      out[to] = plane.colour >> 16;
      out[to + 1] = (plane.colour >> 8) & 255;
      out[to + 2] = plane.colour & 255;
      out[to + 3] = 110;
    }
  }
  return out;
}
