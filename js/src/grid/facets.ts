import { h, setAttributes } from "../dom";
import type { FacetsAnswer } from "../protocol";
import { isBoolean, type Part, remembered, type Session } from "../session";
import { flagChip } from "./facets/flags";
import { histogram } from "./facets/histogram";
import { namedChip } from "./facets/named";
import { wordChip } from "./facets/words";
import { button } from "./toolbar/controls";

/** Chips and histograms of what the filtered rows have. They write the filter, and show what it says. */
export const facets: Part = (session, signal) => {
  const isOpen = remembered("facets", true, isBoolean);
  const toggle = button("\u25be", "Hide the filters", "facets-toggle");
  const chips = h("div", { class: "cw-chips", role: "group", "aria-label": "Filters" });
  const element = h("div", { class: "cw-facets", "data-testid": "facets" }, toggle, chips);
  const view = groups(session, signal);

  const refresh = (): void => {
    const { answer } = session.facets;
    const open = isOpen.get();
    toggle.textContent = open ? "\u25be Filters" : "\u25b8 Filters";
    toggle.title = open ? "Hide the filters" : "Show counts of flags, labels and numbers to filter by";
    setAttributes(toggle, { "aria-label": toggle.title, "aria-expanded": String(open) });
    chips.hidden = !open;
    setAttributes(element, {
      "data-old":
        answer !== null && (answer.where !== session.wanted.where || session.problem?.field === "where"),
    });
    if (open && answer !== null) view.show(answer, chips);
  };
  toggle.addEventListener("click", () => {
    isOpen.set(!isOpen.get());
    if (isOpen.get()) session.facets.show();
    else session.facets.hide();
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  session.subscribe(["facets", "controls", "page", "link"], refresh, signal);
  if (isOpen.get()) session.facets.show();
  refresh();
  return element;
};

/** The chips of an answer, reused from one to the next so that the focus stays where it is. */
function groups(session: Session, signal: AbortSignal) {
  const flags: ReturnType<typeof flagChip>[] = [];
  const words: ReturnType<typeof wordChip>[] = [];
  const plots: ReturnType<typeof histogram>[] = [];
  const named: ReturnType<typeof namedChip>[] = [];
  const byName = new Map<string, { element: HTMLElement; title: HTMLElement }>();
  const at = <T>(made: T[], place: number, make: () => T): T => {
    const one = made[place] ?? make();
    made[place] = one;
    return one;
  };

  return {
    show(answer: FacetsAnswer, into: HTMLElement): void {
      let nWords = 0;
      const ofWords = answer.words.map((column) => {
        const entries = [...column.words, ...(column.missing > 0 ? [null] : [])];
        const chips = entries.map((word) => {
          const one = at(words, nWords++, () => wordChip(session, signal));
          one.show(column, word);
          return one.chip.element;
        });
        return group(column.column, chips);
      });
      const ofFlags = answer.flags.map((flag, place) => {
        const one = at(flags, place, () => flagChip(session, signal));
        one.show(flag);
        return one.chip.element;
      });
      const ofNumbers = answer.histograms.map((one, place) => {
        const plot = at(plots, place, () => histogram(session, signal));
        plot.show(one);
        return plot.element;
      });
      const ofNames = answer.disagreements.map((filter, place) => {
        const one = at(named, place, () => namedChip(session, signal));
        one.show(filter, answer.disagreements);
        return one.chip.element;
      });
      const now = [
        ...ofWords,
        ...ofNumbers,
        ...(ofFlags.length > 0 ? [group("flags", ofFlags)] : []),
        ...(ofNames.length > 0 ? [group("label says otherwise", ofNames)] : []),
      ];
      place(into, now);
    },
  };

  function group(name: string, chips: HTMLElement[]): HTMLElement {
    const known = byName.get(name) ?? {
      element: h("div", { class: "cw-chip-group", role: "group", "aria-label": name }),
      title: h("span", { class: "cw-chip-title" }, name),
    };
    byName.set(name, known);
    place(known.element, [known.title, ...chips]);
    return known.element;
  }
}

function place(into: HTMLElement, elements: readonly HTMLElement[]): void {
  const same =
    into.childElementCount === elements.length && elements.every((one, i) => into.children[i] === one);
  if (!same) into.replaceChildren(...elements);
}
