import type { State } from "../protocol";

/** The used part of an anywidget model, 0.9 to the newest, and of its replacement in a saved page. */
export interface Model {
  get<K extends keyof State>(key: K): State[K];
  set<K extends keyof State>(key: K, value: State[K]): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  /** True in a saved page, where nothing can be read or saved outside of the page. */
  readonly isFile?: boolean;
  readonly widget_manager?: {
    get_model(id: string): Promise<unknown>;
    /** From ipywidgets; a saved page has none. */
    create_view?(model: unknown): Promise<ModelView>;
  };
}

/** An ipywidgets view of a model. */
export interface ModelView {
  el: HTMLElement;
  remove(): void;
}

/** A view of another grid; null if it cannot be created. */
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
