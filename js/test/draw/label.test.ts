import { expect, test } from "vitest";
import { inkOn } from "../../src/draw";

test("a word is black or white, whichever is read better on its colour", () => {
  expect(["#ffffff", "#000000", "#009e73", "#0072b2", "#e69f00", "#882255"].map(inkOn)).toEqual([
    "#000000",
    "#ffffff",
    "#000000",
    "#ffffff",
    "#000000",
    "#ffffff",
  ]);
});
