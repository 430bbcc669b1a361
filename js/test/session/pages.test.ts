import { expect, test } from "vitest";
import { isComplete, isLevels, keyOf, merged, PageCache } from "../../src/session/pages";
import { page, target, tile } from "../kernel";

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer);
const EMPTY = new DataView(new ArrayBuffer(0));

test("pixels are views into the message, each at its offset", () => {
  const [answer, bytes] = page(target());
  const loaded = merged(null, answer, view(bytes)).tiles[2];
  const science = loaded?.panels.science;
  expect(science && isLevels(science) && [...science.levels]).toEqual([3, 3, 3, 3]);
});

test("a waiting tile never replaces a loaded one", () => {
  const [answer, bytes] = page(target());
  const whole = merged(null, answer, view(bytes));
  const heads = answer.tiles.map((one) => ({ ...one, waiting: true }));
  const after = merged(whole, { ...answer, kind: "part", tiles: heads }, EMPTY);
  expect(after.tiles.map((loaded) => loaded.tile.waiting)).toEqual([false, false, false, false]);
});

test("a page is complete when no tile is waiting", () => {
  const [answer, bytes] = page(target());
  const tiles = answer.tiles.map((one) => ({ ...one, waiting: one.place > 1 }));
  const half = merged(null, { ...answer, kind: "part", tiles }, view(bytes));
  expect(isComplete(half)).toBe(false);
  expect(isComplete(merged(half, { ...answer, tiles: answer.tiles.slice(2) }, view(bytes)))).toBe(true);
});

test("tiles of another page start a new one", () => {
  const [one, bytes] = page(target());
  const [two, more] = page(target({ page: 1 }));
  expect(merged(merged(null, one, view(bytes)), two, view(more)).tiles[0]?.tile.id).toBe("9007199254740997");
});

test("missing bytes are reported, not read beyond the end", () => {
  const [answer] = page(target());
  const loaded = merged(null, { ...answer, tiles: [tile(0, "1", 1000)] }, EMPTY).tiles[0];
  expect(loaded?.panels.science).toEqual({ reason: "the pixels were not received" });
});

test("everything that changes a page changes its key", () => {
  const changes = [{}, { page: 1 }, { page_size: 5 }, { sort: "snr" }, { where: "snr" }, { look: "sigma" }];
  expect(new Set(changes.map((one) => keyOf(target(one)))).size).toBe(changes.length);
});

test("the most recently used pages are kept, limited in number and in bytes", () => {
  const make = (number: number) => {
    const [answer, bytes] = page(target({ page: number }), 1000);
    return merged(null, answer, view(bytes));
  };
  const few = new PageCache(2);
  for (const number of [0, 1]) few.put(make(number));
  few.get(target());
  few.put(make(2));
  expect([0, 1, 2].map((number) => few.get(target({ page: number })) !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  const small = new PageCache(99, 100); // a page has 48 bytes
  for (const number of [0, 1, 2]) small.put(make(number));
  expect([0, 1, 2].map((number) => small.get(target({ page: number })) !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
});

test("a page with failures is dropped after a while", () => {
  let now = 0;
  const memory = new PageCache(9, 1e6, () => now);
  const [good, bytes] = page(target());
  memory.put(merged(null, good, view(bytes)));
  const [answer, more] = page(target({ page: 1 }));
  const tiles = answer.tiles.map((one) => ({ ...one, problems: ["science: there is no file"] }));
  memory.put(merged(null, { ...answer, tiles }, view(more)));
  now = 29_000;
  expect(memory.get(target({ page: 1 }))).toBeDefined();
  now = 31_000;
  expect(memory.get(target({ page: 1 }))).toBeUndefined();
  expect(memory.get(target())).toBeDefined();
});
