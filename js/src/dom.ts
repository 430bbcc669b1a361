type Child = Node | string | null | undefined;
type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Make an element. Text children become text nodes: nothing from data is ever read as HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Make an SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set or remove attributes; true means present without a value, false and null mean absent. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Hide an element; if it had the focus, the grid gets it, so keys still work. */
export function hide(element: HTMLElement): void {
  moveFocusOut(element);
  element.hidden = true;
}

/** Enable or disable a control; if it had the focus, the grid gets it, so keys still work. */
export function enable(control: HTMLButtonElement | HTMLInputElement | HTMLSelectElement, on: boolean): void {
  if (!on) moveFocusOut(control);
  control.disabled = !on;
}

/** Give the focus of a control to the grid, so that keys work there. */
export function leave(control: HTMLElement): void {
  moveFocusOut(control);
}

/** Move the focus out of an element to what is around it; browsers would give it to the page. */
function moveFocusOut(element: HTMLElement): void {
  if (element.contains(document.activeElement))
    element.parentElement?.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
}

/** Set the text of an element if it changed. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shorten absolute paths to the file name, so that a sentence fits into a tile. */
export function withoutFolders(text: string): string {
  return text.replace(/(?<![^\s('"])(?:\/[^\s/]+)+\/(?=[^\s/])/g, "\u2026/");
}

/** Set a text with long names, such as those of files: lines break after `/` and `_`. */
export function setBreakableText(element: Element, text: string): void {
  if (element.textContent === text) return;
  const parts = text.split(/(?<=[/_])/);
  element.replaceChildren(...parts.flatMap((part, k) => (k === 0 ? [part] : [h("wbr"), part])));
}

/** A signal that ends when any of several does, as `AbortSignal.any` in newer browsers. */
export function anySignal(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort();
    signal.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  }
  return controller.signal;
}

/** Copy a text to the clipboard; the sentence says what was copied, or that it was not. */
export async function copyText(
  text: string,
  what = text,
): Promise<{ kind: "done" | "refused"; text: string }> {
  try {
    await navigator.clipboard.writeText(text);
    return { kind: "done", text: `copied ${what}` };
  } catch {
    return { kind: "refused", text: "not copied: this page may not use the clipboard" };
  }
}
