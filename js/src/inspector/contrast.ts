import { h, hide, setText } from "../dom";
import { afterDrag, applyContrast, type Contrast, DEFAULT_CONTRAST, type Table } from "../draw";

/** Contrast and bias with the right mouse button, as in SAOImage DS9. */
export interface ContrastControl {
  /** Shows the values and the reset button while they are changed. */
  element: HTMLElement;
  applied(table: Table): Table;
  /** Returns true if anything was reset. */
  reset(): boolean;
}

export function contrastControl(
  area: HTMLElement,
  changed: () => void,
  signal: AbortSignal,
): ContrastControl {
  const words = h("span", { class: "cw-fixed", "data-testid": "contrast" });
  const button = h(
    "button",
    { type: "button", title: "Reset the colours (double right-click, Esc)", "data-testid": "reset" },
    "reset",
  );
  const element = h("div", { class: "cw-contrast", hidden: true }, h("span", {}, words), button);
  let now = DEFAULT_CONTRAST;
  let drag: { from: Contrast; x: number; y: number; side: number } | null = null;

  const set = (next: Contrast): void => {
    now = next;
    if (now === DEFAULT_CONTRAST) hide(element);
    else element.hidden = false;
    setText(words, `contrast ${now.contrast.toFixed(2)}  bias ${now.bias.toFixed(2)}`);
    changed();
  };
  const reset = (): boolean => {
    drag = null;
    if (now === DEFAULT_CONTRAST) return false;
    set(DEFAULT_CONTRAST);
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
      set(afterDrag(drag.from, right, down));
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
    event.stopPropagation(); // the notebook has its own menu
  }, { signal }); // biome-ignore format: listeners read better so
  button.addEventListener("click", reset, { signal });

  return {
    element,
    reset,
    applied: (table) => (now === DEFAULT_CONTRAST ? table : applyContrast(table, now)),
  };
}
