import type { JournalState, LabelAnswer, LabelColumns, Progress } from "../protocol";
import { NO_ENTRY } from "../session";
import type { Value } from "./stored";

/** One action. */
interface Act {
  name: string;
  before: Map<string, JournalState>;
  after: Map<string, JournalState>;
}

/** Labels given on a page outside of the notebook, and the lines that `LabelJournal` reads. */
export class Journal {
  /** The name under which labels are given, for all following lines. */
  who = "";
  /** Labels and notes not downloaded yet; what was only seen is no loss. */
  unsaved = 0;
  readonly #states = new Map<string, JournalState>();
  readonly #lines: string[] = [];
  readonly #done: Act[] = [];
  readonly #undone: Act[] = [];
  readonly #now: () => string;

  constructor(
    states: Iterable<readonly [string, JournalState]>,
    now: () => string = () => new Date().toISOString(),
  ) {
    this.#states = new Map(states);
    this.#now = now;
  }

  of(id: string): JournalState {
    return this.#states.get(id) ?? NO_ENTRY;
  }

  /** The file: one line per action. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  label(ids: readonly string[], label: string | null): LabelAnswer {
    const act = nameOf();
    const before = this.#statesOf(ids);
    if (ids.length > 0) this.#write({ ...idsIn(ids), label, note: "", act });
    for (const id of ids)
      this.#states.set(id, { ...this.of(id), label, who: label === null ? "" : this.who });
    this.#done.push({ name: act, before, after: this.#statesOf(ids) });
    this.#undone.length = 0;
    return this.#answer("label", before);
  }

  note(id: string, note: string): LabelAnswer {
    const before = this.#statesOf([id]);
    this.#write({ id, note });
    this.#states.set(id, { ...this.of(id), note });
    return this.#answer("note", before);
  }

  see(ids: readonly string[]): LabelAnswer {
    const fresh = ids.filter((id) => !this.of(id).seen);
    const before = this.#statesOf(fresh);
    if (fresh.length > 0) this.#write({ seen: fresh });
    for (const id of fresh) this.#states.set(id, { ...this.of(id), seen: true });
    return this.#answer("seen", before);
  }

  turn(verb: "undo" | "redo"): LabelAnswer {
    const [from, to] = verb === "undo" ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const act = from.pop();
    if (act === undefined) return this.#answer(verb, new Map());
    to.push(act);
    const before = this.#statesOf([...act.before.keys()]);
    this.#write({ [verb]: act.name });
    for (const [id, { label, who }] of verb === "undo" ? act.before : act.after)
      this.#states.set(id, { ...this.of(id), label, who });
    return this.#answer(verb, before);
  }

  /** The columns of the journal in filters and sort orders. */
  column(name: string, columns: LabelColumns, id: string): Value | undefined {
    const state = this.of(id);
    if (name === columns.label) return state.label;
    if (name === columns.note) return state.note === "" ? null : state.note;
    if (name === columns.who) return state.who === "" ? null : state.who;
    return name === columns.seen ? state.seen : undefined;
  }

  progress(ids: readonly string[], choices: readonly string[]): Progress {
    const labels = new Map(choices.map((word) => [word, 0]));
    let [unlabelled, seen] = [0, 0];
    for (const id of ids) {
      const state = this.of(id);
      if (state.label === null) unlabelled++;
      else labels.set(state.label, (labels.get(state.label) ?? 0) + 1);
      if (state.seen) seen++;
    }
    return { rows: ids.length, labels: Object.fromEntries(labels), unlabelled, seen };
  }

  #statesOf(ids: readonly string[]): Map<string, JournalState> {
    return new Map(ids.map((id) => [id, this.of(id)]));
  }

  #write(entry: Record<string, unknown>): void {
    this.#lines.push(JSON.stringify({ ...entry, who: this.who, when: this.#now(), version: 1 }));
    if (!("seen" in entry)) this.unsaved++;
  }

  #answer(act: LabelAnswer["act"], before: ReadonlyMap<string, JournalState>): LabelAnswer {
    const ids = [...before.keys()];
    return {
      kind: "done",
      of: "label",
      act,
      labels: Object.fromEntries(ids.map((id) => [id, this.of(id).label])),
      was: Object.fromEntries([...before].map(([id, state]) => [id, state.label])),
      journal: Object.fromEntries(ids.map((id) => [id, this.of(id)])),
      n_changed: ids.length,
    };
  }
}

function idsIn(ids: readonly string[]): { id: string } | { ids: readonly string[] } {
  const [only, second] = ids;
  return only !== undefined && second === undefined ? { id: only } : { ids };
}

function nameOf(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) =>
    one.toString(16).padStart(2, "0"),
  ).join("");
}
