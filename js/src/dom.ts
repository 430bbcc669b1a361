type Child = Node | string | null | undefined;
type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Make an element. Text children become text nodes: nothing from data is ever read as HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  assign(element, attributes);
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
  assign(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set or remove attributes; true means present without a value, false and null mean absent. */
export function assign(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Hide an element; keys still act if the focus was in it. */
export function hide(element: HTMLElement): void {
  leave(element);
  element.hidden = true;
}

/** Switch a control on or off; keys still act if it had the focus. */
export function enable(control: HTMLButtonElement | HTMLInputElement | HTMLSelectElement, on: boolean): void {
  if (!on) leave(control);
  control.disabled = !on;
}

/** Give the focus to what is around an element: browsers would give it to the page. */
function leave(element: HTMLElement): void {
  if (element.contains(document.activeElement))
    element.parentElement?.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
}

/** Set the text of an element, touching the page only if it changed. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Leave out the folders of absolute paths: what remains fits into a tile and still names the file. */
export function withoutFolders(text: string): string {
  return text.replace(/(?<![^\s('"])(?:\/[^\s/]+)+\/(?=[^\s/])/g, "\u2026/");
}

/** Set a text with long names in it, such as those of files: lines break after their parts, not anywhere. */
export function sayBreakable(element: Element, text: string): void {
  if (element.textContent === text) return;
  const parts = text.split(/(?<=[/_])/);
  element.replaceChildren(...parts.flatMap((part, k) => (k === 0 ? [part] : [h("wbr"), part])));
}

/** A signal that ends when any of several does; `AbortSignal.any` where there is one. */
export function either(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort();
    signal.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  }
  return controller.signal;
}
