/** The tile of one view that keys act on, as a place on the page from 0. */
export class Cursor {
  #place = 0;
  #count = 0;
  readonly #listeners: (() => void)[] = [];
  /** The id from which a click with Shift selects, also when another page is shown; null: from the cursor. */
  anchor: string | null = null;

  get place(): number {
    return this.#place;
  }

  /** How many places there are. */
  get count(): number {
    return this.#count;
  }

  /** Call a listener after every move. It lives as long as the view. */
  onMove(listener: () => void): void {
    this.#listeners.push(listener);
  }

  moveTo(place: number): void {
    this.#place = this.#bounded(place);
    for (const listener of this.#listeners) listener();
  }

  /** Set how many tiles the page has. Listeners are not called: the tiles are being redrawn. */
  setCount(count: number): void {
    this.#count = count;
    this.#place = this.#bounded(this.#place);
  }

  #bounded(place: number): number {
    return Math.min(Math.max(0, place), Math.max(0, this.#count - 1));
  }
}
