import type { Selected, SelectedRule, SelectRequest } from "../protocol";
import type { Notices } from "./notices";
import type { Page } from "./pages";
import { countOf, covers, type Spans, withPlace } from "./spans";
import type { Wire } from "./wire";

/** What the selection needs from the session. */
export interface SelectionContext {
  wire: Wire;
  get(): Selected;
  set(selected: Selected): void;
  page(): Page | null;
  /** The current filter and sort order. */
  target(): { where: string | null; sort: string | null };
  changed(): void;
  notices: Notices;
  failed(error: unknown): void;
}

/** The selected sources: some ids, or a rule, which identifies rows by their positions among the filtered ones. */
export class Selection {
  readonly #context: SelectionContext;
  #last: SelectedRule | null = null;

  constructor(context: SelectionContext) {
    this.#context = context;
  }

  /** In wire form. */
  get value(): Selected {
    return this.#context.get();
  }

  /** The rule; null for ids. */
  get rule(): SelectedRule | null {
    const { value } = this;
    return Array.isArray(value) ? null : value;
  }

  get count(): number {
    const { value } = this;
    return Array.isArray(value) ? value.length : countOf(value.spans);
  }

  /** True if a rule selects all rows of the page's filter. */
  get isAll(): boolean {
    const page = this.#context.page();
    return this.rule !== null && page !== null && this.#isOf(page) && this.count === page.nRows;
  }

  /** The selected sources of the current page. */
  here(): string[] {
    const page = this.#context.page();
    if (page === null) return [];
    const { value } = this;
    const ids = page.tiles.map(({ tile }) => tile.id);
    if (Array.isArray(value)) {
      const chosen = new Set(value);
      return ids.filter((id) => chosen.has(id));
    }
    if (!this.#isOf(page)) return [];
    return ids.filter((_, place) => covers(value.spans, firstOf(page) + place));
  }

  /** Select or unselect sources of the page, according to `isIn`; the others are unchanged. */
  change(ids: readonly string[], isIn: (wasIn: boolean) => boolean): void {
    const { value } = this;
    if (Array.isArray(value)) {
      const chosen = new Set(value);
      for (const id of ids)
        if (isIn(chosen.has(id))) chosen.add(id);
        else chosen.delete(id);
      this.#set([...chosen]);
      return;
    }
    const page = this.#context.page();
    if (page === null || !this.#isOf(page)) return; // the rule is about rows that are not displayed yet
    const placeOf = new Map(page.tiles.map(({ tile }, place) => [tile.id, firstOf(page) + place]));
    let spans: Spans = value.spans;
    for (const id of ids) {
      const place = placeOf.get(id);
      if (place !== undefined) spans = withPlace(spans, place, isIn(covers(spans, place)));
    }
    this.#set(spans.length === 0 ? [] : { ...value, spans: spans.map(([first, end]) => [first, end]) });
  }

  clear(): void {
    if (this.count > 0 || this.rule !== null) this.#set([]);
  }

  /** Select all filtered rows, all from one source to another, or the unselected ones. */
  async many(what: SelectRequest["what"], first = "", last = ""): Promise<void> {
    const { where, sort } = this.#context.page()?.target ?? this.#context.target();
    const all = what === "all" ? this.allOfPage() : null;
    if (all !== null) this.#set(all); // at once, so that the next key acts on them, not only on the cursor
    try {
      await this.#context.wire.ask({ kind: "select", what, where, sort, first, last });
    } catch (error) {
      this.#context.failed(error);
    }
  }

  /** Copy the ids, one per line. */
  async copy(): Promise<void> {
    const { value } = this;
    try {
      const ids = Array.isArray(value) ? value : await this.#idsOf(value);
      await this.#context.notices.copy(ids.join("\n"), `${ids.length.toLocaleString("en")} ids`);
    } catch (error) {
      this.#context.failed(error);
    }
  }

  /** Show a grid of the selected sources below this one. */
  async openGrid(): Promise<void> {
    try {
      await this.#context.wire.ask({ kind: "grid", selected: this.value });
    } catch (error) {
      this.#context.failed(error);
    }
  }

  /** All filtered rows of the current page, as a rule. */
  allOfPage(): SelectedRule | null {
    const page = this.#context.page();
    if (page === null) return null;
    const { where, sort } = page.target;
    return { where, sort, spans: page.nRows === 0 ? [] : [[0, page.nRows]] };
  }

  /** Apply the kernel's selection, with a message if another filter has cleared it. */
  follow(): void {
    const before = this.#last;
    this.#last = this.rule;
    if (before !== null && countOf(before.spans) > 0 && this.count === 0) {
      const { where } = this.#context.target();
      const what = where === before.where ? "order" : "filter";
      this.#context.notices.say("done", `the ${what} changed: the selection was cleared`);
    }
    this.#context.changed();
  }

  async #idsOf(selected: SelectedRule): Promise<string[]> {
    const { answer } = await this.#context.wire.ask({ kind: "ids", selected });
    return "of" in answer && answer.of === "ids" ? answer.ids : [];
  }

  /** True if the rule refers to the rows of a page, in their order. */
  #isOf({ target }: Page): boolean {
    return this.rule?.where === target.where && this.rule.sort === target.sort;
  }

  #set(value: Selected): void {
    this.#last = Array.isArray(value) ? null : value;
    this.#context.set(value);
    this.#context.changed();
  }
}

function firstOf({ target }: Page): number {
  return target.page * target.page_size;
}
