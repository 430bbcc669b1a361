import { setAttributes } from "../../dom";

/** A chip or a histogram. */
const ITEM = ".cw-chip, .cw-facet";
const CHOSEN = "[aria-pressed=true], [data-chosen]";

/**
 * Hide what is beyond the first row of a folded box, also from the tab order. Returns the chosen chips among
 * them; those already at the front stay visible, on more rows if necessary.
 */
export function hideBeyond(box: HTMLElement): HTMLElement[] {
  const items = [...box.querySelectorAll<HTMLElement>(ITEM)];
  for (const one of items) one.removeAttribute("data-beyond");
  box.removeAttribute("data-tall");
  const { bottom, height } = box.getBoundingClientRect();
  if (height === 0) return []; // not displayed
  const beyond = items.filter((one) => one.getBoundingClientRect().top >= bottom - 1);
  const chosen = beyond.filter((one) => one.matches(CHOSEN));
  const others = beyond.filter((one) => !chosen.includes(one));
  setAttributes(box, { "data-tall": chosen.length > 0 });
  for (const one of others) one.setAttribute("data-beyond", "");
  return chosen;
}
