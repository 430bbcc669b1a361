import { float32, levelsOf } from "../draw";
import type {
  Answer,
  Field,
  PageAnswer,
  PanelName,
  Panels,
  Progress,
  Request,
  Selected,
  State,
  Target,
  Tile,
} from "../protocol";
import { Journal } from "./journal";
import { BadQuery } from "./query";
import { Rows, within } from "./rows";
import { bytesOf, type Stored } from "./stored";

/** An answer with its buffer. */
export interface LocalReply {
  answer: Answer;
  bytes?: DataView;
}

const PANELS: readonly PanelName[] = ["template", "science", "difference"];

/** Answers the requests of a view, as the kernel would, from the data in the page. */
export class LocalKernel {
  readonly journal: Journal;
  readonly #stored: Stored;
  readonly #rows: Rows;
  readonly #get: <K extends keyof State>(key: K) => State[K];
  readonly #set: (state: Partial<State>) => void;

  constructor(
    stored: Stored,
    get: <K extends keyof State>(key: K) => State[K],
    set: (state: Partial<State>) => void,
  ) {
    this.#stored = stored;
    this.#get = get;
    this.#set = set;
    this.journal = new Journal(stored.sources.map(({ tile }) => [tile.id, tile.journal]));
    this.#rows = new Rows(stored, this.journal, get("choices").label_columns, get("labelling"));
    this.#count();
  }

  /** The answer to a request; null if it needs none. */
  answer(request: Request): LocalReply | null {
    try {
      return this.#answer(request);
    } catch (error) {
      if (!(error instanceof BadQuery)) throw error;
      const field =
        request.kind === "page" && !error.message.startsWith("there is no source") ? "where" : null;
      return failed(error.message, field);
    }
  }

  #answer(request: Request): LocalReply | null {
    const { journal } = this;
    switch (request.kind) {
      case "hello":
      case "cancel":
        return null;
      case "page":
        return this.#page(request.target, request.purpose);
      case "inspect":
        return this.#inspect(request.id, request.size);
      case "curve":
        return this.#curve(request.id);
      case "label":
        return this.#confirm(journal.label(request.ids, request.label));
      case "label_all": {
        const isFree = (id: string): boolean => !request.unlabelled || journal.of(id).label === null;
        return this.#confirm(journal.label(this.#idsOf(request.selected).filter(isFree), request.label));
      }
      case "note":
        return this.#confirm(journal.note(request.id, request.note));
      case "seen":
        return this.#confirm(journal.see(request.ids));
      case "undo":
      case "redo":
        return this.#confirm(journal.turn(request.kind));
      case "facets":
        return { answer: this.#rows.facets(request.where) };
      case "count": {
        const n = this.#rows.places(request.where, null).length;
        return { answer: { kind: "done", of: "count", where: request.where, n_rows: n } };
      }
      case "find":
        return this.#find(request.text);
      case "select":
        return this.#select(request);
      case "ids":
        return { answer: { kind: "done", of: "ids", ids: this.#idsOf(request.selected) } };
      default:
        return failed("a saved page cannot do this; open the notebook", null);
    }
  }

  #page(wanted: Target, purpose: string): LocalReply {
    const places = this.#rows.places(wanted.where, wanted.sort);
    const target = within(wanted, places.length);
    if (purpose !== "ahead") {
      const { page, page_size, sort, where } = target;
      this.#set({ page, page_size, sort, where, n_rows: places.length });
      this.#count();
    }
    if (purpose === "kept") return { answer: { kind: "done", of: "kept" } };
    const first = target.page * target.page_size;
    const here = places.slice(first, first + target.page_size);
    const arrays = new PackedArrays();
    const tiles = here.map((place, at) => this.#tile(place, at, arrays));
    const answer: PageAnswer = {
      kind: "done",
      of: "page",
      target,
      n_rows: places.length,
      n_tiles: here.length,
      tiles,
    };
    return { answer, bytes: arrays.view() };
  }

  /** A tile whose levels are computed from pixel values. */
  #tile(place: number, at: number, arrays: PackedArrays): Tile {
    const source = this.#stored.sources[place];
    if (source === undefined) throw new Error(`no row ${place}`);
    const numbers = bytesOf(this.#stored, source);
    const panels = { ...source.tile.panels } as Panels;
    for (const name of PANELS) {
      const [shown, deep] = [panels[name], source.answer.panels[name]];
      if (!("shape" in shown) || !("thresholds" in deep)) continue;
      const values = float32(numbers, deep.offset, deep.shape[0] * deep.shape[1]);
      const offset = arrays.add(levelsOf(values, float32(numbers, deep.thresholds, 254)));
      panels[name] = { ...shown, shape: deep.shape, offset };
    }
    const journal = this.journal.of(source.tile.id);
    return { ...source.tile, place: at, panels, journal, label: journal.label };
  }

  #inspect(id: string, size: number | null): LocalReply {
    const source = this.#sourceOf(id);
    if (size !== null) return failed("a saved page has cutouts of one size only", null);
    const journal = this.journal.of(id);
    return {
      answer: { ...source.answer, journal, label: journal.label },
      bytes: bytesOf(this.#stored, source),
    };
  }

  #curve(id: string): LocalReply {
    const { curve } = this.#sourceOf(id);
    return typeof curve === "string" ? failed(curve, null) : { answer: curve };
  }

  /** Select rows; a page has few enough to list their ids. */
  #select({ what, first, last }: Extract<Request, { kind: "select" }>): LocalReply {
    const ids = this.#passing();
    const before = this.#idsOf(this.#get("selected"));
    const [from, to] = [ids.indexOf(first), ids.indexOf(last)].sort((one, two) => one - two);
    const selected =
      what === "all"
        ? ids
        : what === "others"
          ? ids.filter((id) => !before.includes(id))
          : [
              ...new Set([
                ...before,
                ...(from === undefined || from < 0 ? [] : ids.slice(from, (to ?? 0) + 1)),
              ]),
            ];
    this.#set({ selected });
    return { answer: { kind: "done", of: "select", n: selected.length } };
  }

  #idsOf(selected: Selected): string[] {
    if (Array.isArray(selected)) return selected;
    const places = this.#rows.places(selected.where, selected.sort);
    return selected.spans.flatMap(([first, end]) =>
      places.slice(first, end).map((place) => this.#rows.ids[place] ?? ""),
    );
  }

  #find(text: string): LocalReply {
    const ids = this.#passing();
    const wanted = text.trim();
    const place = ids.includes(wanted) ? ids.indexOf(wanted) : Number(wanted.replace(/^#/, "")) - 1;
    const id = ids[place];
    if (id === undefined)
      return failed(
        `${wanted.slice(0, 60)} is neither an id nor one of the ${ids.length} rows of this page`,
        null,
      );
    return { answer: { kind: "done", of: "find", id, place, n_rows: ids.length } };
  }

  #sourceOf(id: string): Stored["sources"][number] {
    const found = this.#stored.sources.find(({ tile }) => tile.id === id);
    if (found === undefined) throw new BadQuery(`there is no source ${id} in this page`);
    return found;
  }

  /** Ids of the rows that pass the filter, in order. */
  #passing(): string[] {
    return this.#rows
      .places(this.#get("where"), this.#get("sort"))
      .map((place) => this.#rows.ids[place] ?? "");
  }

  #confirm(answer: Answer): LocalReply {
    this.#count();
    return { answer };
  }

  #count(): void {
    const choices = this.#get("choices").label_choices.map(({ word }) => word);
    const of = (ids: readonly string[]): Progress => this.journal.progress(ids, choices);
    this.#set({ progress: of(this.#passing()), progress_of_all: of(this.#rows.ids) });
  }
}

/** The levels of several panels in one buffer. */
class PackedArrays {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  add(chunk: Uint8Array): number {
    const offset = this.#size;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return offset;
  }

  view(): DataView {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return new DataView(whole.buffer);
  }
}

function failed(reason: string, field: Field | null): LocalReply {
  return { answer: { kind: "failed", reason, field, cancelled: false } };
}
