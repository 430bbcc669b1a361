import type { FlagChip, FlagState } from "../../protocol";
import type { Session } from "../../session";
import { type Chip, chip } from "./chip";
import { replaced, termsOf } from "./terms";

/** The state of a flag in the filter; null if there is none. */
export function chosenState(flag: FlagChip, where: string | null): FlagState | null {
  const terms = new Set(termsOf(where));
  return flag.states.find((state) => terms.has(state.query)) ?? null;
}

/** The filter with the next state of a flag: set, unset, n/a if there are such rows, then none. */
export function withNextState(flag: FlagChip, where: string | null): string | null {
  const now = chosenState(flag, where);
  const offered = flag.states.filter((state) => state.word !== "n/a" || state.rows > 0 || state === now);
  const next = offered[now === null ? 0 : offered.indexOf(now) + 1] ?? null;
  const own = new Set(flag.states.map((state) => state.query));
  return replaced(where, (term) => own.has(term), next?.query ?? null);
}

/** The chip of a flag; clicks cycle through its states. */
export function flagChip(session: Session, signal: AbortSignal): { chip: Chip; show(flag: FlagChip): void } {
  let shown: FlagChip | null = null;
  const made = chip(() => {
    if (shown !== null) session.setTarget({ where: withNextState(shown, session.wanted.where), page: 0 });
  }, signal);
  return {
    chip: made,
    show(flag) {
      shown = flag;
      const state = chosenState(flag, session.wanted.where);
      const counts = flag.states.map((one) => `${one.word} ${one.rows.toLocaleString("en")}`).join(", ");
      made.show({
        text: flag.central ? `${flag.name} centre` : flag.name,
        rows: (state ?? flag.states[0])?.rows ?? 0,
        title: `${flag.title}\n${counts}\nClick: set, unset, n/a, any`,
        state: state?.word ?? null,
        colour: flag.colour,
      });
    },
  };
}
