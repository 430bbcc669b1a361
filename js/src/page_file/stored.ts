import type { FacetsAnswer, InspectAnswer, LightCurveAnswer, Tile } from "../protocol";

/** A value of a column; large integers cannot be JavaScript numbers. */
export type Value = string | number | bigint | boolean | null;

/** An array in the file. */
interface StoredArray {
  /** Offset in the buffer of the answer. */
  at: number;
  /** Offset in the arrays of the file. */
  start: number;
  /** Number of values, and bytes per value. */
  n: number;
  width: number;
  /** For rounded pixels: the value of the code 1, and the step between codes. */
  zero?: number;
  step?: number;
}

/** One source in the file. */
export interface StoredSource {
  tile: Tile;
  /** The answer of the kernel; `bytesOf` returns its buffer. */
  answer: InspectAnswer;
  /** A text is the reason why there is none. */
  curve: LightCurveAnswer | string;
  /** Size of the buffer in bytes. */
  size: number;
  arrays: StoredArray[];
}

/** All data of a page outside of the notebook. */
export interface Stored {
  sources: StoredSource[];
  columns: Map<string, Value[]>;
  /** The chips and histograms; their counts are recomputed. */
  facets: FacetsAnswer;
  /** The range of the rows: the position of the first, from 0, among those that passed the filter. */
  first: number;
  n_passing: number;
  where: string | null;
  bytes: Uint8Array;
}

type Written = number | string | boolean | null | { int: string };

/** Unpack the data packed by `widget/static_pages/saved_pages.py`. */
export async function unpacked(base64: string): Promise<Stored> {
  const binary = atob(base64);
  const packed = Uint8Array.from(binary, (one) => one.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const { columns, ...rest } = JSON.parse(text) as Omit<Stored, "columns" | "bytes"> & {
    columns: Record<string, Written[]>;
  };
  return {
    ...rest,
    columns: new Map(Object.entries(columns).map(([name, values]) => [name, values.map(read)])),
    bytes: bytes.subarray(4 + length),
  };
}

function read(written: Written): Value {
  return typeof written === "object" && written !== null ? BigInt(written.int) : written;
}

/** The buffer of a source's answer, as the kernel would send it. */
export function bytesOf(stored: Stored, source: StoredSource): DataView {
  const buffer = new DataView(new ArrayBuffer(source.size));
  for (const { at, start, n, width, zero, step } of source.arrays) {
    const planes = stored.bytes.subarray(start, start + n * width);
    for (let i = 0; i < n; i++) {
      if (zero === undefined || step === undefined) {
        for (let byte = 0; byte < width; byte++)
          buffer.setUint8(at + i * width + byte, planes[byte * n + i] ?? 0);
      } else buffer.setFloat32(at + i * width, rounded(codeAt(planes, n, i), zero, step), true);
    }
  }
  return buffer;
}

function codeAt(planes: Uint8Array, n: number, i: number): number {
  let code = 0;
  for (let byte = 3; byte >= 0; byte--) code = code * 256 + (planes[byte * n + i] ?? 0);
  return code;
}

/** The value of a code: 0 is no value, then 1, 2, 3 ... are 0, -1, 1 ... steps from zero. */
export function rounded(code: number, zero: number, step: number): number {
  if (code === 0) return Number.NaN;
  const folded = code - 1;
  return zero + (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2) * step;
}
