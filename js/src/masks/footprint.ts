import { checkbox } from "../dom";
import type { Session } from "../session";

/** A switch for the outlines of footprints, in the tiles and in the inspector. */
export interface FootprintSwitch {
  element: HTMLElement;
  /** Whether any outline is available. */
  offer(isOffered: boolean): void;
}

export function footprintSwitch(session: Session, signal: AbortSignal): FootprintSwitch {
  const { overlays } = session;
  const { box, label } = checkbox("footprint", "footprint-switch", "Borders of the source's pixels");
  const refresh = (): void => {
    box.checked = overlays.shown.footprint;
  };
  box.addEventListener("change", () => overlays.setShown({ footprint: box.checked }), { signal });
  session.subscribe(["masks"], refresh, signal);
  refresh();
  return {
    element: label,
    offer(isOffered) {
      label.hidden = !isOffered;
    },
  };
}
