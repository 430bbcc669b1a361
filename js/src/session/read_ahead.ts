import { whenPainted } from "../dom";
import type { Target } from "../protocol";
import { keyOf, type PageCache } from "./pages";

/** Pages read ahead. With two, the second is already on its way while the first is drawn. */
const PAGES = 2;

/** Pages chosen within this time of each other are turned in a hurry. */
const HURRY_MS = 100;

/**
 * Chooses when to read ahead, and which pages: the next ones, or the previous ones after a step back and on the last
 * page; one after the other, each once while the displayed one stays.
 */
export class ReadAhead {
  #from = "";
  #shown: Target | null = null;
  #direction: 1 | -1 = 1;
  readonly #tried = new Set<string>();
  #chosenAt = Number.NEGATIVE_INFINITY;
  #isHurry = false;
  #drop = (): void => {};

  /** Call when the user chooses a page. */
  noteChoice(): void {
    this.#isHurry = performance.now() - this.#chosenAt < HURRY_MS;
    this.#chosenAt = performance.now();
  }

  /**
   * Read ahead when the displayed page is painted, because the kernel competes with the browser for the processor;
   * in a hurry at once, because the next page counts more.
   */
  soon(read: () => void): void {
    this.stop();
    if (this.#isHurry) read();
    else this.#drop = whenPainted(read);
  }

  /** Do not read ahead what was to be read soon. */
  stop(): void {
    this.#drop();
  }

  /** The next page to read ahead, or null if all are cached or have been tried. */
  next(cache: PageCache, shown: Target, nPages: number, masks: boolean): Target | null {
    const from = `${keyOf(shown)} ${masks}`;
    if (this.#from !== from) this.forget();
    this.#from = from;
    if (this.#shown === null || keyOf(this.#shown) !== keyOf(shown)) {
      const isStepBack = this.#shown !== null && areNear(this.#shown, shown) && this.#shown.page > shown.page;
      this.#direction = isStepBack || (shown.page > 0 && shown.page === nPages - 1) ? -1 : 1;
      this.#shown = shown;
    }
    // Nothing precedes the first page, so that the next ones are read after a step back to it.
    const direction = shown.page === 0 ? 1 : this.#direction;
    const wanted = Array.from({ length: PAGES }, (_, k) => ({
      ...shown,
      page: shown.page + direction * (k + 1),
    })).find(
      (one) =>
        one.page >= 0 &&
        one.page < nPages &&
        !this.#tried.has(keyOf(one)) &&
        cache.get(one, masks) === undefined,
    );
    if (wanted === undefined) return null;
    this.#tried.add(keyOf(wanted));
    return wanted;
  }

  /** Whether a page can be one of those to read ahead of the displayed one. */
  includes(target: Target, shown: Target): boolean {
    return areNear(target, shown);
  }

  /** Try again those that could not be read. */
  forget(): void {
    this.#tried.clear();
  }
}

/** True for pages of the same rows and look that are at most `PAGES` apart. */
const areNear = (one: Target, other: Target): boolean =>
  keyOf({ ...one, page: other.page }) === keyOf(other) && Math.abs(one.page - other.page) <= PAGES;
