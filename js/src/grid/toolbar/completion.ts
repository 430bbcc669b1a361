import { h, setAttributes } from "../../dom";

/** A completion: a column, with its description. */
export interface Completion {
  text: string;
  about: string;
  /** True for keywords, which are not matched in the middle. */
  isWord?: true;
}

const MOST = 8;

/**
 * A list under a text field with names that begin with the word at the caret, followed by those that contain it.
 * Arrow keys choose, Tab or Enter inserts the chosen one, Escape closes the list.
 */
export function completion(
  field: HTMLInputElement,
  offered: () => readonly Completion[],
  signal: AbortSignal,
): HTMLElement {
  const list = h("ul", { class: "cw-completion", role: "listbox", "aria-label": "Columns", hidden: true });
  list.id = `cw-completion-${Math.random().toString(36).slice(2)}`;
  setAttributes(field, {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  });
  let found: readonly Completion[] = [];
  let chosen = 0;

  const mark = (): void => {
    [...list.children].forEach((one, i) => {
      one.setAttribute("aria-selected", String(i === chosen));
    });
    setAttributes(field, {
      "aria-expanded": String(!list.hidden),
      "aria-activedescendant": list.hidden ? null : list.children[chosen]?.id,
    });
  };
  const close = (): void => {
    list.hidden = true;
    mark();
  };
  const open = (): void => {
    found = matching(wordBefore(field), offered());
    chosen = 0;
    list.hidden = found.length === 0;
    list.replaceChildren(
      ...found.map(({ text, about }, i) =>
        h(
          "li",
          { role: "option", id: `${list.id}-${i}`, "data-place": i },
          h("span", {}, text),
          about === "" ? null : h("span", { class: "cw-completion-about" }, about),
        ),
      ),
    );
    mark();
  };
  const take = (place: number): void => {
    const one = found[place];
    if (one === undefined) return;
    const caret = field.selectionStart ?? field.value.length;
    const start = caret - wordBefore(field).length;
    field.setRangeText(one.text, start, caret, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close(); // do not offer the same completion again
  };

  field.addEventListener("input", open, { signal });
  field.addEventListener("blur", close, { signal });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      mark();
    } else if (event.key === "Tab") take(chosen);
    else if (event.key === "Escape") close();
    else {
      if (event.key === "Enter") close();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { signal }); // biome-ignore format: listeners read better so
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // keep the focus in the field
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-place]") : null;
    if (at !== null) take(Number(at.dataset.place));
  }, { signal }); // biome-ignore format: listeners read better so
  return list;
}

/** The completions of a word, in the order they are offered; none for a complete one. */
export function matching(word: string, offered: readonly Completion[]): Completion[] {
  const small = word.toLowerCase();
  if (small === "" || offered.some((one) => one.text === word)) return [];
  const begins = offered.filter((one) => one.text.toLowerCase().startsWith(small));
  const holds = offered.filter(
    (one) => !one.isWord && !begins.includes(one) && one.text.toLowerCase().includes(small),
  );
  return [...begins, ...holds].slice(0, MOST);
}

/** The part of a name before the caret; empty within quotes. */
function wordBefore(field: HTMLInputElement): string {
  const before = field.value.slice(0, field.selectionStart ?? field.value.length);
  if ((before.match(/['"]/g)?.length ?? 0) % 2 === 1) return "";
  return /(?<![\w.])[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
}
