/** Topics of changes; every part of a view subscribes to those it displays. */
export type Topic =
  | "page"
  | "controls"
  | "colours"
  | "orientation"
  | "selection"
  | "inspector"
  | "labels"
  | "facets"
  | "notices"
  | "tiles"
  | "masks"
  | "epochs"
  | "saving"
  | "below"
  | "link";

interface Subscription {
  topics: readonly Topic[];
  changed: () => void;
}

/** The subscribers of each topic. */
export class Topics {
  readonly #listeners = new Set<Subscription>();

  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.#listeners.clear(), { once: true });
  }

  /** Call a listener when one of these topics changes, until the signal ends it. */
  subscribe(topics: readonly Topic[], changed: () => void, signal: AbortSignal): void {
    const subscription = { topics, changed };
    this.#listeners.add(subscription);
    signal.addEventListener("abort", () => this.#listeners.delete(subscription), { once: true });
  }

  notify(topic: Topic): void {
    for (const { topics, changed } of [...this.#listeners]) if (topics.includes(topic)) changed();
  }
}
