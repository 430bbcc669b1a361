import { expect, test } from "vitest";
import { merged, PageCache } from "../../src/session/pages";
import { ReadAhead } from "../../src/session/read_ahead";
import { page, target } from "../kernel";

function cacheOf(...pages: number[]): PageCache {
  const cache = new PageCache();
  for (const one of pages) {
    const [answer, bytes] = page(target({ page: one }));
    cache.put(merged(null, answer, new DataView(bytes.buffer)));
  }
  return cache;
}

/** The pages read ahead of page 3 of 10, one after the other. */
function readAhead(
  ahead: ReadAhead,
  cache: PageCache,
  { at = 3, nPages = 10, masks = false } = {},
): number[] {
  const found: number[] = [];
  for (;;) {
    const next = ahead.next(cache, target({ page: at }), nPages, masks);
    if (next === null) return found;
    found.push(next.page);
  }
}

test("two pages are read ahead, but none that is cached or beyond the last", () => {
  expect(readAhead(new ReadAhead(), cacheOf())).toEqual([4, 5]);
  expect(readAhead(new ReadAhead(), cacheOf(4))).toEqual([5]);
  expect(readAhead(new ReadAhead(), cacheOf(), { nPages: 5 })).toEqual([4]);
});

test("after a step back the previous pages are read ahead, and after a step forwards the next ones", () => {
  const ahead = new ReadAhead();
  const steps = [3, 2, 4, 5, 3].map((at) => readAhead(ahead, cacheOf(), { at }));
  expect(steps).toEqual([
    [4, 5],
    [1, 0],
    [5, 6],
    [6, 7],
    [2, 1],
  ]);
});

test("on the last page the previous ones are read ahead, on the first page the next ones", () => {
  const ahead = new ReadAhead();
  expect(readAhead(ahead, cacheOf(), { at: 9 })).toEqual([8, 7]);
  expect(readAhead(ahead, cacheOf(), { at: 1 })).toEqual([2, 3]);
  expect(readAhead(ahead, cacheOf(), { at: 0 })).toEqual([1, 2]);
  expect(readAhead(ahead, cacheOf(), { at: 0, nPages: 1 })).toEqual([]);
});

test("a jump to a page far before is no step back", () => {
  const ahead = new ReadAhead();
  expect(readAhead(ahead, cacheOf(), { at: 8 })).toEqual([9]);
  expect(readAhead(ahead, cacheOf(), { at: 3 })).toEqual([4, 5]);
});

test("a page that could not be read is not requested again while the displayed one stays", () => {
  const ahead = new ReadAhead();
  expect(readAhead(ahead, cacheOf())).toEqual([4, 5]);
  expect(readAhead(ahead, cacheOf(5))).toEqual([]);
  expect(readAhead(ahead, cacheOf(5), { at: 4 })).toEqual([6]);
  expect(readAhead(ahead, cacheOf(5), { at: 5 })).toEqual([6, 7]);
  expect(readAhead(ahead, cacheOf(5), { at: 4 })).toEqual([3, 2]);
});

test("pages are read ahead again with masks, and when the contents of pages have changed", () => {
  const ahead = new ReadAhead();
  expect(readAhead(ahead, cacheOf())).toEqual([4, 5]);
  expect(readAhead(ahead, cacheOf(), { masks: true })).toEqual([4, 5]);
  ahead.forget();
  expect(readAhead(ahead, cacheOf(), { masks: true })).toEqual([4, 5]);
});
