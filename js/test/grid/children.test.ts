import { expect, test } from "vitest";
import { h, setChildren } from "../../src/dom";

const named = (name: string): HTMLElement => h("b", { id: name });

/** Set other children; return what was added and removed, as the browser counts it. */
async function changed(before: readonly Node[], wanted: readonly Node[]): Promise<[string[], string[]]> {
  const element = h("div", {}, ...before);
  const seen = new MutationObserver(() => {});
  seen.observe(element, { childList: true });
  setChildren(element, wanted);
  expect([...element.childNodes]).toEqual([...wanted]);
  const records = seen.takeRecords();
  const ids = (nodes: NodeList): string[] => [...nodes].map((one) => (one as Element).id);
  return [records.flatMap((one) => ids(one.addedNodes)), records.flatMap((one) => ids(one.removedNodes))];
}

test("children that stay are neither removed nor added again", async () => {
  const [a, b, c, d] = [named("a"), named("b"), named("c"), named("d")];
  expect(await changed([a, b, c], [a, b, c])).toEqual([[], []]);
  expect(await changed([a, b, c], [b, c])).toEqual([[], ["a"]]);
  expect(await changed([a, b], [a, d, b])).toEqual([["d"], []]);
  expect(await changed([a, b], [])).toEqual([[], ["a", "b"]]);
});

test("children take the wanted order", async () => {
  const [a, b, c] = [named("a"), named("b"), named("c")];
  expect(await changed([a, b, c], [c, a, b])).toEqual([["c"], ["c"]]);
});
