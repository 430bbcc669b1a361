/** The default of SAOImage DS9. */
const FRAME_MS = 500;

/** Counts the frames of a blink; with reduced motion, each key press is one frame. */
export class Blinker {
  /** The current frame, from 0; null while not blinking. */
  frame: number | null = null;
  readonly #changed: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(changed: () => void, signal: AbortSignal) {
    this.#changed = changed;
    signal.addEventListener("abort", () => clearInterval(this.#timer), { once: true });
  }

  /** True if frames change only when the key is pressed. */
  get byHand(): boolean {
    return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
  }

  /** Start or stop blinking; with reduced motion, show the next frame. */
  press(): void {
    if (this.frame === null) {
      if (!this.byHand) this.#timer = setInterval(() => this.#next(), FRAME_MS);
      this.#next();
    } else if (this.#timer === undefined) this.#next();
    else this.stop();
  }

  /** Returns true if it was blinking. */
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
