import { expect, test } from "vitest";
import { float32, float64, uint32 } from "../../src/draw/bytes";

test("numbers are read at any offset of a shared buffer", () => {
  const buffer = new ArrayBuffer(64);
  const all = new DataView(buffer);
  all.setFloat32(11, 1.5, true);
  all.setUint32(17, 4_000_000_000, true);
  all.setFloat64(23, Math.PI, true);
  const part = new DataView(buffer, 3);
  expect(float32(part, 8, 1)[0]).toBe(1.5);
  expect(uint32(part, 14, 1)[0]).toBe(4_000_000_000);
  expect(float64(part, 20, 1)[0]).toBe(Math.PI);
});
