import { afterEach, expect, test } from "vitest";
import { Kernel } from "../kernel";
import { byTestId, press, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

const shareOf = (root: HTMLElement): string =>
  root.querySelector<HTMLElement>(".cw-split")?.style.getPropertyValue("--cw-inspector") ?? "";

test("dragging the divider resizes the inspector, and the next grid remembers it", async () => {
  const { root } = await show();
  const whole = root.querySelector<HTMLElement>(".cw-split");
  const divider = byTestId(root, "divider");
  if (whole === null) throw new Error("no split");
  whole.getBoundingClientRect = () => ({ right: 1100, width: 1000 }) as DOMRect;
  divider.hasPointerCapture = () => true;
  divider.dispatchEvent(new PointerEvent("pointermove", { clientX: 500, pointerId: 1 }));
  expect(shareOf(root)).toBe("60%");
  divider.dispatchEvent(new PointerEvent("pointermove", { clientX: 0, pointerId: 1 }));
  expect(shareOf(root)).toBe("75%"); // the tiles keep a quarter
  expect(shareOf((await show(new Kernel())).root)).toBe("75%");
});

test("above the tiles the divider changes the height, which the next grid remembers", async () => {
  const { root } = await show();
  const heightOf = (one: HTMLElement): string =>
    one.querySelector<HTMLElement>(".cw-split")?.style.getPropertyValue("--cw-inspector-height") ?? "";
  const divider = byTestId(root, "divider");
  divider.getBoundingClientRect = () => ({ width: 900, height: 12 }) as DOMRect;
  byTestId(root, "inspector").getBoundingClientRect = () => ({ top: 100 }) as DOMRect;
  divider.hasPointerCapture = () => true;
  divider.dispatchEvent(
    new PointerEvent("pointermove", { clientY: 100 + window.innerHeight / 2, pointerId: 1 }),
  );
  expect(heightOf(root)).toBe("50vh");
  expect(divider.getAttribute("aria-orientation")).toBe("horizontal");
  press(divider, "ArrowDown");
  expect(heightOf((await show(new Kernel())).root)).toBe("52vh");
  divider.dispatchEvent(new MouseEvent("dblclick"));
  expect(heightOf(root)).toBe("");
});

test("arrow keys move the divider that has the focus, not the tiles' cursor", async () => {
  const { root } = await show();
  press(byTestId(root, "divider"), "ArrowLeft");
  expect(shareOf(root)).toBe("48%");
  expect(root.querySelector("[data-place='0']")?.hasAttribute("data-current")).toBe(true);
});
