import { h, hide, setText } from "../dom";

/** A line to type one text into. */
export interface Prompt {
  element: HTMLElement;
  /** Ask for a text. Enter gives it, Esc leaves it. */
  ask(what: string, text: string, done: (text: string) => void): void;
}

export function prompt(signal: AbortSignal): Prompt {
  const field = h("input", {
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    "data-testid": "prompt-field",
  });
  const what = h("span");
  const element = h(
    "div",
    { class: "cw-prompt", "data-testid": "prompt", hidden: true },
    h("label", {}, what, " ", field),
    h("span", { class: "cw-prompt-keys" }, "Enter: accept, Esc: cancel"),
  );
  let given: (text: string) => void = () => {};
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    const text = field.value;
    hide(element); // the grid has the focus then
    if (event.key === "Enter") given(text);
  }, { signal }); // biome-ignore format: listeners read better so
  return {
    element,
    ask(question, text, done) {
      given = done;
      setText(what, question);
      element.hidden = false;
      field.value = text;
      field.focus();
      field.select();
    },
  };
}
