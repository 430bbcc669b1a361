import type { LabelAnswer, LabelColumns, Progress, Said } from "../protocol";
import type { Value } from "./stored";

/** One action. */
interface Act {
  name: string;
  before: Map<string, Said>;
  after: Map<string, Said>;
}

const NOTHING_SAID: Said = { label: null, who: "", note: "", seen: false, others: "" };

/** Labels given on a page outside of the notebook, and the lines that `LabelJournal` reads. */
export class Journal {
  /** The name under which labels are given, for all following lines. */
  who = "";
  /** Labels and notes not downloaded yet; what was only seen is no loss. */
  unsaved = 0;
  readonly #said = new Map<string, Said>();
  readonly #lines: string[] = [];
  readonly #done: Act[] = [];
  readonly #undone: Act[] = [];
  readonly #now: () => string;

  constructor(said: Iterable<readonly [string, Said]>, now: () => string = () => new Date().toISOString()) {
    this.#said = new Map(said);
    this.#now = now;
  }

  of(id: string): Said {
    return this.#said.get(id) ?? NOTHING_SAID;
  }

  /** The file: one line per action. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  label(ids: readonly string[], label: string | null): LabelAnswer {
    const act = nameOf();
    const before = this.#saidOf(ids);
    if (ids.length > 0) this.#write({ ...idsIn(ids), label, note: "", act });
    for (const id of ids) this.#said.set(id, { ...this.of(id), label, who: label === null ? "" : this.who });
    this.#done.push({ name: act, before, after: this.#saidOf(ids) });
    this.#undone.length = 0;
    return this.#told("label", before);
  }

  note(id: string, note: string): LabelAnswer {
    const before = this.#saidOf([id]);
    this.#write({ id, note });
    this.#said.set(id, { ...this.of(id), note });
    return this.#told("note", before);
  }

  see(ids: readonly string[]): LabelAnswer {
    const fresh = ids.filter((id) => !this.of(id).seen);
    const before = this.#saidOf(fresh);
    if (fresh.length > 0) this.#write({ seen: fresh });
    for (const id of fresh) this.#said.set(id, { ...this.of(id), seen: true });
    return this.#told("seen", before);
  }

  turn(verb: "undo" | "redo"): LabelAnswer {
    const [from, to] = verb === "undo" ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const act = from.pop();
    if (act === undefined) return this.#told(verb, new Map());
    to.push(act);
    const before = this.#saidOf([...act.before.keys()]);
    this.#write({ [verb]: act.name });
    for (const [id, { label, who }] of verb === "undo" ? act.before : act.after)
      this.#said.set(id, { ...this.of(id), label, who });
    return this.#told(verb, before);
  }

  /** The columns of the journal in filters and sort orders. */
  column(name: string, columns: LabelColumns, id: string): Value | undefined {
    const said = this.of(id);
    if (name === columns.label) return said.label;
    if (name === columns.note) return said.note === "" ? null : said.note;
    if (name === columns.who) return said.who === "" ? null : said.who;
    return name === columns.seen ? said.seen : undefined;
  }

  progress(ids: readonly string[], choices: readonly string[]): Progress {
    const labels = new Map(choices.map((word) => [word, 0]));
    let [unlabelled, seen] = [0, 0];
    for (const id of ids) {
      const said = this.of(id);
      if (said.label === null) unlabelled++;
      else labels.set(said.label, (labels.get(said.label) ?? 0) + 1);
      if (said.seen) seen++;
    }
    return { rows: ids.length, labels: Object.fromEntries(labels), unlabelled, seen };
  }

  #saidOf(ids: readonly string[]): Map<string, Said> {
    return new Map(ids.map((id) => [id, this.of(id)]));
  }

  #write(entry: Record<string, unknown>): void {
    this.#lines.push(JSON.stringify({ ...entry, who: this.who, when: this.#now(), version: 1 }));
    if (!("seen" in entry)) this.unsaved++;
  }

  #told(act: LabelAnswer["act"], before: ReadonlyMap<string, Said>): LabelAnswer {
    const ids = [...before.keys()];
    return {
      kind: "done",
      of: "label",
      act,
      labels: Object.fromEntries(ids.map((id) => [id, this.of(id).label])),
      was: Object.fromEntries([...before].map(([id, said]) => [id, said.label])),
      said: Object.fromEntries(ids.map((id) => [id, this.of(id)])),
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
