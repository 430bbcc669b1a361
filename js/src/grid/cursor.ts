/** The cursor of one view: the position on the page, from 0, of the tile that keys act on. */
export class Cursor {
  #place = 0;
  #count = 0;
  readonly #listeners: (() => void)[] = [];
  /** The id from which Shift+click selects, also from another page; null: from the cursor. */
  anchor: string | null = null;

  get place(): number {
    return this.#place;
  }

  /** The number of positions. */
  get count(): number {
    return this.#count;
  }

  /** Call a listener after every move, as long as the view exists. */
  onMove(listener: () => void): void {
    this.#listeners.push(listener);
  }

  moveTo(place: number): void {
    this.#place = this.#bounded(place);
    for (const listener of this.#listeners) listener();
  }

  /** Set the number of tiles on the page. Listeners are not called, as the tiles are being redrawn. */
  setCount(count: number): void {
    this.#count = count;
    this.#place = this.#bounded(this.#place);
  }

  #bounded(place: number): number {
    return Math.min(Math.max(0, place), Math.max(0, this.#count - 1));
  }
}
