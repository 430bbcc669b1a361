import { h, setAttributes, setText } from "../dom";
import type { Epoch } from "../protocol";
import type { Session } from "../session";
import { stripCell } from "./strip_cell";

/** Duration of each epoch of the movie, ms. */
const FRAME_MS = 500;

/** The current epoch, enlarged: while the epochs play, and if the panels above cannot show it. */
export interface EpochStage {
  /** The large cutouts. */
  element: HTMLElement;
  /** Starts and stops the movie. */
  play: HTMLButtonElement;
  refresh(): void;
}

/**
 * @param choose Inspects an epoch if it is a row of the table; called where the movie stops.
 */
export function epochStage(
  session: Session,
  choose: (place: number) => void,
  signal: AbortSignal,
): EpochStage {
  const { epochs } = session;
  const cell = stripCell(session);
  // It is not one of the options of the list below.
  setAttributes(cell.element, { role: "img", "data-testid": "epoch-shown" });
  const element = h("div", { class: "cw-strip-stage", "data-testid": "epoch-stage" }, cell.element);
  const play = h("button", { type: "button", class: "cw-small", "data-testid": "epochs-play" });
  let timer: ReturnType<typeof setInterval> | null = null;

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  /** Show the next epoch if its cutouts are there; at the end, begin again. */
  const advance = (): void => {
    const { list, current, isOpen, reason } = epochs;
    if (list === null || list.length < 2 || !isOpen || reason !== "") {
      stop();
      refresh();
      return;
    }
    if (document.hidden) return;
    const next = ((current ?? -1) + 1) % list.length;
    if (next === 0 || epochs.tileAt(next) !== undefined) epochs.choose(next);
  };
  const refresh = (): void => {
    const { list, current, isOpen } = epochs;
    const many = isOpen && (list?.length ?? 0) > 1;
    if (!many) stop();
    const epoch = current === null ? undefined : list?.[current];
    element.hidden = !many || epoch === undefined || (timer === null && isInspectable(epoch));
    const isPlaying = timer !== null;
    const words = isPlaying ? "Stop the movie" : "Play the epochs as a movie";
    setText(play, isPlaying ? "\u25a0" : "\u25b6");
    setAttributes(play, { title: words, "aria-label": words, "aria-pressed": String(isPlaying) });
    if (element.hidden || epoch === undefined || current === null) return;
    cell.show(current, epoch, epochs.tileAt(current), true);
    cell.element.removeAttribute("aria-selected");
  };

  play.addEventListener("click", () => {
    if (timer === null) timer = setInterval(advance, FRAME_MS);
    else {
      stop();
      if (epochs.current !== null) choose(epochs.current);
    }
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  session.subscribe(["colours", "orientation"], cell.redraw, signal);
  signal.addEventListener("abort", stop, { once: true });
  return { element, play, refresh };
}

/** True if the inspector's panels can show an epoch. */
function isInspectable(epoch: Epoch): boolean {
  return epoch.in_table && epoch.source !== null;
}
