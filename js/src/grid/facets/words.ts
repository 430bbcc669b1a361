import type { WordChips, WordCount } from "../../protocol";
import type { Session } from "../../session";
import { type Chip, chip } from "./chip";
import { replaced, termsOf } from "./terms";

/** The words of a column in the filter; `missing` if it includes rows without one. */
export function chosenWords(chips: WordChips, where: string | null): { words: string[]; missing: boolean } {
  const terms = termsOf(where);
  const list = terms.find((term) => isList(chips, term));
  return {
    words: list === undefined ? [] : wordsIn(chips, list),
    missing: terms.includes(missingTerm(chips)),
  };
}

/** The filter with one word more or less. Null stands for rows without a word. */
export function withWord(chips: WordChips, word: WordCount | null, where: string | null): string | null {
  const { words, missing } = chosenWords(chips, where);
  const isOwn = (term: string) => isList(chips, term) || term === missingTerm(chips);
  if (word === null) return replaced(where, isOwn, missing ? null : missingTerm(chips));
  const wanted = words.includes(word.literal)
    ? words.filter((one) => one !== word.literal)
    : chips.words.map((one) => one.literal).filter((one) => one === word.literal || words.includes(one));
  return replaced(where, isOwn, wanted.length === 0 ? null : `${chips.query} in [${wanted.join(", ")}]`);
}

const missingTerm = (chips: WordChips): string => `${chips.query}.isna()`;

const isList = (chips: WordChips, term: string): boolean =>
  term.startsWith(`${chips.query} in [`) && term.endsWith("]");

/** The literals in the list of a term, parsed one by one, because words may contain commas. */
function wordsIn(chips: WordChips, term: string): string[] {
  const found: string[] = [];
  let rest = term.slice(`${chips.query} in [`.length, -1).trim();
  while (rest !== "") {
    const next = chips.words.find(({ literal }) => rest === literal || rest.startsWith(`${literal},`));
    if (next === undefined) return found;
    found.push(next.literal);
    rest = rest.slice(next.literal.length).replace(/^,\s*/, "");
  }
  return found;
}

/** The chip of a word of a column, or of rows without one. */
export function wordChip(
  session: Session,
  signal: AbortSignal,
): { chip: Chip; show(chips: WordChips, word: WordCount | null): void } {
  let shown: { chips: WordChips; word: WordCount | null } | null = null;
  const made = chip(() => {
    if (shown === null) return;
    session.setTarget({ where: withWord(shown.chips, shown.word, session.wanted.where), page: 0 });
  }, signal);
  return {
    chip: made,
    show(chips, word) {
      shown = { chips, word };
      const { words, missing } = chosenWords(chips, session.wanted.where);
      const isChosen = word === null ? missing : words.includes(word.literal);
      made.show({
        text: word?.word ?? `no ${chips.column}`,
        rows: word?.rows ?? chips.missing,
        title: word === null ? `rows without ${chips.column}` : `${chips.column} ${word.word}`,
        state: isChosen ? "set" : null,
        colour: null,
      });
    },
  };
}
