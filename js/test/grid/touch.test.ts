import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { all, type Shown, show } from "../shown";

let shown: Shown;
beforeEach(async () => {
  shown = await show();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  shown.end();
});

const tile = (place: number): HTMLElement => {
  const found = all(shown.root, "[data-testid=tile]")[place];
  if (found === undefined) throw new Error(`no tile ${place}`);
  return found;
};
const finger = (type: string, x: number, y = 50, more: PointerEventInit = {}): void => {
  const about = { pointerType: "touch", pointerId: 7, isPrimary: true, clientX: x, clientY: y };
  tile(1).dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, ...about, ...more }));
};
const selected = (): number => all(shown.root, "[data-testid=tile][aria-selected=true]").length;
const wanted = (): string | undefined => shown.root.dataset.wanted;

describe("a finger on the tiles", () => {
  it("selects by a long press, and the click that follows opens nothing", () => {
    finger("pointerdown", 100);
    vi.advanceTimersByTime(499);
    expect(selected()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(tile(1).getAttribute("aria-selected")).toBe("true");
    const menu = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
    expect(tile(1).dispatchEvent(menu)).toBe(false);
    finger("pointerup", 100);
    tile(1).click();
    expect(shown.kernel.of("inspect")).toEqual([]);
    vi.advanceTimersByTime(701);
    tile(1).click();
    expect(shown.kernel.of("inspect")).toHaveLength(1);
  });

  it("turns the page by a horizontal swipe: to the next one by a swipe to the left", () => {
    finger("pointerdown", 200);
    finger("pointermove", 150);
    expect(wanted()).toBe("0");
    finger("pointermove", 139);
    expect(wanted()).toBe("1");
    finger("pointermove", 20);
    finger("pointerup", 20);
    expect(wanted()).toBe("1");
    finger("pointerdown", 100);
    finger("pointermove", 161);
    expect(wanted()).toBe("0");
  });

  it("scrolls by a vertical drag, which turns no page and selects nothing", () => {
    finger("pointerdown", 100);
    finger("pointermove", 160, 90);
    vi.advanceTimersByTime(600);
    expect([wanted(), selected()]).toEqual(["0", 0]);
  });

  it("is left to the browser if there is a second one", () => {
    finger("pointerdown", 100);
    finger("pointerdown", 200, 50, { pointerId: 8, isPrimary: false });
    finger("pointermove", 10);
    vi.advanceTimersByTime(600);
    expect([wanted(), selected()]).toEqual(["0", 0]);
  });

  it("is ignored when the browser takes it over, and when it is a mouse", () => {
    finger("pointerdown", 100);
    finger("pointercancel", 100);
    finger("pointerdown", 100, 50, { pointerType: "mouse" });
    vi.advanceTimersByTime(600);
    expect(selected()).toBe(0);
  });
});

it("a long press on a button is left to the button", () => {
  const copy = tile(0).querySelector("button");
  const about = { bubbles: true, pointerType: "touch", isPrimary: true, pointerId: 1 };
  copy?.dispatchEvent(new PointerEvent("pointerdown", about));
  vi.advanceTimersByTime(600);
  expect(selected()).toBe(0);
});
