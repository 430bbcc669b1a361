import { expect, test } from "vitest";
import { countOf, covers, type Spans, withPlace } from "../../src/session/spans";

const SPANS: Spans = [
  [0, 3],
  [5, 6],
  [8, 12],
];

test("a position is inside a run or not", () => {
  const inside = Array.from({ length: 14 }, (_, place) => place).filter((place) => covers(SPANS, place));
  expect(inside).toEqual([0, 1, 2, 5, 8, 9, 10, 11]);
  expect(countOf(SPANS)).toBe(inside.length);
});

test("adding a position joins its neighbours, removing one splits a run", () => {
  expect(withPlace([[0, 3], [4, 6]], 3, true)).toEqual([[0, 6]]); // biome-ignore format: pairs
  expect(withPlace(SPANS, 6, true)).toEqual([[0, 3], [5, 7], [8, 12]]); // biome-ignore format: pairs
  expect(withPlace(SPANS, 20, true)).toEqual([...SPANS, [20, 21]]);
  expect(withPlace([[4, 5]], 1, true)).toEqual([[1, 2], [4, 5]]); // biome-ignore format: pairs
  expect(withPlace(SPANS, 9, false)).toEqual([[0, 3], [5, 6], [8, 9], [10, 12]]); // biome-ignore format: pairs
  expect(withPlace(SPANS, 5, false)).toEqual([[0, 3], [8, 12]]); // biome-ignore format: pairs
  expect(withPlace(SPANS, 0, false)[0]).toEqual([1, 3]);
  expect(withPlace(SPANS, 4, false)).toBe(SPANS);
});
