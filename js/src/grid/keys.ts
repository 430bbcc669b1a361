import type { Session } from "../session";
import { labelTargets, type View } from "./actions";

/** What a key needs to do anything: a labels file, or a kernel, which a saved page does not have. */
export type Need = "labels" | "kernel";

/** Keys, what the help says about them, and what they do. */
export interface KeyBinding {
  /** Values of `KeyboardEvent.key`, in lower case. */
  keys: readonly string[];
  /** The keys and what they do, in words. */
  shown: string;
  what: string;
  /** Acts again and again while it is held down. */
  repeats?: true;
  needs?: Need;
  act(view: View, event: KeyboardEvent): void;
}

/** All keys: the keyboard acts by this table and the help lists it. */
export const KEYS: readonly KeyBinding[] = [
  {
    keys: ["arrowleft", "arrowright", "arrowup", "arrowdown", "h", "j", "k", "l"],
    shown: "\u2190 \u2192 \u2191 \u2193 or h l k j",
    what: "move; with Shift select on the way",
    repeats: true,
    act: (view, event) => move(view, stepOf(keyOf(event), view.tiles.columns()), event.shiftKey),
  },
  {
    keys: [" "],
    shown: "Space",
    what: "select or not",
    act: (view) => withCurrent(view, (id) => view.session.toggleSelected(id)),
  },
  {
    keys: ["enter"],
    shown: "Enter",
    what: "inspect",
    needs: "kernel",
    act: (view) => withCurrent(view, (id) => view.session.inspect(id)),
  },
  {
    keys: ["escape"],
    shown: "Esc",
    what: "stop blinking, reset contrast, close the inspector, select nothing: one at a time",
    act: closeOne,
  },
  {
    keys: ["n", "pagedown"],
    shown: "n or PageDown",
    what: "next page",
    repeats: true,
    needs: "kernel",
    act: ({ session }) => session.setTarget({ page: session.wanted.page + 1 }),
  },
  {
    keys: ["p", "pageup"],
    shown: "p or PageUp",
    what: "previous page",
    repeats: true,
    needs: "kernel",
    act: ({ session }) => session.setTarget({ page: session.wanted.page - 1 }),
  },
  {
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1 \u2026 9",
    what: "give the label of that number",
    needs: "labels",
    act(view, event) {
      const label = view.session.get("choices").labels[Number(event.key) - 1];
      if (label !== undefined) view.session.label(labelTargets(view), label);
    },
  },
  {
    keys: ["0"],
    shown: "0",
    what: "take the label away",
    needs: "labels",
    act: (view) => view.session.label(labelTargets(view), null),
  },
  {
    keys: ["u"],
    shown: "u",
    what: "undo the last label",
    needs: "labels",
    act: ({ session }) => session.undo(),
  },
  {
    keys: ["b"],
    shown: "b",
    what: "blink template, science and difference in one place",
    act: ({ blink }) => blink.press(),
  },
  {
    keys: ["o"],
    shown: "o",
    what: "north up, east left, or as on the detector",
    act: ({ session }) => session.toggleNorthUp(),
  },
  { keys: ["i"], shown: "i", what: "invert dark and bright", act: ({ session }) => session.invert() },
  { keys: ["z"], shown: "z", what: "next look", needs: "kernel", act: nextLook },
  {
    keys: ["m"],
    shown: "m",
    what: "mask in the inspector",
    needs: "kernel",
    act: ({ inspector }) => inspector.toggleMask(),
  },
  { keys: ["?"], shown: "?", what: "this help", act: ({ help }) => help.toggle() },
];

/** The key of an event as the table writes it. */
export function keyOf(event: KeyboardEvent): string {
  return event.key.toLowerCase(); // Shift and Caps Lock make upper case
}

/** True if a session has what a key needs. */
export function has(session: Session, need: Need | undefined): boolean {
  if (session.link === "saved") return need === undefined;
  return need !== "labels" || session.get("labelling");
}

function withCurrent({ tiles, cursor }: View, act: (id: string) => void): void {
  const id = tiles.idAt(cursor.place);
  if (id !== null) act(id);
}

/** Stop or close one thing, the newest first. */
function closeOne({ session, inspector, blink }: View): void {
  if (blink.stop() || inspector.panels.contrast.reset()) return;
  if (session.inspected !== null) session.inspect(null);
  else session.select([]);
}

function nextLook({ session }: View): void {
  const looks = session.get("choices").looks.map((one) => one.name);
  const next = looks[(looks.indexOf(session.wanted.look) + 1) % looks.length];
  if (next !== undefined) session.setTarget({ look: next });
}

function stepOf(key: string, columns: number): number {
  if (key === "arrowright" || key === "l") return 1;
  if (key === "arrowleft" || key === "h") return -1;
  return key === "arrowdown" || key === "j" ? columns : -columns;
}

/** Move the cursor; the inspector follows it, and the selection if it is extended. */
function move({ session, cursor, tiles }: View, step: number, extendsSelection: boolean): void {
  const from = cursor.place;
  const to = Math.min(Math.max(0, from + step), cursor.count - 1);
  if (extendsSelection) {
    const selected = new Set(session.get("selected"));
    for (let place = Math.min(from, to); place <= Math.max(from, to); place++) {
      const id = tiles.idAt(place);
      if (id !== null) selected.add(id);
    }
    session.select([...selected]);
  }
  tiles.goTo(to);
  const id = tiles.idAt(to);
  if (session.inspected !== null && id !== null) session.inspect(id);
}
