import type { Table } from "./paint";

/** How colours are distributed over the levels: contrast, and the level (0 to 1) with the middle colour. */
export interface Contrast {
  contrast: number;
  bias: number;
}

export const DEFAULT_CONTRAST: Contrast = { contrast: 1, bias: 0.5 };

/** Factor of the contrast for a drag across a whole panel; also the maximum contrast. */
const MAX_CONTRAST = 10;

/** Apply contrast and bias to a colour table; byte 0 (no data) is unchanged. */
export function applyContrast(table: Table, { contrast, bias }: Contrast): Table {
  const last = table.length - 2;
  return table.map((colour, level) => {
    if (level === 0) return colour;
    const at = ((level - 1) / last - bias) * contrast + 0.5;
    return table[1 + Math.round(Math.min(Math.max(0, at), 1) * last)] ?? colour;
  });
}

/** Contrast and bias after a drag, measured in panel sides: down raises the contrast, right the bias. */
export function afterDrag(from: Contrast, right: number, down: number): Contrast {
  return {
    contrast: Math.min(Math.max(1 / MAX_CONTRAST, from.contrast * MAX_CONTRAST ** down), MAX_CONTRAST),
    bias: Math.min(Math.max(0, from.bias + right), 1),
  };
}
