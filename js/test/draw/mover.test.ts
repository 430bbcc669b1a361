// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { h } from "../../src/dom";
import { mover } from "../../src/draw";

/** What jsdom lacks: an effect that keeps its keyframes. */
class Effect {
  constructor(public frames: Keyframe | PropertyIndexedKeyframes | Keyframe[] | null) {}
  setKeyframes(frames: PropertyIndexedKeyframes): void {
    this.frames = frames;
  }
}

/** An element with animations, and those that were made. */
function animated(): { element: HTMLElement; made: { effect: Effect; state: string }[] } {
  vi.stubGlobal("KeyframeEffect", Effect);
  const made: { effect: Effect; state: string }[] = [];
  const element = h("div");
  element.animate = (frames) => {
    const one = {
      effect: new Effect(frames),
      state: "running",
      pause: () => {
        one.state = "paused";
      },
      cancel: () => {
        one.state = "idle";
      },
    };
    made.push(one);
    return one as unknown as Animation;
  };
  return { element, made };
}

afterEach(() => vi.unstubAllGlobals());

test("an element follows by one paused animation, and its style is not touched", () => {
  const { element, made } = animated();
  const { to } = mover(element);
  to("translate(1%, 2%)");
  to("translate(3%, 4%)");
  expect(made.length).toBe(1);
  expect(made[0]?.state).toBe("paused");
  expect(made[0]?.effect.frames).toEqual({ transform: ["translate(3%, 4%)", "translate(3%, 4%)"] });
  expect(element.getAttribute("style")).toBe(null);
});

test("at rest the animation is gone and the style holds the place", () => {
  const { element, made } = animated();
  const { to, rest } = mover(element);
  to("scale(2)");
  rest("scale(1)");
  expect(made[0]?.state).toBe("idle");
  expect(element.style.transform).toBe("scale(1)");
  to("scale(3)");
  expect(made[1]?.state).toBe("paused");
});

test("without animations the style is set", () => {
  const element = h("div");
  mover(element).to("scale(2)");
  expect(element.style.transform).toBe("scale(2)");
});
