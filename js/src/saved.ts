import { about, localModel, unpacked } from "./page_file";
import type { State } from "./protocol";
import grid from "./widget";

/** The traits of a saved page, with bytes as base64. */
interface Saved {
  state: State;
  bytes: Partial<Record<keyof State, string>>;
}

function decoded(text: string): DataView {
  return new DataView(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
}

async function show(state: string, data: string, place: HTMLElement): Promise<void> {
  const saved = JSON.parse(state) as Saved;
  const traits = new Map<string, unknown>(Object.entries(saved.state));
  for (const [name, text] of Object.entries(saved.bytes)) traits.set(name, decoded(text));
  const stored = await unpacked(data);
  const { model, kernel } = localModel(traits, stored);
  const { signal } = new AbortController();
  const named = (who: string): void => {
    kernel.journal.who = who;
    model.set("who", who); // tiles show who gave a label if it was somebody else
  };
  const line = about(stored, kernel.journal, saved.state.labelling, named, signal);
  model.on("change:progress", line.refresh);
  place.before(line.element);
  const widget = grid();
  widget.initialize({ model });
  widget.render({ model, el: place });
}

const [holder, data] = [document.querySelector("#cutouts-state"), document.querySelector("#cutouts-data")];
const place = document.querySelector<HTMLElement>("#cutouts");
if (holder !== null && data !== null && place !== null)
  show(holder.textContent ?? "", data.textContent ?? "", place).catch((error: unknown) => {
    place.textContent = `This page cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
  });
