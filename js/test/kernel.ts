import {
  type Answer,
  type Badge,
  type Cell,
  type Compass,
  type DeepPixels,
  type Envelope,
  type Epoch,
  type FacetsAnswer,
  type InspectAnswer,
  type JournalState,
  type LabelAnswer,
  type LightCurveAnswer,
  type LightCurvePoint,
  type Link,
  type Neighbour,
  type PackedMask,
  type PageAnswer,
  type Plane,
  type Request,
  type State,
  type Target,
  type Tile,
  VERSION,
} from "../src/protocol";
import type { Model } from "../src/session";

export type Sent = Request & Envelope;

/** A kernel with a few rows: a model for the view, and control over when it answers and when it dies. */
export class Kernel {
  readonly sent: Sent[] = [];
  readonly saved: Partial<State>[] = [];
  readonly model: Model;
  /** Answers at once while true. */
  prompt = true;
  dead = false;
  live = true;
  /** Inspected sources have pixels. */
  hasPixels = false;
  /** Whether the sources of pages have flags. */
  hasFlags = true;
  /** Whether inspected sources have no science image. */
  lacksScience = false;
  /** Side of their stamps; null if they have larger images. */
  stampSide: number | null = null;
  /** Their neighbours. */
  neighbours: Neighbour[] = [];
  /** Mask planes of their science panel, all on its lowest left pixel. */
  planes: Plane[] = [];
  /** Their columns and links, if not the usual ones. */
  cells: Cell[] | null = null;
  links: Link[] = [];
  /** The light curve of every source. */
  curve: Pick<LightCurveAnswer, "points" | "reason"> = { points: [], reason: "" };
  /** Exposures of the object of every source; a text is the reason why they cannot be read. */
  epochs: Epoch[] | string = [];
  readonly #state: State;
  readonly #callbacks = new Map<string, Set<(...args: never[]) => void>>();

  constructor(state: Partial<State> = {}) {
    this.#state = { ...initial(), ...state };
    const get = <K extends keyof State>(key: K): State[K] => this.#state[key];
    this.model = {
      get,
      set: (key, value) => this.set({ [key]: value }),
      save_changes: () => {
        if (this.dead) throw new Error("Cannot send");
        this.saved.push({ ...this.#state });
      },
      send: (content) => {
        if (this.dead) throw new Error("Cannot send");
        this.sent.push(content as Sent);
        if (this.prompt) this.answer(content as Sent);
      },
      on: (event, callback) => {
        const known = this.#callbacks.get(event) ?? new Set();
        this.#callbacks.set(event, known.add(callback));
      },
      off: (event, callback) => void this.#callbacks.get(event)?.delete(callback),
      widget_manager: {
        get_model: () => Promise.resolve({ comm_live: this.live }),
      },
    };
  }

  /** Requests of a kind, in order. */
  of<K extends Sent["kind"]>(kind: K): Extract<Sent, { kind: K }>[] {
    return this.sent.filter((one): one is Extract<Sent, { kind: K }> => one.kind === kind);
  }

  listeners(): number {
    return [...this.#callbacks.values()].reduce((sum, some) => sum + some.size, 0);
  }

  set(state: Partial<State>): void {
    Object.assign(this.#state, state);
    for (const key of Object.keys(state)) this.#emit(`change:${key}`);
  }

  die(): void {
    this.dead = true;
    this.live = false;
    this.#emit("comm_live_update");
  }

  reply(to: Envelope, answer: Answer, bytes: Uint8Array = new Uint8Array()): void {
    const buffers = [new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)];
    this.#emit(
      "msg:custom",
      { ...answer, version: VERSION, client: to.client, request: to.request },
      buffers,
    );
  }

  /** Answer a request as a kernel with four rows a page would. */
  answer(request: Sent): void {
    if (request.kind === "page") {
      const { target, purpose } = request;
      if (purpose !== "ahead") this.set(target);
      if (purpose === "kept") this.reply(request, { kind: "done", of: "kept" });
      else {
        const [answer, bytes] = page(target, this.#state.n_rows, "done", request.masks ? this.planes : []);
        const tiles = answer.tiles.map((one) => (this.hasFlags ? one : { ...one, badges: [] }));
        this.reply(request, { ...answer, tiles }, bytes);
      }
    } else if (request.kind === "inspect") {
      const [answer, bytes] = this.hasPixels
        ? inspectionWithPixels(request.id, request.look, this.planes)
        : [inspection(request.id, request.look), new Uint8Array(64)];
      if (this.lacksScience) answer.panels.science = { reason: "no such file" };
      this.reply(
        request,
        {
          ...answer,
          cells: this.cells ?? answer.cells,
          links: this.links,
          neighbours: this.neighbours,
          stamp_side: this.stampSide,
          badges: [SAT],
        },
        bytes,
      );
    } else if (request.kind === "epochs") {
      const { epochs } = this;
      if (typeof epochs === "string")
        this.reply(request, { kind: "failed", reason: epochs, field: null, cancelled: false });
      else this.reply(request, { kind: "done", of: "epochs", id: request.id, epochs });
    } else if (request.kind === "epoch_tiles") {
      const [{ tiles }, bytes] = page(target({ page_size: request.places.length }), request.places.length);
      const placed = tiles.map((one, k) => ({ ...one, place: request.places[k] ?? 0 }));
      this.reply(request, { kind: "done", of: "epoch_tiles", id: request.id, tiles: placed }, bytes);
    } else if (request.kind === "curve") {
      this.reply(request, { kind: "done", of: "curve", id: request.id, origin: "history", ...this.curve });
    } else if (request.kind === "label") {
      this.reply(request, labelled(Object.fromEntries(request.ids.map((id) => [id, request.label]))));
    } else if (request.kind === "find") {
      const place = Number(request.text) - 1;
      const id = String(9007199254740993n + BigInt(place));
      this.reply(request, { kind: "done", of: "find", id, place, n_rows: 12 });
    } else if (request.kind === "select") {
      const { what, where, sort, first, last } = request;
      const n = this.#state.n_rows;
      const [from, to] = [first, last]
        .map((id) => Number(BigInt(id || "0") - 9007199254740993n))
        .sort((a, b) => a - b);
      const spans: [number, number][] = what === "range" ? [[from ?? 0, (to ?? 0) + 1]] : [[0, n]];
      this.set({ selected: { where, sort, spans } });
      this.reply(request, { kind: "done", of: "select", n });
    } else if (request.kind === "ids") {
      this.reply(request, { kind: "done", of: "ids", ids: ["1", "2"] });
    } else if (request.kind === "label_all") {
      this.reply(request, { ...labelled({}), n_changed: 12 });
    } else if (request.kind === "note") {
      this.reply(request, labelAnswer("note", request.id, { ...stateOf(null), note: request.note }));
    } else if (request.kind === "facets") {
      this.reply(request, facetsOf(request.where));
    } else if (request.kind === "count") {
      this.reply(request, { kind: "done", of: "count", where: request.where, n_rows: 7 });
    } else if (request.kind === "cancel") {
      const to = { ...request, request: request.cancels };
      this.reply(to, { kind: "failed", reason: "no longer wanted", field: null, cancelled: true });
    }
  }

  #emit(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.#callbacks.get(event) ?? [])]) callback(...(args as never[]));
  }
}

/** Twelve rows: two dipoles, one unknown, eight in g, and a score from 0 to 1. */
export function facetsOf(where: string | null): FacetsAnswer {
  return {
    kind: "done",
    of: "facets",
    where,
    n_rows: 12,
    flags: [
      {
        name: "DIPOLE",
        central: false,
        title: "fitted as a dipole: isDipole",
        colour: "#4b0082",
        states: [
          { word: "set", query: "isDipole", rows: 2 },
          { word: "unset", query: "not isDipole", rows: 9 },
          { word: "n/a", query: "isDipole.isna()", rows: 1 },
        ],
      },
    ],
    words: [
      {
        column: "band",
        query: "band",
        words: [
          { word: "g", literal: "'g'", rows: 8 },
          { word: "r, wide", literal: "'r, wide'", rows: 3 },
        ],
        missing: 1,
      },
    ],
    histograms: [
      {
        column: "score",
        query: "score",
        unit: "",
        low: 0,
        high: 1,
        soft: null,
        n_all: [4, 8],
        n_rows: [1, 2],
        missing: 0,
      },
    ],
    disagreements: [
      {
        name: "real, low score",
        title: "label real, score below 0.5",
        query: "label == 'real' and score < 0.5",
        rows: 2,
      },
      { name: "flag, not dipole", title: "?", query: "isDipole and not (label == 'dipole')", rows: 0 },
    ],
  };
}

export function target(changes: Partial<Target> = {}): Target {
  return { page: 0, page_size: 4, sort: null, where: null, look: "rubin", ...changes };
}

/**
 * A page of panels of two by two pixels; source n has the level n + 1 everywhere. Mask planes are set on the
 * lowest left pixel of the science panels.
 */
export function page(
  of: Target,
  nRows = 12,
  kind: "part" | "done" = "done",
  planes: Plane[] = [],
): [PageAnswer, Uint8Array] {
  const first = of.page * of.page_size;
  const n = Math.max(0, Math.min(of.page_size, nRows - first));
  const bytes = new Uint8Array(n * 12 + (planes.length > 0 ? 4 : 0));
  if (planes.length > 0) bytes[n * 12] = planes.reduce((bits, one) => bits | (1 << one.bit), 0);
  const mask = planes.length === 0 ? null : { offset: n * 12, bytes_a_pixel: 1, planes };
  const tiles = Array.from({ length: n }, (_, place) => {
    bytes.fill(first + place + 1, place * 12, place * 12 + 12);
    return tile(place, String(9007199254740993n + BigInt(first + place)), place * 12, mask);
  });
  return [{ kind, of: "page", target: of, n_rows: nRows, n_tiles: n, tiles }, bytes];
}

const SAT: Badge = { name: "SAT", text: "SAT", colour: "#008000", kind: "centre", title: "saturated" };

export function tile(place: number, id: string, offset: number, mask: PackedMask | null = null): Tile {
  const pixels = (at: number) => ({
    shape: [2, 2] as [number, number],
    offset: at,
    compass: { north: [0, 1], east: [-1, 0], arcsec_per_px: 0.2 } as Compass,
    outlines: [],
    mask: null,
  });
  return {
    place,
    id,
    waiting: false,
    band: "r",
    facts: [{ text: "S/N 7.0", title: "signal to noise" }],
    badges: [
      SAT,
      { name: "DIPOLE", text: "DIPOLE", colour: "#4b0082", kind: "source", title: "fitted as a dipole" },
    ],
    panels: {
      template: pixels(offset),
      science: { ...pixels(offset + 4), mask },
      difference: pixels(offset + 8),
    },
    problems: [],
    label: null,
    journal: stateOf(null),
  };
}

/** The journal state of a source with a label, or none. */
function stateOf(label: string | null): JournalState {
  return { label, who: label === null ? "" : "vera", note: "", seen: false, others: "" };
}

/** The message of the kernel when another journal entry of an unlabelled source changes. */
function labelAnswer(act: LabelAnswer["act"], id: string, now: JournalState): LabelAnswer {
  return {
    kind: "done",
    of: "label",
    act,
    labels: { [id]: null },
    was: { [id]: null },
    journal: { [id]: now },
    n_changed: 1,
  };
}

/** The message of the kernel when unlabelled sources get labels. */
export function labelled(labels: Record<string, string | null>): LabelAnswer {
  const was = Object.fromEntries(Object.keys(labels).map((id) => [id, null]));
  const now = Object.fromEntries(Object.entries(labels).map(([id, label]) => [id, stateOf(label)]));
  const n_changed = Object.keys(labels).length;
  return { kind: "done", of: "label", act: "label", labels, was, journal: now, n_changed };
}

/** An epoch of a light curve. */
export function epoch(of: Partial<LightCurvePoint> = {}): LightCurvePoint {
  return {
    time: 61000,
    band: "r",
    kind: "detection",
    source: null,
    in_table: false,
    flux: 100,
    flux_err: 10,
    science: null,
    science_err: null,
    visit: null,
    detector: null,
    ...of,
  };
}

/** An exposure of an object. */
export function exposure(of: Partial<Epoch> = {}): Epoch {
  return {
    source: null,
    in_table: false,
    time: 61000,
    band: "r",
    visit: null,
    detector: null,
    snr: null,
    motion: null,
    ...of,
  };
}

/** A column of a row. */
export function cell(of: Partial<Cell> & { name: string }): Cell {
  const usual = {
    value: "1",
    unit: "",
    description: "",
    group: "other",
    null: false,
    flag: false,
    badge: null,
  } as const;
  return { ...usual, python: of.value ?? "1", ...of };
}

function inspection(id: string, look: string): InspectAnswer {
  const missing = { reason: "no such file" };
  return {
    kind: "done",
    of: "inspect",
    id,
    look,
    size: null,
    stamp_side: null,
    panels: { template: missing, science: missing, difference: missing },
    curves: [],
    neighbours: [],
    links: [],
    badges: [],
    facts: [],
    band: "r",
    cells: [
      cell({ name: "ra", value: "53.0", unit: "deg", description: "right ascension", group: "position" }),
      cell({ name: "psfFlux", value: "<b>", unit: "nJy", group: "fluxes", python: "'<b>'" }),
    ],
    problems: ["template: no such file"],
    label: null,
    journal: stateOf(null),
  };
}

/**
 * Pixel (x, y) of a panel of 3 by 3 is 3 y + x + 10, its level one more; the lower left one is (20, 30) of the parent.
 * The template's pixels are numbered apart, from (120, 7), and lie one to the right on the sky: (120, 7) is on (21, 30).
 */
function inspectionWithPixels(id: string, look: string, planes: Plane[]): [InspectAnswer, Uint8Array] {
  const [sky, shifted] = [1056, 1056 + 96]; // behind 9 pixels and 254 thresholds of 4 bytes each
  const [curve, mask] = [shifted + 96, shifted + 96 + 254 * 8];
  const bytes = new DataView(new ArrayBuffer(mask + 36));
  for (let i = 0; i < 254; i++) bytes.setFloat64(curve + 8 * i, (i + 0.5) / 254, true); // linear
  bytes.setUint32(mask, planes.reduce((bits, one) => bits | (1 << one.bit), 0) >>> 0, true);
  for (let i = 0; i < 9; i++) bytes.setFloat32(4 * i, i + 10, true);
  for (let i = 0; i < 254; i++) bytes.setFloat32(36 + 4 * i, i + 1, true);
  for (const [at, column] of [[sky, 0], [shifted, 1]] as const)
    [[-0.5, -0.5], [2.5, -0.5], [-0.5, 2.5], [2.5, 2.5]].forEach(([x = 0, y = 0], i) => {
      [1, 1e-6 * (x + column), 1e-6 * y].forEach((one, k) => {
        bytes.setFloat64(at + (3 * i + k) * 8, one, true);
      });
    }); // biome-ignore format: pairs
  const panel: DeepPixels = {
    shape: [3, 3],
    offset: 0,
    thresholds: 36,
    limits: [1, 255],
    curve: "linear",
    variance: null,
    mask: null,
    planes: [],
    x0: 20,
    y0: 30,
    unit: "nJy",
    nJy: 1,
    source: [21, 31],
    sky: null,
    psf: null,
    fit: null,
    compass: MIRRORED,
    lattice: { offset: sky, shape: [2, 2], x: [19.5, 22.5], y: [29.5, 32.5] },
    outlines: [],
    origin: "",
  };
  const template: DeepPixels = {
    ...panel,
    x0: 120,
    y0: 7,
    source: null,
    lattice: { offset: shifted, shape: [2, 2], x: [119.5, 122.5], y: [6.5, 9.5] },
  };
  const answer: InspectAnswer = {
    ...inspection(id, look),
    curves: [{ name: "linear", offset: curve }],
    panels: {
      template,
      science: { ...panel, planes, mask: planes.length > 0 ? mask : null },
      difference: { ...panel, lattice: null },
    },
  };
  return [answer, new Uint8Array(bytes.buffer)];
}

/** North to the right and east down, as on a detector whose readout mirrors the sky. */
export const MIRRORED: Compass = { north: [1, 0], east: [0, -1], arcsec_per_px: 0.2 };

function initial(): State {
  const progress = { rows: 12, labels: { real: 0, bogus: 0 }, unlabelled: 12, seen: 0 };
  return {
    version: VERSION,
    grid_id: "grid",
    ...target(),
    colormap: null,
    selected: [],
    below: [],
    inspected: null,
    n_rows: 12,
    n_total: 12,
    choices: {
      looks: ["rubin", "sigma"].map((name) => ({
        name,
        title: name,
        template: "gray",
        science: "gray",
        difference: name === "sigma" ? "red" : "gray",
      })),
      colormaps: ["gray", "red"],
      columns: [{ name: "snr", unit: "", description: "", often: true }],
      page_sizes: [4, 8],
      label_choices: ["real", "bogus"].map((word, i) => ({
        word,
        key: `${i + 1}`,
        colour: "#009E73",
        symbol: "o",
      })),
      label_columns: { label: "label", note: "note", who: "who", seen: "seen", conflict: "conflict" },
    },
    palettes: palettes(),
    snapshot: null,
    snapshot_pixels: new DataView(new ArrayBuffer(0)),
    labelling: true,
    advance: true,
    facets: [],
    tile_size: 96,
    panels: ["template", "science", "difference"],
    compact: false,
    captions: ["band", "snr"],
    label_after_ms: 0,
    seen_after_s: 0,
    keymap: {},
    labelling_problem: "",
    who: "vera",
    blind: false,
    progress,
    progress_of_all: progress,
  };
}

/** Two colormaps: level n is (n, n, n), and (n, 0, 0). */
export function palettes(): DataView {
  const tables = new Uint8Array(2 * 255 * 3);
  for (let level = 1; level <= 255; level++) {
    tables.fill(level, (level - 1) * 3, level * 3);
    tables[255 * 3 + (level - 1) * 3] = level;
  }
  return new DataView(tables.buffer);
}

/** Let all pending promises settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
