import { h, hide, setAttributes } from "../dom";
import type { Part, Session } from "../session";
import { columns } from "./columns";
import { header } from "./header";
import { lightCurve } from "./light_curve";
import { limits } from "./limits";
import { measure } from "./measure";
import { overlaySwitches } from "./overlay_switches";
import { type InspectorPanels, inspectorPanels } from "./panels";
import { problems } from "./problems";
import { readout } from "./readout";
import { InspectorState } from "./state";
import { strip } from "./strip";
import { type Tab, tabs } from "./tabs";
import { viewBar } from "./view_bar";

/** Everything about one source: panels with a read-out, all columns, problems. */
export interface Inspector {
  element: HTMLElement;
  panels: InspectorPanels;
  /** Focus the science panel, else the first that has pixels: arrow keys then move the pixel cursor. */
  focusPanel(): void;
  /** Move by this many epochs of the object; returns false if there is no strip. */
  stepEpoch(by: number): boolean;
  /** Right ascension and declination under the pixel cursor in degrees, as text; null if there is none. */
  position(): string | null;
}

/** Above the panels. */
const TOP: readonly Part[] = [header, problems];
/** Tabs beside the panels, or below them if the inspector is narrow. */
const SIDE: readonly Tab<InspectorState>[] = [
  { name: "columns", title: "Columns", part: columns },
  { name: "curve", title: "Light curve", part: lightCurve },
  { name: "limits", title: "Limits", part: limits },
  { name: "measure", title: "Measure", part: measure },
];

export function inspector(session: Session, signal: AbortSignal): Inspector {
  const state = new InspectorState();
  const line = readout(state, signal);
  const side = tabs(SIDE, session, signal, state, () => state.notify("tabs"));
  const panels = inspectorPanels(session, state, signal);
  const epochs = strip(session, signal);
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
        viewBar(session, state, signal),
        panels.element,
        panels.contrast.element,
        line.element,
        overlaySwitches(session, signal),
        epochs.element,
      ),
      h("div", { class: "cw-inspector-right" }, side),
    ),
  );

  const refresh = (): void => {
    const now = session.inspected;
    if (now === null) {
      panels.contrast.reset();
      state.fit();
      hide(element);
      return;
    }
    element.hidden = false;
    element.dataset.state = now.answer !== null ? "ready" : now.reason === "" ? "waiting" : "failed";
  };
  session.subscribe(["inspector"], refresh, signal);
  state.subscribe(["tool"], () => setAttributes(element, { "data-tool": state.tool }), signal);
  refresh();
  return {
    element,
    panels,
    focusPanel() {
      const frames = [...panels.element.querySelectorAll<HTMLElement>("[data-pixels=ready] .cw-frame")];
      const science = frames.find((one) => one.closest("[data-panel=science]") !== null);
      (science ?? frames[0])?.focus({ preventScroll: true });
    },
    stepEpoch: (by) => epochs.step(by),
    position: () => line.position(),
  };
}
