import { s } from "./dom";
import type { Compass } from "./protocol";

const LENGTHS = [0.01, 0.1, 1, 5, 10, 30, 60, 300];

/** Length of the bar in arcsec: one, unless that would be a dot or wider than the panel. */
export function barLength(arcsecPerPx: number, widthPx: number): number {
  const width = arcsecPerPx * widthPx;
  const fits = (length: number): boolean => length >= width * 0.04 && length <= width * 0.8;
  if (fits(1)) return 1;
  return LENGTHS.find(fits) ?? 1;
}

/** A bar of so many arcsec in the lower left corner, yellow on blue as in the saved figure. */
export function scaleBar(compass: Compass, widthPx: number): SVGSVGElement {
  const length = barLength(compass.arcsec_per_px, widthPx);
  const x1 = 5 + (length / (compass.arcsec_per_px * widthPx)) * 100;
  const line = { x1: 5, x2: x1, y1: 94, y2: 94, "stroke-linecap": "butt" };
  const text = length === 60 || length === 300 ? `${length / 60}\u2032` : `${length}\u2033`;
  return s(
    "svg",
    { class: "cw-overlay", viewBox: "0 0 100 100", role: "img", "aria-label": `bar of ${length} arcsec` },
    s("line", { ...line, stroke: "#0000c8", "stroke-width": 4.2 }),
    s("line", { ...line, stroke: "#ffe600", "stroke-width": 1.6 }),
    s("text", { x: 5, y: 89, class: "cw-overlay-text" }, text),
  );
}

/** Arrows to north and east in the upper right corner. */
export function compassRose(compass: Compass): SVGSVGElement {
  const centre = { x: 82, y: 19 };
  const arrow = ([x, y]: [number, number], reach: number, name: string): SVGElement[] => {
    const tip = { x: centre.x + reach * x, y: centre.y - reach * y };
    const line = { x1: centre.x, y1: centre.y, x2: tip.x, y2: tip.y, "stroke-linecap": "round" };
    return [
      s("line", { ...line, class: "cw-halo", "stroke-width": 4 }),
      s("line", { ...line, class: "cw-needle", "stroke-width": 1.8 }),
      s(
        "text",
        {
          x: centre.x + (reach + 6) * x,
          y: centre.y - (reach + 6) * y + 3,
          class: "cw-overlay-text",
          "text-anchor": "middle",
        },
        name,
      ),
    ];
  };
  return s(
    "svg",
    { class: "cw-overlay", viewBox: "0 0 100 100", role: "img", "aria-label": "compass" },
    ...arrow(compass.east, 7, "E"),
    ...arrow(compass.north, 11, "N"),
  );
}
