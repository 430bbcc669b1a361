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
      if (event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ")) {
        event.stopPropagation();
        return;
      }
      if (act(event, session, hooks)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { signal },
  );
}

function act(event: KeyboardEvent, session: Session, hooks: Hooks): boolean {
  const { key } = event;
  const step = stepOf(key, hooks.columns());
  if (step !== 0) {
    move(step, event.shiftKey, session, hooks);
    return true;
  }
  const id = hooks.idAt(hooks.current());
  const chosen = session.get("selected");
  const labelled = chosen.length > 0 ? chosen : id === null ? [] : [id];
  if (/^[1-9]$/.test(key)) {
    const label = session.get("choices").labels[Number(key) - 1];
    if (label !== undefined) session.label(labelled, label);
    return true;
  }
  switch (key) {
    case "0":
      session.label(labelled, null);
      return true;
    case "u":
      session.undo();
      return true;
    case "n":
    case "PageDown":
      session.turn({ page: session.wanted.page + 1 });
      return true;
    case "p":
    case "PageUp":
      session.turn({ page: session.wanted.page - 1 });
      return true;
    case " ":
      if (id !== null) hooks.toggle(id);
      return true;
    case "Enter":
      if (id !== null) session.inspect(id);
      return true;
    case "Escape":
      if (session.inspected !== null) session.inspect(null);
      else session.select([]);
      return true;
    case "i":
      session.invert();
      return true;
    case "?":
      hooks.toggleHelp();
      return true;
    case "m":
      hooks.toggleMask();
      return true;
    case "z": {
      const looks = session.get("choices").looks.map((one) => one.name);
      const next = looks[(looks.indexOf(session.wanted.look) + 1) % looks.length];
      if (next !== undefined) session.turn({ look: next });
      return true;
    }
    default:
      return false;
  }
}

function stepOf(key: string, columns: number): number {
  if (key === "ArrowRight" || key === "l") return 1;
  if (key === "ArrowLeft" || key === "h") return -1;
  if (key === "ArrowDown" || key === "j") return columns;
  if (key === "ArrowUp" || key === "k") return -columns;
  return 0;
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
