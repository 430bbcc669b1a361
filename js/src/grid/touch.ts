import type { View } from "./actions";
import { toggleSelected } from "./selecting";

/** Duration of a long press in ms, as on phones. */
const PRESS_MS = 500;
/** A finger that moves less is at rest, in px. */
const REST_PX = 10;
/** Horizontal distance of a swipe, in px. */
const SWIPE_PX = 60;
/** The browser's own click or menu follows a press within this time, in ms. */
const AFTER_MS = 700;

/**
 * Touch gestures on the tiles: a horizontal swipe turns the page, a long press selects. A tap is a click, as with the
 * mouse; vertical scrolling and pinch zoom are left to the browser.
 */
export function touch(ground: HTMLElement, view: View, signal: AbortSignal): void {
  const { session, tiles, cursor } = view;
  let finger: { id: number; x: number; y: number } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let acted = Number.NEGATIVE_INFINITY;

  const leave = (): void => {
    clearTimeout(timer);
    finger = null;
  };
  const press = (at: Element | null): void => {
    leave();
    const place = Number(at?.closest<HTMLElement>("[data-place]")?.dataset.place ?? Number.NaN);
    const id = Number.isNaN(place) || session.pending ? null : tiles.idAt(place);
    if (id === null) return;
    acted = performance.now();
    cursor.moveTo(place);
    cursor.anchor = id;
    toggleSelected(session, id);
  };
  const turn = (step: 1 | -1): void => {
    leave();
    acted = performance.now();
    session.setTarget({ page: session.wanted.page + step });
  };

  ground.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    const isSecond = finger !== null || !event.isPrimary;
    leave();
    if (isSecond) return; // a pinch
    const { pointerId: id, clientX: x, clientY: y } = event;
    finger = { id, x, y };
    const at = event.target instanceof Element ? event.target : null;
    if (at?.closest("button, input, select") == null) timer = setTimeout(() => press(at), PRESS_MS);
  }, { signal }); // biome-ignore format: listeners read better so
  ground.addEventListener("pointermove", (event) => {
    if (finger?.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
    if (Math.hypot(dx, dy) > REST_PX) clearTimeout(timer);
    if (Math.abs(dx) >= SWIPE_PX && Math.abs(dx) > 2 * Math.abs(dy)) turn(dx < 0 ? 1 : -1);
  }, { signal }); // biome-ignore format: listeners read better so
  for (const end of ["pointerup", "pointercancel"] as const)
    window.addEventListener(end, (event) => {
      if (finger?.id === event.pointerId) leave();
    }, { signal }); // biome-ignore format: listeners read better so
  // After a long press or a swipe, no click and no context menu.
  for (const kind of ["click", "contextmenu"] as const)
    ground.addEventListener(kind, (event) => {
      if (performance.now() - acted > AFTER_MS && finger === null) return;
      event.preventDefault();
      event.stopPropagation();
    }, { signal, capture: true }); // biome-ignore format: listeners read better so
  signal.addEventListener("abort", leave, { once: true });
}
