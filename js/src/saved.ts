import type { State } from "./protocol";
import type { Model } from "./session";
import grid from "./widget";

/** What a saved page holds: the traits, and those of them that are bytes as base64. */
interface Saved {
  state: State;
  bytes: Partial<Record<keyof State, string>>;
}

/** A model without kernel and notebook: the traits as they were saved, and nothing to ask. */
function standIn({ state, bytes }: Saved): Model {
  const traits = new Map<string, unknown>(Object.entries(state));
  for (const [name, text] of Object.entries(bytes)) traits.set(name, decoded(text));
  const callbacks = new Map<string, Set<() => void>>();
  return {
    get: <K extends keyof State>(key: K) => traits.get(key) as State[K],
    set(key, value) {
      traits.set(key, value);
      for (const callback of [...(callbacks.get(`change:${key}`) ?? [])]) callback();
    },
    save_changes() {},
    send() {
      throw new Error("a saved page has no kernel");
    },
    on(event, callback) {
      const known = callbacks.get(event) ?? new Set();
      callbacks.set(event, known.add(callback));
    },
    off: (event, callback) => void callbacks.get(event)?.delete(callback),
    widget_manager: { get_model: () => Promise.resolve({ comm_live: false, saved: true }) },
  };
}

function decoded(text: string): DataView {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return new DataView(bytes.buffer);
}

const holder = document.querySelector("#cutouts-state");
const place = document.querySelector<HTMLElement>("#cutouts");
if (holder !== null && place !== null) {
  const model = standIn(JSON.parse(holder.textContent ?? "") as Saved);
  const widget = grid();
  widget.initialize({ model });
  widget.render({ model, el: place });
}
