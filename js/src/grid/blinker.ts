/** As long as a frame of SAOImage DS9 stays by default. */
const FRAME_MS = 500;

/** Counts the frames of a blink; each press is one frame if the user's system asks for less motion. */
export class Blinker {
  /** Frames since the beginning; null at rest. */
  frame: number | null = null;
  readonly #changed: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(changed: () => void, signal: AbortSignal) {
    this.#changed = changed;
    signal.addEventListener("abort", () => clearInterval(this.#timer), { once: true });
  }

  /** True where frames change only when the key is pressed. */
  get byHand(): boolean {
    return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
  }

  /** Begin; once begun, end, or go on by one frame by hand. */
  press(): void {
    if (this.frame === null) {
      if (!this.byHand) this.#timer = setInterval(() => this.#next(), FRAME_MS);
      this.#next();
    } else if (this.#timer === undefined) this.#next();
    else this.stop();
  }

  /** True if there was something to stop. */
  stop(): boolean {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.frame === null) return false;
    this.frame = null;
    this.#changed();
    return true;
  }

  #next(): void {
    this.frame = this.frame === null ? 0 : this.frame + 1;
    this.#changed();
  }
}
