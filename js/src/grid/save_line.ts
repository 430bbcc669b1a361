import { h, hide, setAttributes, setBreakableText, setText } from "../dom";
import type { Part } from "../session";
import { button } from "./toolbar/controls";
import { keepFocus } from "./tools";

/** The progress of saving, with a button to stop it; then where the files are, or what went wrong. */
export const saveLine: Part = (session, signal) => {
  const sign = h("span", { class: "cw-save-sign", "aria-hidden": "true" });
  const words = h("span", { "data-testid": "save-line", role: "status" });
  const bar = h("progress", { class: "cw-save-bar", "aria-label": "Saving", max: 1, value: 0 });
  const cancel = button("cancel", "Stop saving; files already written are kept", "cancel-save");
  const dismiss = button("\u00d7", "Dismiss this message", "dismiss-save");
  const element = h(
    "div",
    { class: "cw-save", role: "group", "aria-label": "Saving", hidden: true },
    sign,
    bar,
    words,
    cancel,
    dismiss,
  );
  cancel.addEventListener("click", () => session.saving.cancel(), { signal });
  dismiss.addEventListener("click", () => session.saving.dismiss(), { signal });
  keepFocus(element, signal);

  const refresh = (): void => {
    const { progress, ending } = session.saving;
    const isBusy = progress !== null;
    if (!isBusy && ending === null) hide(element);
    else element.hidden = false;
    bar.hidden = !isBusy;
    if (isBusy) hide(dismiss);
    else hide(cancel);
    (isBusy ? cancel : dismiss).hidden = false;
    setAttributes(element, { "data-kind": isBusy ? "busy" : ending?.kind });
    setText(sign, isBusy ? "" : ending?.kind === "done" ? "\u2713" : "\u26a0");
    if (progress !== null) {
      const { nDone, nAll, folder } = progress;
      setAttributes(bar, { max: Math.max(1, nAll), value: nDone });
      setBreakableText(
        words,
        `saving ${nDone.toLocaleString("en")} of ${nAll.toLocaleString("en")} to ${folder}`,
      );
    } else setBreakableText(words, ending?.text ?? "");
  };
  session.subscribe(["saving"], refresh, signal);
  refresh();
  return element;
};
