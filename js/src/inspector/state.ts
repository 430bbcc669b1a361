import type { InspectAnswer, PanelName } from "../protocol";
import type { InspectedPanel } from "./panel";

/** What can change in one inspector; its parts subscribe to the topics they show. */
export type InspectorTopic = "panels" | "framing" | "cursor" | "masks" | "display" | "aperture";

/** A place on a panel, in its parent pixels: whole numbers are centres of pixels. */
export interface Place {
  panel: PanelName;
  x: number;
  y: number;
}

/** What the parts of one inspector share: the panels, and what hand and keys do on them. */
export class InspectorState {
  answer: InspectAnswer | null = null;
  /** The panels that have pixels. */
  panels: Partial<Record<PanelName, InspectedPanel>> = {};
  /** The pixel that the pointer or the arrow keys are at. */
  cursor: Place | null = null;
  readonly #listeners = new Set<{ topics: readonly InspectorTopic[]; changed: () => void }>();

  subscribe(topics: readonly InspectorTopic[], changed: () => void, signal: AbortSignal): void {
    const one = { topics, changed };
    this.#listeners.add(one);
    signal.addEventListener("abort", () => this.#listeners.delete(one), { once: true });
  }

  tell(topic: InspectorTopic): void {
    for (const { topics, changed } of [...this.#listeners]) if (topics.includes(topic)) changed();
  }
}
