import type { Target } from "../protocol";
import { keyOf, type PageCache } from "./pages";

/** Pages read ahead. With two, the second is already on its way while the first is drawn. */
const PAGES = 2;

/** Chooses the pages to read ahead of the displayed one, one after the other, each once while that stays. */
export class ReadAhead {
  #from = "";
  readonly #tried = new Set<string>();

  /** The next page to read ahead, or null if all are cached or have been tried. */
  next(cache: PageCache, shown: Target, nPages: number, masks: boolean): Target | null {
    const from = `${keyOf(shown)} ${masks}`;
    if (this.#from !== from) this.forget();
    this.#from = from;
    const wanted = following(shown).find(
      (one) => one.page < nPages && !this.#tried.has(keyOf(one)) && cache.get(one, masks) === undefined,
    );
    if (wanted === undefined) return null;
    this.#tried.add(keyOf(wanted));
    return wanted;
  }

  /** Whether a page is one of those to read ahead of the displayed one. */
  includes(target: Target, shown: Target): boolean {
    return following(shown).some((one) => keyOf(one) === keyOf(target));
  }

  /** Try again those that could not be read. */
  forget(): void {
    this.#tried.clear();
  }
}

const following = (shown: Target): Target[] =>
  Array.from({ length: PAGES }, (_, k) => ({ ...shown, page: shown.page + 1 + k }));
