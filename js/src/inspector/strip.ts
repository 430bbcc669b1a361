import { checkbox, enable, h, onResize, setAttributes, setText } from "../dom";
import { PANELS, type Session } from "../session";
import { epochStage } from "./epoch_stage";
import { type StripCell, stripCell } from "./strip_cell";

/** Width of an epoch with its gap, CSS pixels: with all panels in a column, and with a single one. */
const PITCH = { all: 92, one: 124 };
/** Epochs loaded beyond the visible ones. */
const AHEAD = 6;
/** Assumed width of a strip before layout. */
const USUAL_WIDTH = 900;

/** All exposures of the inspected object in time order; elements are created only near the visible part. */
export interface Strip {
  element: HTMLElement;
  /** Move by this many epochs; returns false if there is no strip. */
  step(by: number): boolean;
}

export function strip(session: Session, signal: AbortSignal): Strip {
  const { epochs } = session;
  const small = (text: string, title: string, testid: string): HTMLButtonElement =>
    h(
      "button",
      { type: "button", class: "cw-small", title, "aria-label": title, "data-testid": testid },
      text,
    );
  const fold = h(
    "button",
    { type: "button", class: "cw-strip-fold", "data-testid": "epochs-fold" },
    "Epochs",
  );
  const count = h("span", { class: "cw-hint", "aria-live": "polite", "data-testid": "epochs-count" });
  const earlier = small("\u2039", "Previous epoch ([)", "epoch-previous");
  const later = small("\u203a", "Next epoch (])", "epoch-next");
  const panel = h(
    "select",
    {
      "aria-label": "Panels of the epochs",
      title: `Panels of each epoch; from the top: ${PANELS.join(", ")}`,
      "data-testid": "epochs-panel",
    },
    h("option", { value: "" }, "all panels"),
    ...PANELS.map((name) => h("option", { value: name }, name)),
  );
  const { box: same, label: sameLabel } = checkbox(
    "same limits",
    "epochs-same",
    "On: all epochs share the limits of the one inspected first; off: each has its own",
  );
  const { box: motion, label: motionLabel } = checkbox(
    "motion up",
    "epochs-motion",
    "The direction from the previous epoch to the next is up; else north (N up) or as on the detector",
  );
  /** Inspect an epoch that is a row of the table; any other epoch is only enlarged. */
  const choose = (place: number): void => {
    const epoch = epochs.list?.[place];
    if (epoch === undefined) return;
    const source = epoch.in_table ? epoch.source : null;
    if (source !== null) session.inspect(source);
    epochs.choose(place, source !== null);
  };
  const stage = epochStage(session, choose, signal);
  const controls = h(
    "span",
    { class: "cw-strip-controls" },
    earlier,
    stage.play,
    later,
    panel,
    sameLabel,
    motionLabel,
  );
  const track = h("div", { class: "cw-strip-track" });
  const scroller = h(
    "div",
    {
      class: "cw-strip-scroller",
      tabindex: 0,
      role: "listbox",
      "aria-label": "Epochs; arrow keys go from one to the next",
      "aria-orientation": "horizontal",
      "data-testid": "epochs",
    },
    track,
  );
  const element = h(
    "section",
    { class: "cw-strip", "aria-label": "Epochs" },
    h("div", { class: "cw-strip-head" }, fold, count, controls),
    stage.element,
    scroller,
  );
  const cells = new Map<number, StripCell>();
  const spare: StripCell[] = [];
  let broughtIntoSight = "";
  let frame = 0;

  const pitch = (): number => (epochs.panel === "" ? PITCH.all : PITCH.one);

  /** Create cells for the epochs in and near view, and request their cutouts. */
  const layOut = (): void => {
    const list = epochs.list ?? [];
    if (scroller.hidden) return;
    const width = scroller.clientWidth || USUAL_WIDTH;
    const step = pitch();
    const seen = [scroller.scrollLeft / step, (scroller.scrollLeft + width) / step].map(Math.floor);
    const first = Math.max(0, (seen[0] ?? 0) - AHEAD);
    const last = Math.min(list.length - 1, (seen[1] ?? 0) + AHEAD);
    for (const [place, cell] of cells) {
      if (place >= first && place <= last) continue;
      cells.delete(place);
      cell.element.remove();
      spare.push(cell);
    }
    const places = Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k);
    for (const place of places) {
      const epoch = list[place];
      if (epoch === undefined) continue;
      let cell = cells.get(place);
      if (cell === undefined) {
        cell = spare.pop() ?? stripCell(session);
        cells.set(place, cell);
        track.append(cell.element);
        cell.element.style.left = `${place * step}px`;
      }
      cell.show(place, epoch, epochs.tileAt(place), place === epochs.current);
    }
    const isSeen = (place: number): number => Number(place < (seen[0] ?? 0) || place > (seen[1] ?? 0));
    epochs.want([...places].sort((a, b) => isSeen(a) - isSeen(b)));
  };

  /** Scroll the current epoch into view, once for each. */
  const bringIntoSight = (): void => {
    const { current, list } = epochs;
    const key = `${list?.length} ${current} ${epochs.panel}`;
    if (current === null || key === broughtIntoSight) return;
    broughtIntoSight = key;
    const [left, step, width] = [current * pitch(), pitch(), scroller.clientWidth || USUAL_WIDTH];
    if (left < scroller.scrollLeft || left + step > scroller.scrollLeft + width)
      scroller.scrollLeft = Math.max(0, left - (width - step) / 2);
  };

  const refresh = (): void => {
    const { list, isOpen, current, reason } = epochs;
    const isInspecting = session.inspected !== null && session.connected;
    element.hidden = !isInspecting || session.isFile;
    setAttributes(fold, { "aria-expanded": String(isOpen) });
    const many = (list?.length ?? 0) > 1;
    controls.hidden = scroller.hidden = !isOpen || !many;
    setText(count, isOpen ? wordsOn(list, current, reason) : "");
    panel.value = epochs.panel;
    same.checked = epochs.sameLimits;
    motion.checked = epochs.motionUp;
    motionLabel.hidden = !(list?.some((one) => one.motion !== null) ?? false);
    element.dataset.panels = epochs.panel === "" ? "all" : epochs.panel;
    enable(earlier, current === null || current > 0);
    enable(later, current === null || current < (list?.length ?? 0) - 1);
    stage.refresh();
    if (!many) {
      for (const cell of cells.values()) cell.element.remove();
      cells.clear();
      broughtIntoSight = "";
      return;
    }
    track.style.width = `${(list?.length ?? 0) * pitch()}px`;
    for (const [place, cell] of cells) cell.element.style.left = `${place * pitch()}px`;
    bringIntoSight();
    layOut();
  };

  const step = (by: number): boolean => {
    const { list, current } = epochs;
    if (list === null || list.length < 2 || scroller.hidden) return false;
    const from = current ?? (by > 0 ? -1 : list.length);
    choose(Math.min(Math.max(0, from + by), list.length - 1));
    return true;
  };

  fold.addEventListener("click", () => epochs.setOpen(!epochs.isOpen), { signal });
  earlier.addEventListener("click", () => step(-1), { signal });
  later.addEventListener("click", () => step(1), { signal });
  panel.addEventListener("change", () => epochs.setPanel(panel.value), { signal });
  motion.addEventListener("change", () => epochs.setMotionUp(motion.checked), { signal });
  same.addEventListener("change", () => epochs.setSameLimits(same.checked), { signal });
  scroller.addEventListener("scroll", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(layOut);
  }, { signal, passive: true }); // biome-ignore format: listeners read better so
  scroller.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-epoch]") : null;
    if (at !== null) choose(Number(at.dataset.epoch));
  }, { signal }); // biome-ignore format: listeners read better so
  scroller.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[event.key];
    if (by === undefined || !step(by)) return;
    event.preventDefault();
    event.stopPropagation(); // do not move the tiles' cursor
  }, { signal }); // biome-ignore format: listeners read better so
  signal.addEventListener("abort", () => cancelAnimationFrame(frame), { once: true });

  const follow = (): void => {
    const { inspected } = session;
    // The panels of the source are loaded first.
    if (!session.isFile && (inspected === null || inspected.answer !== null))
      epochs.follow(inspected?.id ?? null);
    refresh();
  };
  const redraw = (): void => {
    for (const cell of cells.values()) cell.redraw();
  };
  session.subscribe(["inspector", "epochs", "link"], follow, signal);
  session.subscribe(["page"], refresh, signal);
  session.subscribe(["colours", "orientation"], redraw, signal);
  onResize([scroller], () => layOut(), signal);
  follow();
  return { element, step };
}

/** The number of epochs, and which one is current. */
function wordsOn(list: Session["epochs"]["list"], current: number | null, reason: string): string {
  if (reason !== "") return `No epochs: ${reason}.`;
  if (list === null) return "Looking for other epochs.";
  if (list.length < 2) return "No other epoch is known.";
  const empty = list.filter((one) => one.source === null).length;
  const without = empty === 0 ? "" : `, ${empty} without a detection`;
  return `${current === null ? "" : `${current + 1} of `}${list.length}${without}`;
}
