import { h, hide, setText } from "../dom";

/** An input line for one text. */
export interface Prompt {
  element: HTMLElement;
  /** Ask for a text. Enter accepts it, Esc cancels. */
  ask(what: string, text: string, done: (text: string) => void): void;
  /** Close the line. Returns true if it was open. */
  close(): boolean;
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
    hide(element); // moves the focus to the grid
    if (event.key === "Enter") given(text);
  }, { signal }); // biome-ignore format: listeners read better so
  return {
    element,
    close() {
      const wasOpen = !element.hidden;
      hide(element);
      return wasOpen;
    },
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
