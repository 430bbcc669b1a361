import { onResize } from "../dom";

/**
 * Stack sticky bars at the top, one below the other, while tiles scroll under them. Their total height becomes the
 * CSS variable `--cw-top`, which positions the inspector and sets the tiles' scroll margin.
 */
export function stack(root: HTMLElement, bars: readonly HTMLElement[], signal: AbortSignal): void {
  const refresh = (): void => {
    let top = 0;
    for (const bar of bars) {
      if (getComputedStyle(bar).position !== "sticky") continue; // in a narrow grid it scrolls with the tiles
      const px = `${top}px`;
      if (bar.style.top !== px) bar.style.top = px;
      top += bar.offsetHeight;
    }
    root.style.setProperty("--cw-top", `${top}px`);
  };
  onResize([root, ...bars], refresh, signal);
}
