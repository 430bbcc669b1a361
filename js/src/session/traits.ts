import type { State } from "../protocol";
import { listen, type Model } from "./model";
import type { Topic } from "./topics";

const OF_PAGE: readonly (keyof State)[] = ["page", "page_size", "sort", "where", "look"];

/** Traits used only by parts of a view, by the topic of those parts. */
const OF_PARTS: readonly (readonly [Topic, readonly (keyof State)[]])[] = [
  ["controls", ["n_rows", "choices"]],
  ["labels", ["advance", "keymap", "labelling_problem", "progress"]],
  ["tiles", ["tile_size", "panels", "compact"]],
  ["below", ["below"]],
];

/** Call a listener when a trait that determines the page changes. */
export function listenToPage(model: Model, changed: () => void, signal: AbortSignal): void {
  for (const name of OF_PAGE) listen(model, `change:${name}`, changed, signal);
}

/** Call a listener with the topic of the parts of a view that use a changed trait. */
export function listenToParts(model: Model, changed: (topic: Topic) => void, signal: AbortSignal): void {
  for (const [topic, names] of OF_PARTS)
    for (const name of names) listen(model, `change:${name}`, () => changed(topic), signal);
}
