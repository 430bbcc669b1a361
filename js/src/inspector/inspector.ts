import { h, hide } from "../dom";
import type { Part, Session } from "../session";
import { columns } from "./columns";
import { header } from "./header";
import { masks } from "./masks";
import { type InspectorPanels, inspectorPanels } from "./panels";
import { problems } from "./problems";
import { InspectorState } from "./state";
import { type Tab, tabs } from "./tabs";

/** Everything about one source: panels with a read-out, all columns, problems in words. */
export interface Inspector {
  element: HTMLElement;
  panels: InspectorPanels;
  toggleMask(): void;
}

/** Above the panels. */
const TOP: readonly Part[] = [header, problems];
/** Sheets beside the panels, or below them where the inspector is narrow. */
const SIDE: readonly Tab<InspectorState>[] = [{ name: "columns", title: "Columns", part: columns }];

export function inspector(session: Session, signal: AbortSignal): Inspector {
  const state = new InspectorState();
  const panels = inspectorPanels(session, signal);
  const mask = masks(session, signal);
  const element = h(
    "section",
    { class: "cw-inspector", "aria-label": "Inspector", "data-testid": "inspector", hidden: true },
    ...TOP.map((part) => part(session, signal)),
    h(
      "div",
      { class: "cw-inspector-body" },
      h(
        "div",
        { class: "cw-inspector-left" },
        panels.element,
        panels.readout,
        h("div", { class: "cw-tools" }, mask.element, panels.contrast.element),
      ),
      h("div", { class: "cw-inspector-right" }, tabs(SIDE, session, signal, state)),
    ),
  );

  const refresh = (): void => {
    const now = session.inspected;
    if (now === null) {
      panels.contrast.reset();
      hide(element);
      return;
    }
    element.hidden = false;
    element.dataset.state = now.answer !== null ? "ready" : now.reason === "" ? "waiting" : "failed";
  };
  session.subscribe(["inspector"], refresh, signal);
  refresh();
  return { element, panels, toggleMask: mask.toggle };
}
