import { focusedIn, h, onResize, setAttributes } from "../dom";
import type { Session } from "../session";
import type { Cursor } from "./cursor";
import { extendTo, toggleSelected } from "./selecting";
import { type TileView, tile } from "./tile";
import { firstOfTheirKind } from "./tile/once";

/** The tiles of the current page. */
export interface Tiles {
  element: HTMLElement;
  /** The number of columns. */
  columns(): number;
  idAt(place: number): string | null;
  /** The element at a position, if there is one. */
  elementAt(place: number): HTMLElement | undefined;
  /** Flash the tiles of some sources, if they are on the page. */
  flash(ids: readonly string[]): void;
  /** Move the cursor and scroll its tile into view. */
  goTo(place: number): void;
  /** Blink the tile at the cursor, or none if the frame is null. Returns how many panels can blink. */
  blink(frame: number | null): number;
}

export function tiles(session: Session, cursor: Cursor, signal: AbortSignal): Tiles {
  const name = `cw-${Math.random().toString(36).slice(2)}`;
  const element = h("div", {
    class: "cw-tiles",
    role: "grid", // each tile is a row of cells, so that screen readers also read its buttons
    "aria-multiselectable": "true",
    "aria-label": "Sources",
    "data-testid": "tiles",
  });
  const shown: TileView[] = [];
  let frame = 0;
  signal.addEventListener("abort", () => cancelAnimationFrame(frame), { once: true });

  const mark = (): void => {
    const selected = new Set(session.selection.here());
    setAttributes(element, { "data-selecting": session.selection.count > 0 });
    shown.forEach((one, place) => {
      const id = one.id();
      one.mark({
        selected: selected.has(id),
        current: place === cursor.place,
        inspected: session.inspected?.id === id,
        journal: session.journalOf(id),
        saved: session.labels.isSaved(id),
      });
    });
  };

  /** Keep the focus of a button in the tile of the cursor, on the same button if that tile has it. */
  const takeAlong = (focused: HTMLElement | null): void => {
    const here = shown[cursor.place]?.element;
    if (focused === null || (here !== undefined && focusedIn(here) === focused)) return;
    const buttons = [...(here?.querySelectorAll("button") ?? [])];
    const alike = buttons.find((one) => one.dataset.badge === focused.dataset.badge) ?? buttons[0];
    (alike ?? element.closest<HTMLElement>("[tabindex]"))?.focus({ preventScroll: true });
  };

  const showPage = (): void => {
    const { page } = session;
    const focused = focusedIn(element);
    const loaded = page?.tiles ?? [];
    while (shown.length > loaded.length) shown.pop()?.remove();
    const drawings = firstOfTheirKind(loaded);
    const before = (page?.target.page ?? 0) * (page?.target.page_size ?? 0);
    loaded.forEach((source, place) => {
      let one = shown[place];
      if (one === undefined) {
        one = tile(session, place, `${name}-${place}`, signal);
        shown.push(one);
        element.append(one.element);
      }
      one.show(source, page?.target.look ?? "");
      const { compass, bar } = drawings[place] ?? { compass: true, bar: true };
      setAttributes(one.element, {
        "data-compass": compass,
        "data-bar": bar,
        "aria-rowindex": before + place + 1,
      });
    });
    setAttributes(element, {
      "aria-rowcount": session.nRows,
      "data-plain": loaded.every(({ tile }) => tile.badges.length === 0),
    });
    cursor.setCount(shown.length);
    mark();
    takeAlong(focused);
  };

  element.addEventListener("mousedown", (event) => {
    if (event.shiftKey) event.preventDefault(); // Shift selects tiles, not text
  }, { signal }); // biome-ignore format: listeners read better so
  element.addEventListener("focusin", ({ target }) => {
    const at = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
    if (at !== null && Number(at.dataset.place) !== cursor.place) cursor.moveTo(Number(at.dataset.place));
  }, { signal }); // biome-ignore format: listeners read better so
  element.addEventListener(
    "click",
    (event) => {
      const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-place]") : null;
      if (at === null || hasSelectedText(at)) return;
      const place = Number(at.dataset.place);
      const id = shown[place]?.id() ?? "";
      if (event.shiftKey) extendTo(session, cursor, place);
      else cursor.anchor = id;
      cursor.moveTo(place);
      if (event.shiftKey) return;
      if (event.ctrlKey || event.metaKey || isOnBox(event.target)) toggleSelected(session, id);
      else if (!isOnText(event.target)) session.inspect(session.inspected?.id === id ? null : id);
    },
    { signal },
  );

  // All headers are equally wide: one measurement in place of a container query for each tile.
  const tellWidth = (): void => {
    const width = element.querySelector(".cw-head")?.clientWidth ?? 0;
    if (width > 0) setAttributes(element, { "data-under": WIDTHS.filter((one) => width < one).join(" ") });
  };
  onResize([element], tellWidth, signal);
  const turn = (): void => setAttributes(element, { "data-turned": session.northUp });
  session.subscribe(["orientation"], turn, signal);
  turn();
  session.subscribe(["page"], showPage, signal);
  session.subscribe(["selection", "labels", "inspector"], mark, signal);
  cursor.onMove(() => {
    mark();
    takeAlong(focusedIn(element));
  });
  showPage();
  return {
    element,
    columns: () => columnsOf(shown),
    idAt: (place) => shown[place]?.id() ?? null,
    elementAt: (place) => shown[place]?.element,
    flash(ids) {
      for (const one of shown) if (ids.includes(one.id())) flash(one.element);
    },
    goTo(place) {
      cursor.moveTo(place);
      // With the next frame: now it would lay the page out while it is still being changed.
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => shown[cursor.place]?.element.scrollIntoView({ block: "nearest" }));
    },
    blink(frame) {
      const counts = shown.map((one, place) => one.blink(place === cursor.place ? frame : null));
      return counts[cursor.place] ?? 0;
    },
  };
}

/** Widths of a tile's header in CSS pixels; under each of them it shows less. */
const WIDTHS = [280, 200, 120];

/** Flash an element once, restarting its animation if necessary. */
function flash(element: HTMLElement): void {
  element.removeAttribute("data-flash");
  void element.offsetWidth;
  setAttributes(element, { "data-flash": true });
  element.addEventListener("animationend", () => element.removeAttribute("data-flash"), { once: true });
}

/** True if text inside an element is selected: the click is then the end of a drag. */
function hasSelectedText(element: HTMLElement): boolean {
  const selection = window.getSelection();
  return selection?.type === "Range" && element.contains(selection.anchorNode);
}

/** True for the box that selects a source. */
function isOnBox(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".cw-box") !== null;
}

/** True for the id, which a double click selects; opening the inspector would move it. */
function isOnText(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".cw-id") !== null;
}

function columnsOf(shown: readonly TileView[]): number {
  const top = shown[0]?.element.offsetTop;
  const second = shown.findIndex((one) => one.element.offsetTop !== top);
  return second === -1 ? Math.max(1, shown.length) : second;
}
