import { enable, h, leave, setAttributes, setText } from "../dom";
import type { Part, Session } from "../session";

const LINK_WORDS = {
  live: "",
  silent: "Waiting for the kernel: it is busy, or gone.",
  lost: "Disconnected: there is no kernel behind this picture. Run the cell again to turn pages.",
} as const;

/** A message about the connection, while it is not working. */
export const status: Part = (session, signal) => {
  const element = h("p", { class: "cw-status", role: "status", "data-testid": "status", hidden: true });
  const refresh = (): void => {
    const { link } = session;
    const { unsaved } = session.labels;
    const waiting = `${unsaved === 1 ? "The last label is" : `The last ${unsaved} labels are`} not on disk yet.`;
    setText(element, LINK_WORDS[link] + (link === "silent" && unsaved > 0 ? ` ${waiting}` : ""));
    element.hidden = LINK_WORDS[link] === "";
    element.dataset.link = link;
  };
  session.subscribe(["link", "labels"], refresh, signal);
  refresh();
  return element;
};

/** A message in place of the tiles if there are none, with a button to undo the filter. */
export const empty: Part = (session, signal) => {
  const words = h("span");
  const clear = h("button", { type: "button", class: "cw-tool", "data-testid": "show-all" }, "show all rows");
  const element = h("p", { class: "cw-empty", hidden: true }, words, clear);
  clear.addEventListener("click", () => {
    leave(clear);
    session.setTarget({ where: null, page: 0 });
  }, { signal }); // biome-ignore format: listeners read better so
  const refresh = (): void => {
    const { page } = session;
    const none = page !== null && page.tiles.length === 0;
    setText(
      words,
      none ? (page.target.where === null ? "The table has no rows." : "No row passes the filter.") : "",
    );
    element.hidden = !none;
    clear.hidden = page?.target.where == null;
    enable(clear, session.connected);
  };
  session.subscribe(["page", "link"], refresh, signal);
  refresh();
  return element;
};

/** Tiles of an outdated page fade after this time: a page that arrives sooner does not flicker. */
const FADE_AFTER_MS = 80;

/**
 * Set the state of the session as attributes of the view, for CSS, tests and screen readers. They change with each
 * page: a rule that names one of them for any element below would restyle all tiles.
 */
export function showState(root: HTMLElement, session: Session, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fade = (pending: boolean): void => {
    if (!pending) {
      clearTimeout(timer);
      timer = undefined;
      setAttributes(root, { "data-faded": false });
    } else timer ??= setTimeout(() => setAttributes(root, { "data-faded": true }), FADE_AFTER_MS);
  };
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  const refresh = (): void => {
    const { link, busy, page } = session;
    setAttributes(root, {
      "data-state": link === "lost" ? "disconnected" : page === null ? "loading" : busy ? "busy" : "ready",
      "data-page": page?.target.page,
      "data-wanted": session.wanted.page,
      "data-pending": session.pending,
      "aria-busy": busy,
    });
    fade(session.pending);
  };
  session.subscribe(["page", "controls", "link"], refresh, signal);
  const refreshSaved = (): void => {
    const { unsaved } = session.labels;
    setAttributes(root, { "data-unsaved": unsaved > 0 ? unsaved : null });
  };
  session.subscribe(["labels"], refreshSaved, signal);
  refresh();
}
