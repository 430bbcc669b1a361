import { h, setAttributes } from "../dom";
import { isNumber, remembered, type Session } from "../session";

/** Width of the inspector beside the tiles, in per cent, and its limits. */
const USUAL = 46;
const NARROWEST = 25;
const WIDEST = 75;
/** Step of the arrow keys. */
const STEP = 2;

/** Inspector and tiles: side by side with a draggable divider if there is space, else one above the other. */
export function split(
  session: Session,
  inspector: HTMLElement,
  page: HTMLElement,
  signal: AbortSignal,
): HTMLElement {
  const width = remembered("inspector-width", USUAL, isNumber);
  const divider = h("div", {
    class: "cw-divider",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-label": "Width of the inspector",
    "aria-valuemin": NARROWEST,
    "aria-valuemax": WIDEST,
    title: "Drag to share the width; double click resets it",
    "data-testid": "divider",
  });
  const element = h("div", { class: "cw-split" }, inspector, divider, page);

  const show = (percent: number): number => {
    const bounded = Math.min(Math.max(NARROWEST, percent), WIDEST);
    element.style.setProperty("--cw-inspector", `${bounded}%`);
    setAttributes(divider, { "aria-valuenow": Math.round(bounded) });
    return bounded;
  };
  const choose = (percent: number): void => width.set(show(percent));
  const refresh = (): void => setAttributes(element, { "data-open": session.inspected !== null });

  divider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // do not select text
    divider.focus({ preventScroll: true });
    divider.setPointerCapture(event.pointerId);
  }, { signal }); // biome-ignore format: listeners read better so
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const { right, width: whole } = element.getBoundingClientRect();
    if (whole > 0) choose(((right - event.clientX) / whole) * 100);
  }, { signal }); // biome-ignore format: listeners read better so
  divider.addEventListener("dblclick", () => choose(USUAL), { signal });
  divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (step === undefined) return;
    choose(width.get() + step);
    event.preventDefault();
    event.stopPropagation(); // do not move the tiles' cursor
  }, { signal }); // biome-ignore format: listeners read better so

  session.subscribe(["inspector"], refresh, signal);
  refresh();
  show(width.get());
  return element;
}
