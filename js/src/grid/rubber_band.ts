import { h } from "../dom";
import type { Session } from "../session";
import { addToSelection } from "./selecting";
import type { Tiles } from "./tiles";

/** A press that moves less is a click. */
const CLICK_PX = 5;

/**
 * Select tiles by dragging. A drag starts on the background between tiles, or with Shift anywhere on
 * them; without Shift, a drag over text in their headers selects the text. Esc cancels.
 */
export function rubberBand(ground: HTMLElement, session: Session, tiles: Tiles, signal: AbortSignal): void {
  const frame = h("div", { class: "cw-rubber", "aria-hidden": "true", "data-testid": "rubber-band" });
  let from: { x: number; y: number } | null = null;
  let isDragged = false;

  /** The position of the pointer, in px of the tiles' area, which may scroll meanwhile. */
  const at = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
    const { left, top } = ground.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const touched = (): string[] => {
    const box = frame.getBoundingClientRect();
    const found: string[] = [];
    for (let place = 0; ; place++) {
      const id = tiles.idAt(place);
      const tile = tiles.elementAt(place)?.getBoundingClientRect();
      if (id === null || tile === undefined) return found;
      const isApart =
        tile.right < box.left || tile.left > box.right || tile.bottom < box.top || tile.top > box.bottom;
      if (!isApart) found.push(id);
    }
  };
  const mark = (ids: readonly string[]): void => {
    for (let place = 0; ; place++) {
      const tile = tiles.elementAt(place);
      if (tile === undefined) return;
      tile.toggleAttribute("data-touched", ids.includes(tiles.idAt(place) ?? ""));
    }
  };
  const leave = (): void => {
    from = null;
    frame.remove();
    mark([]);
  };

  ground.addEventListener("mousedown", (event) => {
    isDragged = false;
    if (event.button !== 0 || !(event.target instanceof Element) || session.pending) return;
    const onTiles = tiles.element.contains(event.target) && event.target !== tiles.element;
    if (onTiles ? !event.shiftKey : ![ground, tiles.element].includes(event.target as HTMLElement)) return;
    event.preventDefault(); // do not select text
    ground.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
    from = at(event);
  }, { signal }); // biome-ignore format: listeners read better so
  window.addEventListener("mousemove", (event) => {
    if (from === null) return;
    if ((event.buttons & 1) === 0) return leave(); // it was released outside
    const to = at(event);
    if (!isDragged && Math.hypot(to.x - from.x, to.y - from.y) < CLICK_PX) return;
    isDragged = true;
    if (!frame.isConnected) ground.append(frame);
    Object.assign(frame.style, {
      left: `${Math.min(from.x, to.x)}px`,
      top: `${Math.min(from.y, to.y)}px`,
      width: `${Math.abs(to.x - from.x)}px`,
      height: `${Math.abs(to.y - from.y)}px`,
    });
    mark(touched());
  }, { signal }); // biome-ignore format: listeners read better so
  window.addEventListener("mouseup", () => {
    if (from === null) return;
    if (isDragged && frame.isConnected) addToSelection(session, touched());
    leave();
  }, { signal }); // biome-ignore format: listeners read better so
  ground.addEventListener("click", (event) => {
    if (!isDragged) return;
    isDragged = false; // ignore the click at the end of a drag
    event.stopPropagation();
  }, { signal, capture: true }); // biome-ignore format: listeners read better so
  window.addEventListener("keydown", (event) => {
    if (from === null || event.key !== "Escape") return;
    leave();
    event.stopPropagation(); // do not clear the selection
    event.preventDefault();
  }, { signal, capture: true }); // biome-ignore format: listeners read better so
  session.subscribe(["page"], leave, signal);
  signal.addEventListener("abort", () => frame.remove(), { once: true });
}
