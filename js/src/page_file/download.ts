import { h, setText } from "../dom";
import { remembered } from "../session";
import type { Journal } from "./journal";
import type { Stored } from "./stored";

const isName = (value: unknown): value is string => typeof value === "string";

/** A line about the contents of the page and, if sources can be labelled, a button to download the labels. */
export function about(
  stored: Stored,
  journal: Journal,
  canLabel: boolean,
  named: (who: string) => void,
  signal: AbortSignal,
): { element: HTMLElement; refresh(): void } {
  const { first, sources, n_passing, where } = stored;
  const last = first + sources.length;
  const rows = `Rows ${(first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${n_passing.toLocaleString("en")}`;
  const text = h(
    "span",
    {},
    `${rows}${where === null ? "" : ` with ${where}`}. Pixels are rounded to 1/16 of their noise.`,
  );
  const title = h("h2", {}, document.title);
  const element = h(
    "div",
    { class: "cw cw-about", role: "region", "aria-label": "About this page", "data-testid": "about" },
    title,
    text,
  );
  if (!canLabel) return { element, refresh() {} };

  const kept = remembered("who", "", isName);
  const who = h("input", {
    type: "text",
    class: "cw-labeller",
    placeholder: "your name",
    "aria-label": "Your name",
    "data-testid": "labeller",
  });
  const save = h(
    "button",
    { type: "button", class: "cw-small", "data-testid": "download", disabled: true },
    "Download labels",
  );
  const state = h("span", { role: "status", "data-testid": "unsaved" });
  who.value = kept.get();
  named(who.value.trim());
  const refresh = (): void => {
    save.disabled = journal.text === "";
    setText(
      state,
      journal.unsaved === 0
        ? ""
        : "Labels made here are lost when the page is closed unless you download them.",
    );
  };
  who.addEventListener("input", () => {
    named(who.value.trim());
    kept.set(who.value.trim());
  }, { signal }); // biome-ignore format: listeners read better so
  save.addEventListener(
    "click",
    () => {
      const url = URL.createObjectURL(new Blob([journal.text], { type: "application/x-ndjson" }));
      h("a", { href: url, download: "labels.jsonl" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      journal.unsaved = 0;
      refresh();
    },
    { signal },
  );
  window.addEventListener("beforeunload", (event) => { if (journal.unsaved > 0) event.preventDefault(); }, { signal }); // biome-ignore format: listeners read better so
  element.append(who, save, state);
  return { element, refresh };
}
