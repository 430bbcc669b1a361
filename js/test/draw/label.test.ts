import { expect, test } from "vitest";
import { inkOn } from "../../src/draw";

test("label text is black or white, whichever is more readable", () => {
  expect(["#ffffff", "#000000", "#009e73", "#0072b2", "#e69f00", "#882255"].map(inkOn)).toEqual([
    "#000000",
    "#ffffff",
    "#000000",
    "#ffffff",
    "#000000",
    "#ffffff",
  ]);
});

test("label text has a contrast of at least 4.5 on any colour", () => {
  const linear = (part: number): number =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  const hex = (part: number): string => part.toString(16).padStart(2, "0");
  const steps = Array.from({ length: 18 }, (_, k) => 15 * k);
  const contrasts = steps.flatMap((r) =>
    steps.flatMap((g) =>
      steps.map((b) => {
        const light = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05;
        return inkOn(`#${hex(r)}${hex(g)}${hex(b)}`) === "#000000" ? light / 0.05 : 1.05 / light;
      }),
    ),
  );
  expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
});
