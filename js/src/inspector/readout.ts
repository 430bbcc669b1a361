import { h, setText } from "../dom";
import type { PanelName } from "../protocol";
import { PANELS } from "../session";
import { degrees, hours, value } from "./numbers";
import { type InspectedPanel, samePlace } from "./panel";

/** The line under the panels: pixel and sky position of the pointer, pixel values and mask planes there. */
export interface Readout {
  element: HTMLElement;
  show(panels: Partial<Record<PanelName, InspectedPanel>>, x: number, y: number, at: PanelName): void;
  clear(): void;
}

const IDLE = "Point at a panel to read its pixels; drag with the right button for contrast and bias.";

export function readout(): Readout {
  const place = h("span", { class: "cw-readout-place", "data-testid": "readout-place" }, IDLE);
  const values = h("span", { class: "cw-readout-values", "data-testid": "readout-values" });
  const sky = h("span", { class: "cw-readout-sky", "data-testid": "readout-sky" });
  const mask = h("span", { class: "cw-readout-mask", "data-testid": "readout-mask" });
  const element = h("div", { class: "cw-readout", "data-testid": "readout" }, place, sky, values, mask);
  return {
    element,
    clear() {
      setText(place, IDLE);
      for (const one of [values, sky, mask]) setText(one, "");
    },
    show(panels, x, y, at) {
      const here = panels[at];
      if (here === undefined) return;
      const [column, row] = [Math.round(x), Math.round(y)];
      setText(place, `x ${column}  y ${row}  (0-based parent pixels)`);
      const unit = here.about.unit;
      values.replaceChildren(
        ...PANELS.flatMap((name) => {
          const panel = panels[name];
          if (panel === undefined) return [];
          const there = samePlace(here, panel, x, y);
          const number = panel.at(Math.round(there.x), Math.round(there.y));
          const text = number === null ? "outside" : value(number);
          return [h("span", { "data-panel": name }, `${name} `, h("b", {}, text), panel.about.unit === unit ? "" : ` ${panel.about.unit ?? ""}`)];
        }),
        ...(unit === null ? [] : [h("span", {}, unit)]),
      ); // biome-ignore format: a list of parts
      const where = here.sky?.at(x, y);
      setText(
        sky,
        where === undefined
          ? "no WCS"
          : `RA ${where.ra.toFixed(6)}\u00b0  Dec ${where.dec.toFixed(6).replace("-", "\u2212")}\u00b0  (${hours(where.ra)} ${degrees(where.dec)}, ICRS)`,
      );
      const planes = here.planesAt(column, row);
      setText(mask, planes.length > 0 ? `mask: ${planes.join(", ")}` : "");
    },
  };
}
