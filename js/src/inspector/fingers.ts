/** The middle of one or two pointers on the screen, and the distance between them; 0 for a single one. */
export interface Grip {
  clientX: number;
  clientY: number;
  spread: number;
}

/** The pointers that are pressed on an element: the mouse, a finger or two. */
export class Fingers {
  readonly #pressed = new Map<number, Grip>();

  get count(): number {
    return this.#pressed.size;
  }

  press({ pointerId, clientX, clientY }: PointerEvent): void {
    this.#pressed.set(pointerId, { clientX, clientY, spread: 0 });
  }

  move(event: PointerEvent): void {
    if (this.#pressed.has(event.pointerId)) this.press(event);
  }

  /** Returns false if the pointer was not pressed here. */
  lift({ pointerId }: PointerEvent): boolean {
    return this.#pressed.delete(pointerId);
  }

  /** Where the first two are now. */
  get grip(): Grip {
    const [one, other = one] = [...this.#pressed.values()];
    if (one === undefined || other === undefined) return { clientX: 0, clientY: 0, spread: 0 };
    return {
      clientX: (one.clientX + other.clientX) / 2,
      clientY: (one.clientY + other.clientY) / 2,
      spread: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
    };
  }
}

/** How much farther apart two fingers are than at the beginning; 1 without two fingers. */
export function growth(from: Grip, to: Grip): number {
  return from.spread > 0 && to.spread > 0 ? to.spread / from.spread : 1;
}
