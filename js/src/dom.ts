type Child = Node | string | null | undefined;
type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Create an element. Text children become text nodes, so data are never interpreted as HTML. */
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

/** Create a checkbox in its label. */
export function checkbox(
  words: string,
  testId: string,
  title: string | null = null,
): { box: HTMLInputElement; label: HTMLLabelElement } {
  const box = h("input", { type: "checkbox", "data-testid": testId });
  return { box, label: h("label", { class: "cw-switch", title }, box, words) };
}

const SVG = "http://www.w3.org/2000/svg";

/** Create an SVG element. */
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

/** Set or remove attributes that changed; true means present without a value, false and null mean absent. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const before = element.getAttribute(name);
    if (value === null || value === undefined || value === false) {
      if (before !== null) element.removeAttribute(name);
      continue;
    }
    const now = value === true ? "" : String(value);
    if (before !== now) element.setAttribute(name, now);
  }
}

/** Set the children of an element; those already in place stay, because adding one again costs a new style and layout. */
export function setChildren(element: Element, wanted: readonly Node[]): void {
  const now = element.childNodes;
  for (const one of [...now]) if (!wanted.includes(one)) one.remove();
  wanted.forEach((one, k) => {
    if (now[k] !== one) element.insertBefore(one, now[k] ?? null);
  });
}

/** Create one child per item, reusing existing ones, and update each with its item. */
export function fillWith<T>(
  element: Element,
  items: readonly T[],
  make: (item: T) => Element,
  say: (child: Element, item: T) => void,
): void {
  while (element.children.length > items.length) element.lastElementChild?.remove();
  items.forEach((item, k) => {
    const child = element.children[k];
    if (child === undefined) element.append(make(item));
    else say(child, item);
  });
}

/** Hide an element; if it had the focus, move the focus to the grid, so that keys still work. */
export function hide(element: HTMLElement): void {
  moveFocusOut(element);
  element.hidden = true;
}

/** Enable or disable a control; if it had the focus, move the focus to the grid, so that keys still work. */
export function enable(control: HTMLButtonElement | HTMLInputElement | HTMLSelectElement, on: boolean): void {
  if (!on) moveFocusOut(control);
  control.disabled = !on;
}

/** Move the focus from a control to the grid, so that keys work there. */
export function leave(control: HTMLElement): void {
  moveFocusOut(control);
}

/** The element that has the focus, at or inside another one; null if none has. Works in a shadow root too. */
export function focusedIn(element: Element): HTMLElement | null {
  const root = element.getRootNode();
  const active = root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
  return active instanceof HTMLElement && element.contains(active) ? active : null;
}

/** Move the focus from an element to its container; browsers would move it to the page. */
function moveFocusOut(element: HTMLElement): void {
  if (focusedIn(element) !== null)
    element.parentElement?.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
}

/**
 * Set the text of an element if it changed. A text node is kept, also when it becomes empty: the browser matches
 * the `:has()` rules of the page again whenever a node is added or removed.
 */
export function setText(element: Element, text: string): void {
  const { firstChild } = element;
  if (firstChild instanceof Text && firstChild === element.lastChild) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (element.textContent !== text) element.textContent = text;
}

/** Shorten absolute paths to the file name, so that a message fits into a tile. */
export function withoutFolders(text: string): string {
  return text.replace(/(?<![^\s('"])(?:\/[^\s/]+)+\/(?=[^\s/])/g, "\u2026/");
}

/** Set a text that may contain long file names: lines can break after `/` and `_`. */
export function setBreakableText(element: Element, text: string): void {
  if (element.textContent === text) return;
  const parts = text.split(/(?<=[/_])/);
  element.replaceChildren(...parts.flatMap((part, k) => (k === 0 ? [part] : [h("wbr"), part])));
}

/** Act when the size of an element changes, and once at first. */
export function onResize(elements: readonly Element[], act: () => void, signal: AbortSignal): void {
  if (typeof ResizeObserver === "undefined") return;
  const observer = new ResizeObserver(act);
  for (const one of elements) observer.observe(one);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

/** Act when what has just been drawn is on the screen; at once where nothing is ever painted. Returns how to drop it. */
export function whenPainted(act: () => void): () => void {
  if (typeof requestAnimationFrame === "undefined") {
    act();
    return () => {};
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(act); // a second frame would say it, too, but would delay it
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** A signal that aborts when any of several does, like `AbortSignal.any` in newer browsers. */
export function anySignal(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort();
    signal.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  }
  return controller.signal;
}

/** Copy a text to the clipboard; the returned sentence tells what was copied, or that it failed. */
export async function copyText(
  text: string,
  what = text,
): Promise<{ kind: "done" | "refused"; text: string }> {
  try {
    await navigator.clipboard.writeText(text);
    return { kind: "done", text: `copied ${what}` };
  } catch {
    return { kind: "refused", text: "not copied: the browser does not allow this page to use the clipboard" };
  }
}
