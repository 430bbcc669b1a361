/**
 * A filter as terms joined by `and`. Chips and histograms add, find and remove whole terms; all other text stays
 * unchanged.
 */

/** The terms of a filter. One with an `or` outside brackets is a single term. */
export function termsOf(where: string | null): string[] {
  const text = (where ?? "").trim();
  if (text === "") return [];
  const terms: string[] = [];
  let start = 0;
  for (const { word, from, to } of outsideBrackets(text)) {
    if (word !== "and") return [text];
    terms.push(text.slice(start, from).trim());
    start = to;
  }
  terms.push(text.slice(start).trim());
  return terms.every((one) => one !== "") ? terms : [text];
}

/** The filter of all terms; null without terms. */
export function joined(terms: readonly string[]): string | null {
  if (terms.length <= 1) return terms[0] ?? null;
  return terms.map((one) => (isDisjunction(one) ? `(${one})` : one)).join(" and ");
}

/** A filter without the terms that `isOld` finds, and optionally with a new one at the end. */
export function replaced(
  where: string | null,
  isOld: (term: string) => boolean,
  term: string | null,
): string | null {
  const kept = termsOf(where).filter((one) => !isOld(one));
  return joined(term === null ? kept : [...kept, term]);
}

/** True if appending terms would change the meaning of this one. */
function isDisjunction(term: string): boolean {
  for (const { word } of outsideBrackets(term)) if (word !== "and") return true;
  return false;
}

interface Word {
  word: "and" | "or";
  from: number;
  to: number;
}

/** The `and` and `or` (also `&` and `|`) of a query outside brackets and quotes. */
function* outsideBrackets(text: string): Generator<Word> {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const one = text[i] ?? "";
    if (QUOTES.includes(one)) i = endOfQuote(text, i);
    else if ("([{".includes(one)) depth++;
    else if (")]}".includes(one)) depth--;
    else if (depth === 0 && (one === "|" || one === "&")) yield { word: "or", from: i, to: i + 1 };
    else if (depth === 0 && /[A-Za-z_]/.test(one)) {
      const name = /^\w+/.exec(text.slice(i))?.[0] ?? one;
      if (name === "and" || name === "or") yield { word: name, from: i, to: i + name.length };
      i += name.length - 1;
    }
  }
}

const QUOTES = "'\"`";

/** The end of a quotation that begins at a position. */
function endOfQuote(text: string, from: number): number {
  const quote = text[from];
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === "\\" && quote !== "`") i++;
    else if (text[i] === quote) return i;
  }
  return text.length;
}
