import { focusedIn, h } from "../../dom";
import type { FacetsAnswer, FlagChip } from "../../protocol";
import type { Session } from "../../session";
import { flagChip } from "./flags";
import { histogram } from "./histogram";
import { namedChip } from "./named";
import { wordChip } from "./words";

/** A chip or a histogram in an answer. */
interface Item {
  name: string;
  element: HTMLElement;
  rows: number;
  isChosen: boolean;
}

/** The chips of answers, reused so that they keep the focus. */
export function groups(session: Session, signal: AbortSignal) {
  const flags = maker(() => flagChip(session, signal));
  const words = maker(() => wordChip(session, signal));
  const plots = maker(() => histogram(session, signal));
  const named = maker(() => namedChip(session, signal));
  const frames = maker(() => ({
    element: h("div", { class: "cw-chip-group", role: "group" }),
    title: h("span", { class: "cw-chip-title" }),
  }));
  /** Rows of each chip when it was first counted, for a stable order of flags. */
  const first = new Map<string, number>();
  /** Chips moved to the front of the row, because they are chosen and did not fit. */
  const leading = new Set<HTMLElement>();
  let chosen = new Set<HTMLElement>();

  return {
    show(answer: FacetsAnswer, into: HTMLElement, isFolded: boolean): void {
      const focused = focusedIn(into);
      const all = itemsOf(answer);
      const words = all.words.flatMap((one) => one.items);
      for (const { name, rows } of [...words, ...all.own, ...all.flags, ...all.named])
        if (rows > 0 && !first.has(name)) first.set(name, rows);
      const everything = [...words, ...all.own, ...all.flags, ...all.plots, ...all.named];
      chosen = new Set(everything.filter((one) => one.isChosen).map((one) => one.element));
      for (const one of leading) if (!isFolded || !chosen.has(one)) leading.delete(one);

      const often = (items: readonly Item[]): Item[] =>
        items.filter((one) => one.isChosen || first.has(one.name));
      const others = all.own.filter((one) => one.name !== all.conflict[0]?.name);
      const byRows = [...all.flags, ...others].sort(
        (a, b) => (first.get(b.name) ?? 0) - (first.get(a.name) ?? 0),
      );
      const rest = (items: readonly Item[]): HTMLElement[] =>
        (isFolded ? often(items) : items).map((one) => one.element).filter((one) => !leading.has(one));
      place(into, [
        ...group("chosen", [...leading]),
        // Seen and conflicts are the journal's as the labels are, which come first.
        ...all.words.flatMap(({ column, items }, k) =>
          group(column, rest(k === 0 ? [...items, ...(isFolded ? all.conflict : all.own)] : items)),
        ),
        ...all.plots.map((one) => one.element).filter((one) => !leading.has(one)),
        ...group("flags", rest(isFolded ? byRows : all.flags)),
        ...group("contradictions", rest(all.named)),
      ]);
      // An element that has the focus must keep it when it moves.
      if (focused !== null && focusedIn(into) !== focused) focused.focus({ preventScroll: true });
    },
    /** Move chosen chips to the front of the row at the next update; returns false if none need to move. */
    lead(elements: readonly HTMLElement[]): boolean {
      const moved = elements.filter((one) => chosen.has(one) && !leading.has(one));
      for (const one of moved) leading.add(one);
      return moved.length > 0;
    },
  };

  function itemsOf(answer: FacetsAnswer) {
    const names = session.get("labelling") ? session.get("choices").label_columns : null;
    const isOwn = (flag: FlagChip): boolean => Object.values(names ?? {}).includes(flag.name);
    const ofFlag = (flag: FlagChip): Item => {
      const name = JSON.stringify(["flag", flag.name, flag.central]);
      const one = flags(name);
      one.show(flag);
      return itemOf(name, one.chip.element, flag.states[0]?.rows ?? 0);
    };
    const own = answer.flags.filter(isOwn);
    return {
      words: answer.words.map((column) => ({
        column: column.column,
        items: [...column.words, ...(column.missing > 0 ? [null] : [])].map((word): Item => {
          const name = JSON.stringify(["word", column.column, word?.literal ?? null]);
          const one = words(name);
          one.show(column, word);
          return itemOf(name, one.chip.element, word?.rows ?? column.missing);
        }),
      })),
      own: own.map(ofFlag),
      /** Few, and to be noticed. */
      conflict: own.filter((flag) => flag.name === names?.conflict).map(ofFlag),
      flags: answer.flags.filter((flag) => !isOwn(flag)).map(ofFlag),
      plots: answer.histograms.map((histogram): Item => {
        const one = plots(histogram.column);
        one.show(histogram);
        return itemOf(histogram.column, one.element, answer.n_rows);
      }),
      named: answer.disagreements.map((filter): Item => {
        const name = JSON.stringify(["named", filter.name]);
        const one = named(name);
        one.show(filter, answer.disagreements);
        return itemOf(name, one.chip.element, filter.rows);
      }),
    };
  }

  /** Chips in a named group; nothing without chips. */
  function group(name: string, chips: HTMLElement[]): HTMLElement[] {
    if (chips.length === 0) return [];
    const { element, title } = frames(name);
    element.setAttribute("aria-label", name);
    title.textContent = name;
    place(element, [title, ...chips]);
    return [element];
  }
}

const itemOf = (name: string, element: HTMLElement, rows: number): Item => ({
  name,
  element,
  rows,
  isChosen: element.matches("[aria-pressed=true], [data-chosen]"),
});

/** A cache of objects by name. */
function maker<T>(make: () => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const one = made.get(name) ?? make();
    made.set(name, one);
    return one;
  };
}

/** Put elements into another one, in order. */
function place(into: HTMLElement, elements: readonly HTMLElement[]): void {
  const same =
    into.childElementCount === elements.length && elements.every((one, i) => into.children[i] === one);
  if (!same) into.replaceChildren(...elements);
}
