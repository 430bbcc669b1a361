import type { Selected } from "../protocol";
import type { View } from "./actions";

/** The default folder. */
const USUAL_FOLDER = "cutouts";

let lastFolder = USUAL_FOLDER;

/** Ask for a folder, and save the selected sources there, or all filtered sources if none is selected. */
export function saveTo(view: View): void {
  const { session } = view;
  const { selection, saving } = session;
  if (saving.progress !== null) {
    session.notices.say("refused", "something is being saved already: wait for it, or cancel it");
    return;
  }
  const isSome = selection.count > 0;
  const wanted: Selected | null = isSome ? selection.value : selection.allOfPage();
  const count = isSome ? selection.count : (session.page?.nRows ?? 0);
  if (wanted === null || count === 0) {
    session.notices.say("refused", "there is nothing to save");
    return;
  }
  const number = count.toLocaleString("en");
  const what = isSome
    ? `the ${number} selected source${count === 1 ? "" : "s"}`
    : `all ${number} sources${session.page?.target.where == null ? "" : " that pass the filter"}`;
  view.prompt.ask(`Save ${what} as PNGs with a manifest, to the folder:`, lastFolder, (typed) => {
    lastFolder = typed.trim() || USUAL_FOLDER;
    void saving.start(wanted, count, lastFolder);
  });
}
