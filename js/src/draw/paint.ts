import { setAttributes } from "../dom";
import { LEVELS } from "../protocol";

/** Colour of each byte in canvas format; byte 0 (no data) is transparent and shows the hatching behind. */
export type Table = Uint32Array;

const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function rgba(r: number, g: number, b: number): number {
  return (LITTLE ? (255 << 24) | (b << 16) | (g << 8) | r : (r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
}

/** Return one of the colour tables from the kernel; `inverted` swaps dark and bright. */
export function tableOf(palettes: DataView, index: number, inverted = false): Table {
  const table = new Uint32Array(LEVELS + 1);
  const start = index * LEVELS * 3;
  for (let level = 1; level <= LEVELS; level++) {
    const from = start + (inverted ? LEVELS - level : level - 1) * 3;
    if (index < 0 || from + 3 > palettes.byteLength) {
      table[level] = rgba(level, level, level); // an unknown colormap is grey
    } else {
      table[level] = rgba(palettes.getUint8(from), palettes.getUint8(from + 1), palettes.getUint8(from + 2));
    }
  }
  return table;
}

/** Colours of a panel of levels, highest row first as in `ImageData`. */
export function colours(
  levels: Uint8Array,
  ny: number,
  nx: number,
  table: Table,
  out = new Uint32Array(ny * nx),
): Uint32Array {
  for (let y = 0; y < ny; y++) {
    const from = y * nx;
    const to = (ny - 1 - y) * nx;
    for (let x = 0; x < nx; x++) out[to + x] = table[levels[from + x] as number] as number;
  }
  return out;
}

/** The last image painted. It is filled anew for panels of the same shape: a page has 72 of them. */
let image: ImageData | null = null;

/** Draw levels on a canvas, one canvas pixel for each, and say whether any of its square is left transparent. */
export function paint(
  canvas: HTMLCanvasElement,
  levels: Uint8Array,
  shape: [number, number],
  table: Table,
): void {
  const [ny, nx] = shape;
  if (canvas.width !== nx) canvas.width = nx;
  if (canvas.height !== ny) canvas.height = ny;
  setAttributes(canvas, { "data-gaps": nx !== ny || levels.includes(0) });
  if (ny === 0 || nx === 0) return;
  if (image?.width !== nx || image.height !== ny) image = new ImageData(nx, ny);
  colours(levels, ny, nx, table, new Uint32Array(image.data.buffer));
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** Level of each value: 1 + how many thresholds do not exceed it; 0 for NaN. */
export function levelsOf(values: Float32Array, thresholds: Float32Array): Uint8Array {
  const levels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((thresholds[middle] ?? Number.POSITIVE_INFINITY) <= value) low = middle + 1;
      else high = middle;
    }
    levels[i] = 1 + low;
  }
  return levels;
}
