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
  expect(readAhead(new ReadAhead(), cacheOf(), { at: 9 })).toEqual([]);
});

test("a page that could not be read is not requested again while the displayed one stays", () => {
  const ahead = new ReadAhead();
  expect(readAhead(ahead, cacheOf())).toEqual([4, 5]);
  expect(readAhead(ahead, cacheOf(5))).toEqual([]);
  expect(readAhead(ahead, cacheOf(5), { at: 4 })).toEqual([6]);
  expect(readAhead(ahead, cacheOf(5))).toEqual([4]);
});

test("pages are read ahead again with masks, and when the contents of pages have changed", () => {
  const ahead = new ReadAhead();
  expect(readAhead(ahead, cacheOf())).toEqual([4, 5]);
  expect(readAhead(ahead, cacheOf(), { masks: true })).toEqual([4, 5]);
  ahead.forget();
  expect(readAhead(ahead, cacheOf(), { masks: true })).toEqual([4, 5]);
});
