import { afterEach, expect, test } from "vitest";
import { byTestId, show } from "../../shown";

afterEach(() => document.body.replaceChildren());

test("controls that do not fit in a narrow grid are shown and hidden by a button", async () => {
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

test("the menus of looks and colours have visible names", async () => {
  const { root } = await show();
  const named = ["look", "colormap"].map(
    (id) => byTestId(root, id).closest("label")?.firstChild?.textContent,
  );
  expect(named).toEqual(["look", "colours"]);
});
