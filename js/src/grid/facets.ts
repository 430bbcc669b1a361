import { h, onResize, setAttributes, setText } from "../dom";
import { isBoolean, type Part, remembered, type Session } from "../session";
import { hideBeyond } from "./facets/fold";
import { groups } from "./facets/groups";
import { button } from "./toolbar/controls";

/**
 * Chips and histograms of the filtered rows. They edit the filter, and show its state. When folded to one row, they
 * are the most common and the chosen ones; a button shows all.
 */
export const facets: Part = (session, signal) => {
  const isOpen = remembered("facets", true, isBoolean);
  const isWhole = remembered("facets-all", false, isBoolean);
  const toggle = button("\u25be", "Hide the filters", "facets-toggle");
  const more = button("", "", "facets-more");
  const word = h("span");
  more.append(word, h("span", { class: "cw-roomy" }, " filters"));
  const chips = h("div", { class: "cw-chips", role: "group", "aria-label": "Filters" });
  const element = h("div", { class: "cw-facets", "data-testid": "facets" }, toggle, chips, more);
  const shown = groups(session, signal);
  chips.id = `cw-filters-${Math.random().toString(36).slice(2)}`;
  for (const one of [toggle, more]) one.setAttribute("aria-controls", chips.id);

  const fill = (): void => {
    if (chips.hidden || isWhole.get()) return;
    // Chosen ones that did not fit move to the front.
    if (shown.lead(hideBeyond(chips)) && session.facets.answer !== null) {
      shown.show(session.facets.answer, chips, true);
      hideBeyond(chips);
    }
  };
  let drawn = "";
  const refresh = (): void => {
    const { answer } = session.facets;
    drawn = filtered(session);
    const open = isOpen.get();
    const whole = isWhole.get();
    setText(toggle, open ? "\u25be" : "\u25b8 Filters");
    toggle.title = open ? "Hide the filters" : "Show counts of flags, labels and numbers to filter by";
    setAttributes(toggle, { "aria-label": open ? toggle.title : null, "aria-expanded": String(open) });
    setText(word, whole ? "fewer" : "more");
    more.title = whole ? "Show the filters on one row" : "Show all flags, labels and ranges";
    setAttributes(more, { "aria-label": null, "aria-expanded": String(whole) });
    more.hidden = !open;
    chips.hidden = !open;
    setAttributes(chips, { "data-folded": !whole });
    setAttributes(element, {
      "data-old":
        answer !== null && (answer.where !== session.wanted.where || session.problem?.field === "where"),
    });
    if (open && answer !== null) shown.show(answer, chips, !whole);
    fill();
  };
  toggle.addEventListener("click", () => {
    isOpen.set(!isOpen.get());
    if (isOpen.get()) session.facets.show();
    else session.facets.hide();
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  more.addEventListener("click", () => {
    isWhole.set(!isWhole.get());
    refresh();
  }, { signal }); // biome-ignore format: listeners read better so
  session.subscribe(["facets", "link"], refresh, signal);
  // Another page of the same rows changes nothing here; to measure the chips again would cost a layout.
  session.subscribe(["controls", "page"], () => filtered(session) !== drawn && refresh(), signal);
  onResize([element], fill, signal);
  if (isOpen.get()) session.facets.show();
  refresh();
  return element;
};

/** Equal while the filter that the chips show is the same. */
function filtered({ wanted, problem }: Session): string {
  return JSON.stringify([wanted.where, problem?.field === "where"]);
}
