import type { NamedFilter } from "../../protocol";
import type { Session } from "../../session";
import { type Chip, chip } from "./chip";
import { replaced, termsOf } from "./terms";

/** True if the filter contains all terms of a ready-made one. */
export function isChosen(filter: NamedFilter, where: string | null): boolean {
  const terms = new Set(termsOf(where));
  return termsOf(filter.query).every((term) => terms.has(term));
}

/** The filter with a ready-made one added in place of another, or removed; the rest is unchanged. */
export function withNamed(
  filter: NamedFilter,
  all: readonly NamedFilter[],
  where: string | null,
): string | null {
  const old = new Set(all.filter((one) => isChosen(one, where)).flatMap((one) => termsOf(one.query)));
  const wanted = isChosen(filter, where) ? null : filter.query;
  return replaced(where, (term) => old.has(term), wanted);
}

/** The chip of a ready-made filter. */
export function namedChip(
  session: Session,
  signal: AbortSignal,
): { chip: Chip; show(filter: NamedFilter, all: readonly NamedFilter[]): void } {
  let shown: { filter: NamedFilter; all: readonly NamedFilter[] } | null = null;
  const made = chip(() => {
    if (shown !== null)
      session.setTarget({ where: withNamed(shown.filter, shown.all, session.wanted.where), page: 0 });
  }, signal);
  return {
    chip: made,
    show(filter, all) {
      shown = { filter, all };
      made.show({
        text: filter.name,
        rows: filter.rows,
        title: `${filter.title}\n${filter.query}`,
        state: isChosen(filter, session.wanted.where) ? "set" : null,
        colour: null,
      });
    },
  };
}
