import { s, setAttributes, setText } from "../dom";
import type { Compass } from "../protocol";

const LENGTHS = [0.01, 0.1, 1, 5, 10, 30, 60, 300];

/** Size of the compass in units of about a CSS pixel, so that lines and letters have the same size everywhere. */
export type Side = 100 | 150;

/** Length of the scale bar in arcsec: one, unless that would be too short or wider than the panel. */
export function barLength(arcsecPerPx: number, widthPx: number): number {
  const width = arcsecPerPx * widthPx;
  const fits = (length: number): boolean => length >= width * 0.04 && length <= width * 0.8;
  if (fits(1)) return 1;
  return LENGTHS.find(fits) ?? 1;
}

/** A scale bar that follows the zoom. */
export interface ScaleBar {
  element: SVGSVGElement;
  /** Show the scale of a panel of which this many pixels are visible across. */
  show(arcsecPerPx: number, widthPx: number): void;
}

/** A scale bar, its length in arcsec, in the lower left corner, yellow on blue as in the saved figure. */
export function scaleBar(): ScaleBar {
  // Percentages of the panel, while letters and strokes are in CSS pixels: a small panel does not make them smaller.
  const line = { x1: "5%", x2: "95%", y1: "94%", y2: "94%", "stroke-linecap": "butt" };
  const lines = [
    s("line", { ...line, stroke: "#0000c8", "stroke-width": 5 }),
    s("line", { ...line, stroke: "#ffe600", "stroke-width": 2 }),
  ];
  const words = s("text", { x: "5%", y: "89%", class: "cw-overlay-text" });
  const element = s("svg", { class: "cw-overlay cw-scale", role: "img" }, ...lines, words);
  return {
    element,
    show(arcsecPerPx, widthPx) {
      const length = barLength(arcsecPerPx, widthPx);
      // One dash of a line that stays: the area of the drawing does not change, nor do the browser's layers.
      const dash = `${(length / (arcsecPerPx * widthPx)) * 100}% 200%`;
      for (const one of lines) setAttributes(one, { "stroke-dasharray": dash });
      setText(words, length >= 60 ? `${length / 60}\u2032` : `${length}\u2033`);
      setAttributes(element, { "aria-label": `bar of ${length} arcsec` });
    },
  };
}

/** Arrows to north and east in the upper right corner, entirely inside the panel. */
export function compassRose(compass: Compass, side: Side): SVGSVGElement {
  const arms = [
    { name: "E", to: compass.east, reach: 9 },
    { name: "N", to: compass.north, reach: 13 },
  ];
  const ends = arms.map(({ to: [x, y], reach }) => ({ x: (reach + 6) * x, y: -(reach + 6) * y }));
  const right = Math.max(0, ...ends.map((end) => end.x)) + 6;
  const top = Math.min(0, ...ends.map((end) => end.y)) - 7;
  const centre = { x: side - right, y: -top };
  return s(
    "svg",
    { class: "cw-overlay cw-compass", viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": "compass" },
    ...arms.flatMap(({ to: [x, y], reach }) => {
      const line = { x1: centre.x, y1: centre.y, x2: centre.x + reach * x, y2: centre.y - reach * y };
      return [
        s("line", { ...line, class: "cw-halo", "stroke-width": 4 }),
        s("line", { ...line, class: "cw-needle", "stroke-width": 1.8 }),
      ];
    }),
    ...arms.map(({ name, to: [x, y], reach }) =>
      s(
        "text",
        {
          x: centre.x + (reach + 6) * x,
          y: centre.y - (reach + 6) * y + 3.2,
          class: "cw-overlay-text",
          "text-anchor": "middle",
        },
        name,
      ),
    ),
  );
}

/** The outlines of a footprint (`[x, y, x, y, ...]` in parent pixels) over a panel, highest row first. */
export function footprintOutline(
  outlines: readonly (readonly number[])[],
  corner: { x0: number; y0: number },
  shape: readonly [number, number],
): SVGSVGElement {
  const [ny, nx] = shape;
  const path = outlines
    .map((line) => {
      const points = Array.from({ length: line.length / 2 }, (_, k) => {
        const x = (line[2 * k] ?? 0) - corner.x0 + 0.5;
        const y = ny - ((line[2 * k + 1] ?? 0) - corner.y0 + 0.5);
        return `${x} ${y}`;
      });
      return `M${points.join("L")}Z`;
    })
    .join("");
  return s(
    "svg",
    { class: "cw-overlay", viewBox: `0 0 ${nx} ${ny}`, role: "img", "aria-label": "footprint" },
    s("path", { class: "cw-outline", d: path, "data-testid": "footprint" }),
  );
}
