import { expect, test } from "vitest";
import { rounded, unpacked } from "../../src/page_file/stored";

test("codes mean missing, then 0, -1, 1, -2, 2 steps from zero", () => {
  expect([0, 1, 2, 3, 4, 5].map((code) => rounded(code, 100, 0.5))).toEqual([
    Number.NaN,
    100,
    99.5,
    100.5,
    99,
    101,
  ]);
});

test("large whole numbers of a column are exact", async () => {
  const written = JSON.stringify({
    sources: [],
    columns: { id: [{ int: "9007199254740993" }], snr: [2.5, null] },
  });
  const text = new TextEncoder().encode(written);
  const whole = new Uint8Array(4 + text.length + 2);
  new DataView(whole.buffer).setUint32(0, text.length, true);
  whole.set(text, 4);
  whole.set([7, 8], 4 + text.length);
  const stream = new Blob([whole]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const stored = await unpacked(btoa(String.fromCharCode(...packed)));
  expect(stored.columns.get("id")).toEqual([9007199254740993n]);
  expect(stored.columns.get("snr")).toEqual([2.5, null]);
  expect([...stored.bytes]).toEqual([7, 8]);
});
