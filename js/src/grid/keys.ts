import { copyText } from "../dom";
import { KEYS } from "../protocol";
import type { Session } from "../session";
import { focusOn, type View } from "./actions";
import { type KeyName, numberOf } from "./keymap";
import { giveLabel, labelRest, repeatLabel, turn } from "./labelling";
import { saveTo } from "./saving";
import { addRange, addToSelection, idsOfPage, invertPage, toggleSelected } from "./selecting";
import { resize } from "./shape";
import { goTo, markPageSeen, writeNote } from "./sources";

/** What a key needs to work: a labels file, or a kernel rather than a saved page. */
export type Need = "labels" | "kernel";

/** The groups of the help, in its order. */
export const GROUPS = ["labels", "moving", "display", "selection", "inspector"] as const;

/** A key press: the action, and whether it extends the selection. */
export interface Press {
  name: KeyName;
  shift: boolean;
  /** When, in ms of `performance.now()`. */
  at: number;
}

/** Keys of one kind, their description in the help, and their actions. */
export interface KeyAction {
  group: (typeof GROUPS)[number];
  names: readonly KeyName[];
  what: string;
  /** Repeats while it is held down. */
  repeats?: true;
  needs?: Need;
  act(view: View, press: Press): void;
}

/** All actions, in the order of the help. Their keys are in `widget/keymap.py`. */
export const ACTIONS: readonly KeyAction[] = [
  {
    group: "moving",
    names: ["move_left", "move_right", "move_up", "move_down"],
    what: "move; with Shift extend the selection",
    repeats: true,
    act: (view, { name, shift }) =>
      moveTo(view, view.cursor.place + stepOf(name, view.tiles.columns()), shift),
  },
  {
    group: "moving",
    names: ["first", "last"],
    what: "first and last of the page",
    act: (view, { name, shift }) => moveTo(view, name === "first" ? 0 : view.cursor.count - 1, shift),
  },
  {
    group: "selection",
    names: ["select"],
    what: "select or deselect",
    act: (view) =>
      withCurrent(view, (id) => {
        toggleSelected(view.session, id);
        view.cursor.anchor = id;
      }),
  },
  {
    group: "selection",
    names: ["select_page"],
    what: "select the page",
    act: ({ session }) => addToSelection(session, idsOfPage(session)),
  },
  {
    group: "selection",
    names: ["select_all"],
    what: "select all that pass the filter",
    act: ({ session }) => void session.selection.many("all"),
  },
  {
    group: "selection",
    names: ["invert_selection"],
    what: "select the others of the page; other pages stay as they are",
    act: ({ session }) => invertPage(session),
  },
  {
    group: "selection",
    names: ["invert_all"],
    what: "select the others of all that pass the filter",
    act: ({ session }) => void session.selection.many("others"),
  },
  {
    group: "selection",
    names: ["save"],
    what: "save the selected sources, else all that pass the filter, to a folder",
    needs: "kernel",
    act: saveTo,
  },
  {
    group: "inspector",
    names: ["inspect"],
    what: "inspect; once more: to the panels of the inspector",
    act: (view) =>
      withCurrent(view, (id) => {
        if (view.session.inspected?.id === id) view.inspector.focusPanel();
        else view.session.inspect(id);
      }),
  },
  {
    group: "inspector",
    names: ["close"],
    what: "stop typing or blinking, reset contrast, close this help, then the inspector, select nothing: one at a time",
    act: closeOne,
  },
  {
    group: "moving",
    names: ["next_page"],
    what: "next page",
    repeats: true,
    act: ({ session }) => session.setTarget({ page: session.wanted.page + 1 }),
  },
  {
    group: "moving",
    names: ["previous_page"],
    what: "previous page",
    repeats: true,
    act: ({ session }) => session.setTarget({ page: session.wanted.page - 1 }),
  },
  {
    group: "labels",
    names: numbered("label"),
    what: "give the label of that number",
    needs: "labels",
    act(view, { name, at }) {
      const label = wordOf(view, name);
      if (label !== null) giveLabel(view, label, at);
    },
  },
  {
    group: "labels",
    names: numbered("rest"),
    what: "give it to all on the page that have none",
    needs: "labels",
    act(view, { name, at }) {
      const label = wordOf(view, name);
      if (label !== null) labelRest(view, label, at);
    },
  },
  {
    group: "labels",
    names: ["repeat_label"],
    what: "repeat the last label",
    needs: "labels",
    act: (view, { at }) => repeatLabel(view, at),
  },
  {
    group: "labels",
    names: ["unlabel"],
    what: "take the label away",
    needs: "labels",
    act: (view, { at }) => giveLabel(view, null, at),
  },
  {
    group: "labels",
    names: ["undo"],
    what: "undo the last label",
    needs: "labels",
    act: (view) => void turn(view, "undo"),
  },
  {
    group: "labels",
    names: ["redo"],
    what: "redo what was undone",
    needs: "labels",
    act: (view) => void turn(view, "redo"),
  },
  {
    group: "labels",
    names: ["note"],
    what: "write a note on the source",
    needs: "labels",
    act: writeNote,
  },
  {
    group: "labels",
    names: ["mark_seen"],
    what: "mark the page as seen",
    needs: "labels",
    act: (view) => void markPageSeen(view),
  },
  { group: "moving", names: ["go_to"], what: "go to an id, or to a row by its number", act: goTo },
  { group: "moving", names: ["filter"], what: "write a filter", act: ({ focusFilter }) => focusFilter() },
  {
    group: "display",
    names: ["blink"],
    what: "blink template, science and difference in one place",
    act: ({ blink }) => blink.press(),
  },
  {
    group: "display",
    names: ["north_up"],
    what: "north up, east left, or as on the detector",
    act: ({ session }) => session.toggleNorthUp(),
  },
  {
    group: "display",
    names: ["invert"],
    what: "invert dark and bright",
    act: ({ session }) => session.invert(),
  },
  { group: "display", names: ["next_look"], what: "next look", act: nextLook },
  {
    group: "display",
    names: ["larger", "smaller"],
    what: "larger, smaller tiles",
    repeats: true,
    act: ({ session }, { name }) => resize(session, name === "larger" ? 1 : -1),
  },
  {
    group: "display",
    names: ["mask"],
    what: "masks of the tiles and of the inspector",
    act: ({ session }) => session.overlays.setMasks({ shows: !session.overlays.masks.shows }),
  },
  {
    group: "inspector",
    names: ["previous_epoch", "next_epoch"],
    what: "previous and next epoch of the inspected object",
    needs: "kernel",
    repeats: true,
    act: ({ inspector }, { name }) => void inspector.stepEpoch(name === "next_epoch" ? 1 : -1),
  },
  {
    group: "inspector",
    names: ["copy_position"],
    what: "copy the position under the inspector's pixel cursor",
    act: copyPosition,
  },
  { group: "display", names: ["help"], what: "this help", act: ({ help }) => help.toggle() },
];

/** True if a session has everything that a key needs. */
export function has(session: Session, need: Need | undefined): boolean {
  if (need === "kernel") return !session.isFile;
  return need !== "labels" || session.get("labelling");
}

/** The names of actions that end in a number. */
function numbered(kind: string): KeyName[] {
  return (Object.keys(KEYS) as KeyName[]).filter((name) => name.startsWith(`${kind}_`));
}

/** The label for the number at the end of a name. */
function wordOf({ session }: View, name: KeyName): string | null {
  return session.get("choices").label_choices[numberOf(name) - 1]?.word ?? null;
}

function withCurrent({ tiles, cursor }: View, act: (id: string) => void): void {
  const id = tiles.idAt(cursor.place);
  if (id !== null) act(id);
}

/** Stop or close one thing, the most recent first. */
function closeOne({ session, inspector, blink, prompt, help }: View): void {
  if (prompt.close() || blink.stop() || inspector.panels.contrast.reset() || help.close()) return;
  if (session.inspected !== null) session.inspect(null);
  else session.selection.clear();
}

/** Copy the coordinates of the pixel cursor, if there is one. */
function copyPosition({ inspector, announce }: View): void {
  const text = inspector.position();
  if (text === null) announce("nothing to copy: point at a panel that has a WCS");
  else void copyText(text).then((copied) => announce(copied.text));
}

function nextLook({ session }: View): void {
  const looks = session.get("choices").looks.map((one) => one.name);
  const next = looks[(looks.indexOf(session.wanted.look) + 1) % looks.length];
  if (next !== undefined) session.setTarget({ look: next });
}

function stepOf(name: KeyName, columns: number): number {
  if (name === "move_right") return 1;
  if (name === "move_left") return -1;
  return name === "move_down" ? columns : -columns;
}

/** Move the cursor; the inspector follows it, and so does the selection if it is being extended. */
function moveTo(view: View, place: number, extendsSelection: boolean): void {
  const { session, cursor } = view;
  const from = cursor.place;
  const to = Math.min(Math.max(0, place), cursor.count - 1);
  if (extendsSelection) addRange(session, from, to);
  focusOn(view, to);
  cursor.anchor = view.tiles.idAt(to);
}
