/**
 * A filter as terms joined by `and`. Chips and histograms add, find and remove whole terms; what else was typed stays
 * as it is.
 */

/** The terms of a filter. One that has an `or` outside of brackets is a single term. */
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

/** The filter that holds all terms; null if there are none. */
export function joined(terms: readonly string[]): string | null {
  if (terms.length <= 1) return terms[0] ?? null;
  return terms.map((one) => (isDisjunction(one) ? `(${one})` : one)).join(" and ");
}

/** A filter with the terms that `isOld` finds removed and, if there is one, another added at the end. */
export function replaced(
  where: string | null,
  isOld: (term: string) => boolean,
  term: string | null,
): string | null {
  const kept = termsOf(where).filter((one) => !isOld(one));
  return joined(term === null ? kept : [...kept, term]);
}

/** True if terms joined to this one would be read otherwise. */
function isDisjunction(term: string): boolean {
  for (const { word } of outsideBrackets(term)) if (word !== "and") return true;
  return false;
}

interface Word {
  word: "and" | "or";
  from: number;
  to: number;
}

/** The `and` and `or` (also `&` and `|`) of a query outside of brackets and quotes. */
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

/** Where the quote that begins at a place ends. */
function endOfQuote(text: string, from: number): number {
  const quote = text[from];
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === "\\" && quote !== "`") i++;
    else if (text[i] === quote) return i;
  }
  return text.length;
}
