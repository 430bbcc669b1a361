import type { State } from "../protocol";

/** What we use of an anywidget model, 0.9 to the newest, and of the stand-in of a saved page. */
export interface Model {
  get<K extends keyof State>(key: K): State[K];
  set<K extends keyof State>(key: K, value: State[K]): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  readonly widget_manager?: {
    get_model(id: string): Promise<unknown>;
    /** Of ipywidgets; a saved page has none. */
    create_view?(model: unknown): Promise<ModelView>;
  };
}

/** What ipywidgets makes of a model to show it. */
export interface ModelView {
  el: HTMLElement;
  remove(): void;
}

/** A view of another grid; null where there is nothing that could make one. */
export async function viewOf(model: Model, gridId: string): Promise<ModelView | null> {
  const manager = model.widget_manager;
  if (manager?.create_view === undefined) return null;
  return await manager.create_view(await manager.get_model(gridId));
}

/** Listen until the signal ends it. */
export function listen(
  model: Model,
  event: string,
  callback: (...args: never[]) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  model.on(event, callback);
  signal.addEventListener("abort", () => model.off(event, callback), { once: true });
}
