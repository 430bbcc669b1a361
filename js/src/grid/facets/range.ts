import { replaced, termsOf } from "./terms";

/** A range of numbers; null for no limit. */
export interface NumberRange {
  low: number | null;
  high: number | null;
}

const NUMBER = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?";
const ANY: NumberRange = { low: null, high: null };

/** The range of a column in a filter, as written by chips or users. */
export function chosenRange(query: string, where: string | null): NumberRange {
  for (const term of termsOf(where)) {
    const range = rangeIn(query, term);
    if (range !== null) return range;
  }
  return ANY;
}

/** The filter with another range of a column; without limits, no range. */
export function withRange(query: string, { low, high }: NumberRange, where: string | null): string | null {
  const term =
    low !== null && high !== null
      ? `${low} <= ${query} <= ${high}`
      : low !== null
        ? `${query} >= ${low}`
        : high !== null
          ? `${query} <= ${high}`
          : null;
  return replaced(where, (one) => rangeIn(query, one) !== null, term);
}

/** A number rounded to a few thousandths of a range. */
export function rounded(value: number, low: number, high: number): number {
  if (!(high > low)) return value;
  const step = 10 ** Math.floor(Math.log10((high - low) / 300));
  return Number((Math.round(value / step) * step).toPrecision(12));
}

function rangeIn(query: string, term: string): NumberRange | null {
  const name = query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const both = new RegExp(`^(${NUMBER}) <= ${name} <= (${NUMBER})$`, "i").exec(term);
  if (both !== null) return { low: Number(both[1]), high: Number(both[2]) };
  const one = new RegExp(`^${name} (>=|<=) (${NUMBER})$`, "i").exec(term);
  if (one === null) return null;
  return one[1] === ">=" ? { low: Number(one[2]), high: null } : { low: null, high: Number(one[2]) };
}
