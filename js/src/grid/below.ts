import { h } from "../dom";
import { type Part, viewOf } from "../session";
import { button } from "./toolbar/controls";

/** Grids of selected sources, each with a button that closes it. */
export const below: Part = (session, signal) => {
  const element = h("div", { class: "cw-below" });
  const shown = new Map<string, { place: HTMLElement; remove: () => void }>();

  const show = async (id: string, place: HTMLElement): Promise<void> => {
    try {
      const view = await viewOf(session.model, id);
      const mine = shown.get(id);
      if (view === null || mine?.place !== place) return view?.remove();
      mine.remove = () => view.remove();
      place.append(view.el);
    } catch {
      place.append(h("p", { class: "cw-empty" }, "This grid no longer exists; close it."));
    }
  };
  const refresh = (): void => {
    const ids = session.get("below");
    for (const [id, { place, remove }] of shown)
      if (!ids.includes(id)) {
        shown.delete(id);
        remove();
        place.remove();
      }
    for (const id of ids) {
      if (shown.has(id)) continue;
      const close = button("\u00d7", "Close the grid below", "close-below");
      const place = h(
        "section",
        { class: "cw-below-grid", "aria-label": "Grid of selected sources", "data-testid": "below" },
        h(
          "header",
          { class: "cw cw-below-head", "data-lm-suppress-shortcuts": "true" },
          h("span", {}, "Selected sources"),
          close,
        ),
      );
      close.addEventListener("click", () => session.settings.closeBelow(id), { signal });
      shown.set(id, { place, remove: () => {} });
      element.append(place);
      void show(id, place);
    }
  };
  session.subscribe(["below"], refresh, signal);
  signal.addEventListener("abort", () => {
    for (const { remove } of shown.values()) remove();
    shown.clear();
  }, { once: true }); // biome-ignore format: listeners read better so
  refresh();
  return element;
};
