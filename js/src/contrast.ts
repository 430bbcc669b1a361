import { h, hide, say } from "./dom";
import type { Table } from "./paint";

/** How colours are spread over the levels: how steeply, and which level (0 to 1) gets the middle colour. */
export interface Contrast {
  contrast: number;
  bias: number;
}

export const PLAIN: Contrast = { contrast: 1, bias: 0.5 };

/** A drag over the side of a panel changes the contrast this many times; it is also the most there is. */
const MOST = 10;

/** Spread the colours of a table anew; byte 0, no data, stays what it is. */
export function respread(table: Table, { contrast, bias }: Contrast): Table {
  const last = table.length - 2;
  return table.map((colour, level) => {
    if (level === 0) return colour;
    const at = ((level - 1) / last - bias) * contrast + 0.5;
    return table[1 + Math.round(Math.min(Math.max(0, at), 1) * last)] ?? colour;
  });
}

/** What a drag by so many panel sides right and down makes of a contrast: down for more, right for a higher bias. */
export function dragged(from: Contrast, right: number, down: number): Contrast {
  return {
    contrast: Math.min(Math.max(1 / MOST, from.contrast * MOST ** down), MOST),
    bias: Math.min(Math.max(0, from.bias + right), 1),
  };
}

/** Contrast and bias under the right mouse button, as in SAOImage DS9. */
export interface ContrastControl {
  /** Says what is set and takes it back. */
  element: HTMLElement;
  applied(table: Table): Table;
  /** True if there was something to take back. */
  reset(): boolean;
}

export function contrastControl(
  area: HTMLElement,
  changed: () => void,
  signal: AbortSignal,
): ContrastControl {
  const words = h("span", { "data-testid": "contrast" });
  const button = h(
    "button",
    { type: "button", title: "Colours as they were (double right click, Esc)", "data-testid": "reset" },
    "reset",
  );
  const element = h("div", { class: "cw-contrast", hidden: true }, words, button);
  let now = PLAIN;
  let drag: { from: Contrast; x: number; y: number; side: number } | null = null;

  const set = (next: Contrast): void => {
    now = next;
    if (now === PLAIN) hide(element);
    else element.hidden = false;
    say(words, `contrast ${now.contrast.toFixed(2)}  bias ${now.bias.toFixed(2)}`);
    changed();
  };
  const reset = (): boolean => {
    drag = null;
    if (now === PLAIN) return false;
    set(PLAIN);
    return true;
  };

  area.addEventListener(
    "pointerdown",
    (event) => {
      const frame = event.target instanceof Element ? event.target.closest(".cw-frame") : null;
      if (event.button !== 2 || frame === null) return;
      drag = { from: now, x: event.clientX, y: event.clientY, side: frame.getBoundingClientRect().width };
      area.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  area.addEventListener(
    "pointermove",
    (event) => {
      if (drag === null) return;
      const [right, down] = [(event.clientX - drag.x) / drag.side, (event.clientY - drag.y) / drag.side];
      set(dragged(drag.from, right, down));
    },
    { signal },
  );
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    area.addEventListener(
      end,
      () => {
        drag = null;
      },
      { signal },
    );
  area.addEventListener(
    "mousedown",
    (event) => {
      if (event.button === 2 && event.detail === 2) reset();
    },
    { signal },
  );
  area.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    event.stopPropagation(); // the notebook has a menu of its own
  }, { signal }); // biome-ignore format: listeners read better so
  button.addEventListener("click", reset, { signal });

  return { element, reset, applied: (table) => (now === PLAIN ? table : respread(table, now)) };
}
