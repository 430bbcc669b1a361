import { onResize } from "../dom";

/**
 * The side of the frames of a row of panels on the screen, CSS pixels.
 *
 * It is read once for each size of the row: a reading makes the browser lay out what has changed before.
 */
export function sideOf(row: HTMLElement, changed: () => void, signal: AbortSignal): () => number {
  const read = (): number => row.querySelector(".cw-frame")?.clientWidth ?? 0;
  if (typeof ResizeObserver === "undefined") return read;
  let known = 0;
  const renew = (): void => {
    const before = known;
    known = read();
    if (known !== before) changed();
  };
  onResize([row], renew, signal);
  return () => {
    if (known === 0) known = read();
    return known;
  };
}
