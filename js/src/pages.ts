import type { Compass, Missing, PageAnswer, PanelName, Panels, Pixels, Target, Tile } from "./protocol";

export const PANELS: readonly PanelName[] = ["template", "science", "difference"];

/** The levels of one panel, lowest row first. */
export interface Levels {
  shape: [number, number];
  levels: Uint8Array;
  compass: Compass | null;
  outlines: number[][];
}

/** A tile with its bytes at hand. */
export interface Shot {
  tile: Tile;
  panels: Record<PanelName, Levels | Missing>;
}

/** A page, as far as it has arrived. */
export interface Page {
  target: Target;
  nRows: number;
  shots: Shot[];
}

export function isPixels(panel: Pixels | Missing): panel is Pixels {
  return "shape" in panel;
}

export function isLevels(panel: Levels | Missing): panel is Levels {
  return "levels" in panel;
}

/** One text for everything that makes a page what it is. */
export function keyOf(target: Target): string {
  return JSON.stringify([target.page, target.page_size, target.sort, target.where, target.look]);
}

/** Put the tiles of an answer into a page; a waiting tile never hides one that has come. */
export function merged(page: Page | null, answer: PageAnswer, bytes: DataView): Page {
  const same = page !== null && keyOf(page.target) === keyOf(answer.target);
  const shots: Shot[] = same ? [...page.shots] : [];
  for (const tile of answer.tiles) {
    const before = shots[tile.place];
    if (tile.waiting && before !== undefined && !before.tile.waiting) continue;
    shots[tile.place] = { tile, panels: cut(tile.panels, bytes) };
  }
  return { target: answer.target, nRows: answer.n_rows, shots };
}

/** True when nothing of a page is still to come. */
export function isWhole(page: Page): boolean {
  return page.shots.every((shot) => !shot.tile.waiting);
}

function cut(panels: Panels, bytes: DataView): Record<PanelName, Levels | Missing> {
  const one = (panel: Pixels | Missing): Levels | Missing => {
    if (!isPixels(panel)) return panel;
    const [ny, nx] = panel.shape;
    if (panel.offset + ny * nx > bytes.byteLength) return { reason: "the pixels did not arrive" };
    return {
      shape: [ny, nx],
      compass: panel.compass,
      outlines: panel.outlines,
      levels: new Uint8Array(bytes.buffer, bytes.byteOffset + panel.offset, ny * nx),
    };
  };
  return {
    template: one(panels.template),
    science: one(panels.science),
    difference: one(panels.difference),
  };
}

/** A page on which something failed is asked for again after this long: a file may have come. */
const PROBLEMS_KEPT_MS = 30_000;

/** The pages seen last, bounded in number and in bytes. */
export class PageMemory {
  readonly #kept = new Map<string, { page: Page; bytes: number; since: number }>();
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #clock: () => number;
  #bytes = 0;

  constructor(most = 24, mostBytes = 48_000_000, clock: () => number = () => performance.now()) {
    this.#most = most;
    this.#mostBytes = mostBytes;
    this.#clock = clock;
  }

  get(target: Target): Page | undefined {
    const key = keyOf(target);
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    const failed = found.page.shots.some((shot) => shot.tile.problems.length > 0);
    if (failed && this.#clock() - found.since > PROBLEMS_KEPT_MS) {
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
    const bytes = page.shots.reduce(
      (sum, shot) => sum + PANELS.reduce((all, name) => all + sizeOf(shot.panels[name]), 0),
      0,
    );
    this.#kept.set(key, { page, bytes, since: this.#clock() });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most && this.#bytes <= this.#mostBytes) break;
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
  return isLevels(panel) ? panel.levels.byteLength : 0;
}
