import { h, onResize, setAttributes } from "../dom";
import { isNumber, remembered, type Session } from "../session";

/** Width of the inspector beside the tiles, in per cent, and its limits. */
const USUAL = 46;
const NARROWEST = 25;
const WIDEST = 75;
/** Limits of its height above the tiles, in per cent of the window; 0 is the usual height, see `split.css`. */
const LOWEST = 20;
const HIGHEST = 80;
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
  const height = remembered("inspector-height", 0, isNumber);
  const divider = h("div", {
    class: "cw-divider",
    role: "separator",
    tabindex: 0,
    "aria-label": "Size of the inspector",
    title: "Drag to share the space; double click resets it",
    "data-testid": "divider",
  });
  const element = h("div", { class: "cw-split" }, inspector, divider, page);

  /** Side by side, the divider is a vertical bar. */
  const isBeside = (): boolean => {
    const { width: across, height: along } = divider.getBoundingClientRect();
    return along >= across;
  };
  const heightNow = (): number => (inspector.offsetHeight / window.innerHeight) * 100;
  const show = (): void => {
    element.style.setProperty("--cw-inspector", `${width.get()}%`);
    if (height.get() === 0) element.style.removeProperty("--cw-inspector-height");
    else element.style.setProperty("--cw-inspector-height", `${height.get()}vh`);
    element.style.setProperty("--cw-inspector-px", `${inspector.offsetHeight}px`);
    const beside = isBeside();
    setAttributes(divider, {
      "aria-orientation": beside ? "vertical" : "horizontal",
      "aria-valuenow": Math.round(beside ? width.get() : height.get() || heightNow()),
      "aria-valuemin": beside ? NARROWEST : LOWEST,
      "aria-valuemax": beside ? WIDEST : HIGHEST,
    });
  };
  const setWidth = (percent: number): void => {
    width.set(Math.min(Math.max(NARROWEST, percent), WIDEST));
    show();
  };
  const setHeight = (percent: number): void => {
    height.set(Math.min(Math.max(LOWEST, percent), HIGHEST));
    show();
  };
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
    if (!isBeside())
      setHeight(((event.clientY - inspector.getBoundingClientRect().top) / window.innerHeight) * 100);
    else if (whole > 0) setWidth(((right - event.clientX) / whole) * 100);
  }, { signal }); // biome-ignore format: listeners read better so
  divider.addEventListener("dblclick", () => {
    if (isBeside()) width.set(USUAL);
    else height.set(0);
    show();
  }, { signal }); // biome-ignore format: listeners read better so
  divider.addEventListener("keydown", (event) => {
    const beside = isBeside();
    const steps: Record<string, number> = beside
      ? { ArrowLeft: STEP, ArrowRight: -STEP }
      : { ArrowUp: -STEP, ArrowDown: STEP };
    const step = steps[event.key];
    if (step === undefined) return;
    if (beside) setWidth(width.get() + step);
    else setHeight((height.get() || heightNow()) + step);
    event.preventDefault();
    event.stopPropagation(); // do not move the tiles' cursor
  }, { signal }); // biome-ignore format: listeners read better so

  onResize([inspector, divider], show, signal);
  session.subscribe(["inspector"], refresh, signal);
  refresh();
  show();
  return element;
}
