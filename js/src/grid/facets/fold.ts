import { setAttributes } from "../../dom";

/** A chip or a histogram. */
const ITEM = ".cw-chip, .cw-facet";
const CHOSEN = "[aria-pressed=true], [data-chosen]";

/**
 * Take what is beyond the first row of a folded box out of sight and of the order of focus. Returns the chosen ones among
 * them; those that stand at the front already stay in sight, on more rows if they must.
 */
export function hideBeyond(box: HTMLElement): HTMLElement[] {
  const items = [...box.querySelectorAll<HTMLElement>(ITEM)];
  for (const one of items) one.removeAttribute("data-beyond");
  box.removeAttribute("data-tall");
  const { bottom, height } = box.getBoundingClientRect();
  if (height === 0) return []; // not shown, so nothing can be said
  const beyond = items.filter((one) => one.getBoundingClientRect().top >= bottom - 1);
  const chosen = beyond.filter((one) => one.matches(CHOSEN));
  const others = beyond.filter((one) => !chosen.includes(one));
  setAttributes(box, { "data-tall": chosen.length > 0 });
  for (const one of others) one.setAttribute("data-beyond", "");
  return chosen;
}
