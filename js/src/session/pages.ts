import type { MaskWords } from "../draw";
import type {
  Compass,
  Missing,
  PackedMask,
  PageAnswer,
  PanelName,
  Panels,
  Pixels,
  Plane,
  Target,
  Tile,
} from "../protocol";

export const PANELS: readonly PanelName[] = ["template", "science", "difference"];

/** The levels of one panel, lowest row first. */
export interface Levels {
  shape: [number, number];
  levels: Uint8Array;
  compass: Compass | null;
  outlines: number[][];
  /** Null where no plane is set, and on pages without masks. */
  mask: PlanesSet | null;
}

/** Mask planes that are set on a panel. */
export interface PlanesSet {
  words: MaskWords;
  planes: Plane[];
}

/** A tile with the pixels of its panels. */
export interface LoadedTile {
  tile: Tile;
  panels: Record<PanelName, Levels | Missing>;
}

/** A page, with the tiles received so far. */
export interface Page {
  target: Target;
  nRows: number;
  tiles: LoadedTile[];
  /** Whether it was requested with masks. */
  masks: boolean;
}

export function isPixels(panel: Pixels | Missing): panel is Pixels {
  return "shape" in panel;
}

export function isLevels(panel: Levels | Missing): panel is Levels {
  return "levels" in panel;
}

/** A string that is equal for equal targets. */
export function keyOf(target: Target): string {
  return JSON.stringify([target.page, target.page_size, target.sort, target.where, target.look]);
}

/** Merge the tiles of an answer into a page; a waiting tile never replaces a loaded one. */
export function merged(page: Page | null, answer: PageAnswer, bytes: DataView, masks = false): Page {
  const same = page !== null && keyOf(page.target) === keyOf(answer.target);
  const tiles: LoadedTile[] = same ? [...page.tiles] : [];
  for (const tile of answer.tiles) {
    const before = tiles[tile.place];
    if (tile.waiting && before !== undefined && !before.tile.waiting) continue;
    tiles[tile.place] = loaded(tile, bytes);
  }
  return { target: answer.target, nRows: answer.n_rows, tiles, masks };
}

/** True when every tile has been loaded. */
export function isComplete(page: Page): boolean {
  return page.tiles.every((loaded) => !loaded.tile.waiting);
}

function cut(panels: Panels, bytes: DataView): Record<PanelName, Levels | Missing> {
  const one = (panel: Pixels | Missing): Levels | Missing => {
    if (!isPixels(panel)) return panel;
    const [ny, nx] = panel.shape;
    if (panel.offset + ny * nx > bytes.byteLength) return { reason: "the pixels were not received" };
    return {
      shape: [ny, nx],
      compass: panel.compass,
      outlines: panel.outlines,
      levels: new Uint8Array(bytes.buffer, bytes.byteOffset + panel.offset, ny * nx),
      mask: panel.mask === null ? null : unpacked(panel.mask, ny * nx, bytes),
    };
  };
  return {
    template: one(panels.template),
    science: one(panels.science),
    difference: one(panels.difference),
  };
}

/** A tile with its pixels, as views of these bytes. */
export function loaded(tile: Tile, bytes: DataView): LoadedTile {
  return { tile, panels: cut(tile.panels, bytes) };
}

/** The values of a mask; multi-byte ones are copied to be aligned. */
function unpacked(
  { offset, bytes_a_pixel, planes }: PackedMask,
  n: number,
  bytes: DataView,
): PlanesSet | null {
  const [first, size] = [bytes.byteOffset + offset, n * bytes_a_pixel];
  if (offset + size > bytes.byteLength) return null;
  if (bytes_a_pixel === 1) return { words: new Uint8Array(bytes.buffer, first, n), planes };
  const copy = bytes.buffer.slice(first, first + size);
  return { words: bytes_a_pixel === 2 ? new Uint16Array(copy) : new Uint32Array(copy), planes };
}

/** A page with failures is requested again after this time, as the file may exist by then. */
const FAILURES_KEPT_MS = 30_000;

/** The most recent pages, limited in number and in bytes. */
export class PageCache {
  readonly #kept = new Map<string, { page: Page; bytes: number; since: number }>();
  readonly #maxPages: number;
  readonly #maxBytes: number;
  readonly #clock: () => number;
  #bytes = 0;

  constructor(maxPages = 24, maxBytes = 48_000_000, clock: () => number = () => performance.now()) {
    this.#maxPages = maxPages;
    this.#maxBytes = maxBytes;
    this.#clock = clock;
  }

  /** A cached page; one with masks can also be used without. */
  get(target: Target, masks = false): Page | undefined {
    const key = keyOf(target);
    const found = this.#kept.get(key);
    if (found === undefined || (masks && !found.page.masks)) return undefined;
    const failed = found.page.tiles.some((loaded) => loaded.tile.problems.length > 0);
    if (failed && this.#clock() - found.since > FAILURES_KEPT_MS) {
      this.#drop(key);
      return undefined;
    }
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.page;
  }

  put(page: Page): void {
    const key = keyOf(page.target);
    this.#drop(key);
    const bytes = page.tiles.reduce(
      (sum, loaded) => sum + PANELS.reduce((all, name) => all + sizeOf(loaded.panels[name]), 0),
      0,
    );
    this.#kept.set(key, { page, bytes, since: this.#clock() });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#maxPages && this.#bytes <= this.#maxBytes) break;
      if (oldest !== key) this.#drop(oldest);
    }
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #drop(key: string): void {
    const found = this.#kept.get(key);
    if (found === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= found.bytes;
  }
}

function sizeOf(panel: Levels | Missing): number {
  return isLevels(panel) ? panel.levels.byteLength + (panel.mask?.words.byteLength ?? 0) : 0;
}
