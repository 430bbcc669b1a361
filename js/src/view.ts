import { Blinker } from "./blink";
import { assign, h, say } from "./dom";
import { help } from "./help";
import { inspector } from "./inspector";
import { keyboard } from "./keys";
import type { Session } from "./state";
import { type TileView, tile } from "./tile";
import { toolbar } from "./toolbar";

const LINK_WORDS = {
  live: "",
  silent: "Waiting for the kernel: it is busy, or gone.",
  saved: "",
  lost: "Disconnected: there is no kernel behind this picture. Run the cell again to turn pages.",
} as const;

/** One view of a grid. Several may show one session, each with its own elements. */
export function view(session: Session, signal: AbortSignal): HTMLElement {
  const name = `cw-${Math.random().toString(36).slice(2)}`;
  const status = h("p", { class: "cw-status", role: "status", "data-testid": "status", hidden: true });
  const tiles = h("div", {
    class: "cw-tiles",
    role: "listbox",
    "aria-multiselectable": "true",
    "aria-label": "Sources",
    "data-testid": "tiles",
  });
  const empty = h("p", { class: "cw-empty", hidden: true });
  const large = inspector(session, signal);
  const keys = help(session);
  const spoken = h("p", { class: "cw-spoken", role: "status", "data-testid": "spoken" });
  const root = h(
    "div",
    {
      class: "cw",
      tabindex: 0,
      role: "group", // it has the focus while keys move from tile to tile
      "aria-label": "Cutouts",
      "data-lm-suppress-shortcuts": "true",
      "data-testid": "cutouts",
    },
    toolbar(session, keys.toggle, signal),
    status,
    spoken,
    keys.element,
    large.element,
    tiles,
    empty,
  );
  const places: TileView[] = [];
  let current = 0;

  const mark = (): void => {
    const selected = new Set(session.get("selected"));
    places.forEach((one, place) => {
      const id = one.id();
      one.mark({
        selected: selected.has(id),
        current: place === current,
        inspected: session.inspected?.id === id,
        label: session.labelOf(id),
      });
    });
    assign(root, { "aria-activedescendant": places[current]?.element.id });
    showBlink();
  };

  /** What blinks: the inspector while it is open, else the tile where the cursor is. Tells how many take turns. */
  const showBlink = (): number => {
    const inspects = session.inspected !== null;
    const counts = places.map((one, place) =>
      one.blink(!inspects && place === current ? blinker.frame : null),
    );
    const large_ = large.panels.blink(inspects ? blinker.frame : null);
    return inspects ? large_ : (counts[current] ?? 0);
  };
  const blinker = new Blinker(() => void showBlink(), signal);

  const blink = (): void => {
    const many = showBlink() > 1;
    if (many || blinker.frame !== null) blinker.press();
    assign(root, { "data-by-hand": blinker.byHand });
    if (blinker.frame === null)
      say(spoken, many ? "no longer blinking" : "nothing to blink: fewer than two images");
    else if (!blinker.byHand)
      say(spoken, "template, science and difference blink in one place; b or Esc stops");
  };

  const showPage = (): void => {
    const { page } = session;
    const shots = page?.shots ?? [];
    while (places.length > shots.length) places.pop()?.element.remove();
    shots.forEach((shot, place) => {
      let one = places[place];
      if (one === undefined) {
        one = tile(session, place, `${name}-${place}`);
        places.push(one);
        tiles.append(one.element);
      }
      one.show(shot, page?.target.look ?? "");
    });
    current = Math.min(current, Math.max(0, places.length - 1));
    const none = page !== null && shots.length === 0;
    say(
      empty,
      none ? (page.target.where === null ? "The table has no rows." : "No row passes the filter.") : "",
    );
    empty.hidden = !none;
    mark();
    showState();
  };

  const turn = (): void => {
    for (const one of places) one.reorient();
    say(spoken, session.northUp ? "north up, east left" : "as on the detector");
  };

  const showState = (): void => {
    const { link, busy, page } = session;
    assign(root, {
      "data-state": link === "lost" ? "disconnected" : page === null ? "loading" : busy ? "busy" : "ready",
      "data-page": page?.target.page,
      "data-wanted": session.wanted.page,
      "aria-busy": busy,
    });
    say(status, LINK_WORDS[link]);
    status.hidden = LINK_WORDS[link] === "";
    status.dataset.link = link;
  };

  const goTo = (place: number): void => {
    current = Math.min(Math.max(0, place), places.length - 1);
    mark();
    places[current]?.element.scrollIntoView({ block: "nearest" });
  };

  tiles.addEventListener(
    "click",
    (event) => {
      const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-place]") : null;
      if (at === null || window.getSelection()?.type === "Range") return;
      const place = Number(at.dataset.place);
      const id = places[place]?.id() ?? "";
      current = place;
      if (event.ctrlKey || event.metaKey || event.shiftKey) toggle(id);
      else session.inspect(session.inspected?.id === id ? null : id);
      mark();
    },
    { signal },
  );

  const toggle = (id: string): void => {
    const selected = session.get("selected");
    session.select(selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id]);
  };

  keyboard(root, session, {
    columns: () => columnsOf(places),
    current: () => current,
    idAt: (place) => places[place]?.id() ?? null,
    count: () => places.length,
    goTo,
    toggle,
    toggleMask: () => large.toggleMask(),
    toggleHelp: keys.toggle,
    blink,
    escape() {
      if (blinker.stop() || large.panels.contrast.reset()) return;
      if (session.inspected !== null) session.inspect(null);
      else session.select([]);
    },
  }, signal); // biome-ignore format: a list of hooks

  session.subscribe((topic) => {
    if (topic === "page") showPage();
    else if (topic === "colours") for (const one of places) one.recolour();
    else if (topic === "orientation") turn();
    else if (topic === "inspector") {
      large.refresh();
      mark();
    } else if (topic === "selection" || topic === "labels") mark();
    else showState();
  }, signal);
  showPage();
  large.refresh();
  return root;
}

/** How many tiles stand side by side. */
function columnsOf(places: readonly TileView[]): number {
  const top = places[0]?.element.offsetTop;
  const second = places.findIndex((one) => one.element.offsetTop !== top);
  return second === -1 ? Math.max(1, places.length) : second;
}
