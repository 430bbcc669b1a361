import type { State } from "../protocol";

/** What we use of an anywidget model, 0.9 to the newest, and of the stand-in of a saved page. */
export interface Model {
  get<K extends keyof State>(key: K): State[K];
  set<K extends keyof State>(key: K, value: State[K]): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  readonly widget_manager?: { get_model(id: string): Promise<unknown> };
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
