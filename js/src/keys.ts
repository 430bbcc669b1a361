import type { Session } from "./state";

/** What the keys act on. */
export interface Hooks {
  columns(): number;
  current(): number;
  count(): number;
  idAt(place: number): string | null;
  goTo(place: number): void;
  toggle(id: string): void;
  toggleMask(): void;
  toggleHelp(): void;
  blink(): void;
  /** Stop or close one thing, the newest first. */
  escape(): void;
}

/** What there must be for a key to do anything: a journal of labels, or a kernel, which a saved page never had. */
export type Need = "labels" | "kernel";

/** One line of the help, and what it promises. */
interface Binding {
  /** Values of `KeyboardEvent.key`, letters as small ones. */
  keys: readonly string[];
  /** The keys and what they do, in words. */
  shown: string;
  what: string;
  /** Held down it acts again and again. */
  repeats?: true;
  needs?: Need;
  act(session: Session, hooks: Hooks, event: KeyboardEvent): void;
}

const BINDINGS: readonly Binding[] = [
  {
    keys: ["arrowleft", "arrowright", "arrowup", "arrowdown", "h", "j", "k", "l"],
    shown: "\u2190 \u2192 \u2191 \u2193 or h l k j",
    what: "move; with Shift select on the way",
    repeats: true,
    act: (session, hooks, event) =>
      move(stepOf(keyOf(event), hooks.columns()), event.shiftKey, session, hooks),
  },
  {
    keys: [" "],
    shown: "Space",
    what: "select or not",
    act: (_, hooks) => withCurrent(hooks, (id) => hooks.toggle(id)),
  },
  {
    keys: ["enter"],
    shown: "Enter",
    what: "inspect",
    needs: "kernel",
    act: (session, hooks) => withCurrent(hooks, (id) => session.inspect(id)),
  },
  {
    keys: ["escape"],
    shown: "Esc",
    what: "stop blinking, reset contrast, close the inspector, select nothing: one at a time",
    act: (_, hooks) => hooks.escape(),
  },
  {
    keys: ["n", "pagedown"],
    shown: "n or PageDown",
    what: "next page",
    repeats: true,
    needs: "kernel",
    act: (session) => session.turn({ page: session.wanted.page + 1 }),
  },
  {
    keys: ["p", "pageup"],
    shown: "p or PageUp",
    what: "previous page",
    repeats: true,
    needs: "kernel",
    act: (session) => session.turn({ page: session.wanted.page - 1 }),
  },
  {
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1 \u2026 9",
    what: "give the label of that number",
    needs: "labels",
    act(session, hooks, event) {
      const label = session.get("choices").labels[Number(event.key) - 1];
      if (label !== undefined) session.label(meant(session, hooks), label);
    },
  },
  {
    keys: ["0"],
    shown: "0",
    what: "take the label away",
    needs: "labels",
    act: (session, hooks) => session.label(meant(session, hooks), null),
  },
  {
    keys: ["u"],
    shown: "u",
    what: "undo the last label",
    needs: "labels",
    act: (session) => session.undo(),
  },
  {
    keys: ["b"],
    shown: "b",
    what: "blink template, science and difference in one place",
    act: (_, hooks) => hooks.blink(),
  },
  {
    keys: ["o"],
    shown: "o",
    what: "north up, east left, or as on the detector",
    act: (session) => session.turnNorthUp(),
  },
  { keys: ["i"], shown: "i", what: "invert dark and bright", act: (session) => session.invert() },
  { keys: ["z"], shown: "z", what: "next look", needs: "kernel", act: nextLook },
  {
    keys: ["m"],
    shown: "m",
    what: "mask in the inspector",
    needs: "kernel",
    act: (_, hooks) => hooks.toggleMask(),
  },
  { keys: ["?"], shown: "?", what: "this help", act: (_, hooks) => hooks.toggleHelp() },
];

/** The keys that do something now, and what. */
export function keysOf(session: Session): readonly { shown: string; what: string }[] {
  return BINDINGS.filter((one) => has(session, one.needs));
}

/** Keys act while the grid has focus and never reach the notebook; fields keep theirs. */
export function keyboard(root: HTMLElement, session: Session, hooks: Hooks, signal: AbortSignal): void {
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.target instanceof Element && event.target.closest("input, select, textarea") !== null) {
        if (event.key === "Escape" && event.target instanceof HTMLElement) root.focus();
        event.stopPropagation();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (scrolls(event)) {
        event.stopPropagation();
        return;
      }
      if (event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ")) {
        event.stopPropagation();
        return;
      }
      const binding = BINDINGS.find((one) => one.keys.includes(keyOf(event)));
      if (binding === undefined) return;
      if (has(session, binding.needs) && (binding.repeats || !event.repeat))
        binding.act(session, hooks, event);
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
}

/** True for a key that moves what is seen of a list which has the focus. */
function scrolls(event: KeyboardEvent): boolean {
  const keys = ["arrowup", "arrowdown", "pageup", "pagedown", "home", "end", " "];
  return event.target instanceof Element && event.target.matches(".cw-scroll") && keys.includes(keyOf(event));
}

function keyOf(event: KeyboardEvent): string {
  return event.key.toLowerCase(); // Shift and Caps Lock make letters large
}

/** True if there is what a key needs. */
export function has(session: Session, need: Need | undefined): boolean {
  if (session.link === "saved") return need === undefined;
  return need !== "labels" || session.get("labelling");
}

function withCurrent(hooks: Hooks, act: (id: string) => void): void {
  const id = hooks.idAt(hooks.current());
  if (id !== null) act(id);
}

/** What a label is given to: what is selected, else where the cursor is. */
function meant(session: Session, hooks: Hooks): string[] {
  const chosen = session.get("selected");
  const id = hooks.idAt(hooks.current());
  return chosen.length > 0 ? chosen : id === null ? [] : [id];
}

function nextLook(session: Session): void {
  const looks = session.get("choices").looks.map((one) => one.name);
  const next = looks[(looks.indexOf(session.wanted.look) + 1) % looks.length];
  if (next !== undefined) session.turn({ look: next });
}

function stepOf(key: string, columns: number): number {
  if (key === "arrowright" || key === "l") return 1;
  if (key === "arrowleft" || key === "h") return -1;
  return key === "arrowdown" || key === "j" ? columns : -columns;
}

function move(step: number, extends_: boolean, session: Session, hooks: Hooks): void {
  const from = hooks.current();
  const to = Math.min(Math.max(0, from + step), hooks.count() - 1);
  if (extends_) {
    const chosen = new Set(session.get("selected"));
    for (let place = Math.min(from, to); place <= Math.max(from, to); place++) {
      const id = hooks.idAt(place);
      if (id !== null) chosen.add(id);
    }
    session.select([...chosen]);
  }
  hooks.goTo(to);
  const id = hooks.idAt(to);
  if (session.inspected !== null && id !== null) session.inspect(id);
}
