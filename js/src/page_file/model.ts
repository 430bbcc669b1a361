import { type Envelope, type Request, type State, VERSION } from "../protocol";
import type { Model } from "../session";
import { LocalKernel } from "./answers";
import type { Stored } from "./stored";

/** A model without kernel and notebook: saved traits, and answers from the data in the page. */
export interface LocalModel {
  model: Model;
  kernel: LocalKernel;
}

type Callback = (...args: never[]) => void;

export function localModel(traits: Map<string, unknown>, stored: Stored): LocalModel {
  const callbacks = new Map<string, Set<Callback>>();
  const get = <K extends keyof State>(key: K): State[K] => traits.get(key) as State[K];
  const fire = (event: string, ...args: unknown[]): void => {
    for (const callback of [...(callbacks.get(event) ?? [])])
      (callback as (...all: unknown[]) => void)(...args);
  };
  // All are set before any listener is called, so that listeners see a consistent state.
  const set = (state: Partial<State>): void => {
    const changed = Object.entries(state).filter(([key, value]) => differs(traits.get(key), value));
    for (const [key, value] of changed) traits.set(key, value);
    for (const [key] of changed) fire(`change:${key}`);
  };
  const kernel = new LocalKernel(stored, get, set);
  const model: Model = {
    get,
    set: (key, value) => set({ [key]: value }),
    save_changes() {},
    send(content) {
      const request = content as Request & Envelope;
      // Always asynchronous, like messages from a kernel.
      setTimeout(() => {
        const reply = kernel.answer(request);
        if (reply === null) return;
        const { client, request: number } = request;
        fire("msg:custom", { ...reply.answer, version: VERSION, client, request: number }, [reply.bytes]);
      });
    },
    on(event, callback) {
      const known = callbacks.get(event) ?? new Set();
      callbacks.set(event, known.add(callback));
    },
    off: (event, callback) => void callbacks.get(event)?.delete(callback),
    isFile: true,
    widget_manager: { get_model: () => Promise.resolve({ comm_live: true }) },
  };
  return { model, kernel };
}

function differs(one: unknown, two: unknown): boolean {
  return one !== two && JSON.stringify(one) !== JSON.stringify(two);
}
