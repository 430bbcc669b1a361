import grid from "../src/widget";
import { Kernel, settle } from "./kernel";

/** A view of a grid in the page, and a function to close it. */
export interface Shown {
  kernel: Kernel;
  root: HTMLElement;
  end: () => void;
}

export async function show(kernel = new Kernel()): Promise<Shown> {
  const widget = grid();
  const end = widget.initialize({ model: kernel.model });
  const el = document.createElement("div");
  document.body.append(el);
  const close = widget.render({ model: kernel.model, el });
  await settle();
  const root = el.querySelector<HTMLElement>("[data-testid=cutouts]");
  if (root === null) throw new Error("nothing was rendered");
  return {
    kernel,
    root,
    end: () => {
      close();
      end();
    },
  };
}

export const all = (root: HTMLElement, selector: string): HTMLElement[] => [
  ...root.querySelectorAll<HTMLElement>(selector),
];

export function byTestId(root: HTMLElement, name: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(`[data-testid="${name}"]`);
  if (found === null) throw new Error(`no ${name}`);
  return found;
}

/** Press a key in the grid; returns false if the grid handled it. */
export function press(root: HTMLElement, key: string, more: KeyboardEventInit = {}): boolean {
  return root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}
