import { afterEach, expect, test } from "vitest";
import { byTestId, show } from "../../shown";

afterEach(() => document.body.replaceChildren());

test("the controls without room in a narrow grid are shown by a button, and hidden by it", async () => {
  const { root } = await show();
  const more = byTestId(root, "more");
  const state = (): unknown => [
    more.getAttribute("aria-expanded"),
    root.querySelector(".cw-bar")?.hasAttribute("data-more"),
  ];
  more.click();
  expect(state()).toEqual(["true", true]);
  more.click();
  expect(state()).toEqual(["false", false]);
});

test("the menus of looks and colours have names that are seen", async () => {
  const { root } = await show();
  const named = ["look", "colormap"].map(
    (id) => byTestId(root, id).closest("label")?.firstChild?.textContent,
  );
  expect(named).toEqual(["look", "colours"]);
});
