/** Little-endian numbers in a message, for any alignment and native byte order. */
export function float32(bytes: DataView, offset: number, length: number): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = bytes.getFloat32(offset + 4 * i, true);
  return out;
}

export function uint32(bytes: DataView, offset: number, length: number): Uint32Array {
  const out = new Uint32Array(length);
  for (let i = 0; i < length; i++) out[i] = bytes.getUint32(offset + 4 * i, true);
  return out;
}

export function float64(bytes: DataView, offset: number, length: number): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = bytes.getFloat64(offset + 8 * i, true);
  return out;
}
