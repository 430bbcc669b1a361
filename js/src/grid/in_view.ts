import { focusedIn } from "../dom";
import type { Inspector } from "../inspector";
import type { Session } from "../session";
import type { Cursor } from "./cursor";
import type { Tiles } from "./tiles";

/** Time until the images of an inspected source have arrived; later changes in height do not scroll. */
const GROWS_MS = 3000;

/**
 * When the inspector opens or closes, keep the tile at its position on the screen, and scroll the requested part into view.
 * Create it after the inspector, whose element changes on the same topic.
 */
export function keepInView(
  root: HTMLElement,
  session: Session,
  on: { tiles: Tiles; inspector: Inspector; cursor: Cursor },
  signal: AbortSignal,
): void {
  let shown: string | null = session.inspected?.id ?? null;
  let before: { element: HTMLElement; top: number } | null = null;
  let until = 0;

  const note = ({ target }: Event): void => {
    const clicked = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
    const element = clicked ?? on.tiles.elementAt(on.cursor.place);
    before = element === undefined ? null : { element, top: element.getBoundingClientRect().top };
  };
  root.addEventListener("click", note, { signal, capture: true });
  root.addEventListener("keydown", note, { signal, capture: true });

  const refresh = (): void => {
    const id = session.inspected?.id ?? null;
    const isNew = id !== shown;
    const changesLayout = (id === null) !== (shown === null);
    shown = id;
    if (isNew) until = performance.now() + GROWS_MS;
    if (before === null || performance.now() > until || focusedIn(root) === null) return;
    const { element, top } = before;
    if (changesLayout) scrollBy(element, element.getBoundingClientRect().top - top);
    if (id === null || isBeside(on.inspector.element, on.tiles.element)) return;
    on.inspector.element.scrollIntoView({ block: "nearest" });
    element.scrollIntoView({ block: "nearest" });
  };
  session.subscribe(["inspector"], refresh, signal);
}

function isBeside(one: HTMLElement, other: HTMLElement): boolean {
  return one.getBoundingClientRect().left >= other.getBoundingClientRect().right;
}

/** Scroll the container of an element. */
function scrollBy(element: HTMLElement, px: number): void {
  if (px === 0) return;
  let around = element.parentElement;
  while (around !== null && !scrolls(around)) around = around.parentElement;
  (around ?? document.scrollingElement)?.scrollBy({ top: px, behavior: "instant" });
}

function scrolls(element: HTMLElement): boolean {
  return (
    element.scrollHeight > element.clientHeight && /auto|scroll/.test(getComputedStyle(element).overflowY)
  );
}
