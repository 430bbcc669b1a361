/** Moves an element by its transform while it follows the pointer. */
export interface Mover {
  /** Move the element, which gets a layer of its own. */
  to(transform: string): void;
  /** Move the element, which stays or becomes part of the layer around it. */
  rest(transform: string): void;
}

/**
 * Move an element by a paused animation, or by its style where there are no animations.
 *
 * After a change of the style Chromium arranges the layers of the whole page again, which takes 1 ms in a
 * notebook; a paused animation only changes the position of one layer, and takes no time while it is still.
 */
export function mover(element: HTMLElement | SVGElement): Mover {
  let moving: Animation | null = null;
  const rest = (transform: string): void => {
    moving?.cancel();
    moving = null;
    element.style.transform = transform;
  };
  return {
    rest,
    to(transform) {
      if (typeof element.animate !== "function") return rest(transform);
      const frames = { transform: [transform, transform] };
      const { effect } = moving ?? {};
      if (effect instanceof KeyframeEffect) effect.setKeyframes(frames);
      else {
        moving = element.animate(frames, { duration: 1, fill: "both" });
        moving.pause();
      }
    },
  };
}
