import { checkbox, h } from "../dom";
import { footprintSwitch, maskSwitches, planesOf } from "../masks";
import type { InspectAnswer } from "../protocol";
import type { Part } from "../session";
import { onAnswer } from "./answer";
import { hasPixels } from "./panel";

/** Switches for overlays: mask planes with their number of pixels, footprint and neighbours. */
export const overlaySwitches: Part = (session, signal) => {
  const { overlays } = session;
  const masks = maskSwitches(session, signal);
  const footprint = footprintSwitch(session, signal);
  const { box: neighbours, label: neighboursLabel } = checkbox(
    "neighbours",
    "neighbours-switch",
    "Other sources of the table; dots mark those of other exposures",
  );

  const refresh = (): void => {
    neighbours.checked = overlays.shown.neighbours;
  };
  neighbours.addEventListener("change", () => overlays.setShown({ neighbours: neighbours.checked }), {
    signal,
  });

  const offer = (answer: InspectAnswer | null): void => {
    const panels = Object.entries(answer?.panels ?? {}).flatMap(([name, panel]) =>
      hasPixels(panel) ? [{ name, panel }] : [],
    );
    masks.offer(panels.some(({ panel }) => panel.planes.length > 0));
    masks.show(planesOf(panels.map(({ name, panel }) => [name, panel.planes])));
    footprint.offer(panels.some(({ panel }) => panel.outlines.length > 0));
    neighboursLabel.hidden = (answer?.neighbours.length ?? 0) === 0;
  };
  onAnswer(session, { show: offer, clear: () => offer(null) }, signal);
  session.subscribe(["masks"], refresh, signal);
  refresh();
  return h("div", { class: "cw-masks" }, masks.element, footprint.element, neighboursLabel);
};
