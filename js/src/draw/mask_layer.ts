import { h, s } from "../dom";
import type { Plane } from "../protocol";
import { footprintOutline } from "./overlay";

/** How masks are drawn. */
export interface MaskSettings {
  /** Whether masks are drawn. */
  shows: boolean;
  /** Names of hidden planes. */
  off: readonly string[];
  /** Opacity from 0 to 1. */
  opacity: number;
  /** Outlines instead of areas. */
  outline: boolean;
}

/** Bit fields, one number for each pixel. */
export type MaskWords = Uint32Array | Uint16Array | Uint8Array;

/** Overlays of a panel. */
export interface Masked {
  shape: readonly [number, number];
  /** Null where no plane is set, or masks were not sent. */
  mask: MaskWords | null;
  planes: readonly Plane[];
  /** Outlines of the footprint, in pixels whose origin is `x0` and `y0`. */
  outlines: readonly (readonly number[])[];
  x0: number;
  y0: number;
}

/** The mask and the footprint over a panel. */
export interface MaskLayer {
  element: HTMLElement;
  draw(masks: MaskSettings, hasFootprint: boolean): void;
}

/** The mask and the footprint over a panel; they rotate and zoom with the pixels. */
export function maskLayer(panel: Masked): MaskLayer {
  const [ny, nx] = panel.shape;
  const fill = h("canvas", { class: "cw-mask", "aria-hidden": "true", "data-testid": "mask-fill" });
  const borders = s("svg", {
    class: "cw-overlay cw-mask-borders",
    viewBox: `0 0 ${nx} ${ny}`,
    "aria-hidden": "true",
  });
  const footprint = panel.outlines.length > 0 ? footprintOutline(panel.outlines, panel, panel.shape) : null;

  const draw = ({ shows, off, opacity, outline }: MaskSettings, hasFootprint: boolean): void => {
    const planes = shows ? panel.planes.filter((plane) => !off.includes(plane.name)) : [];
    footprint?.toggleAttribute("hidden", !hasFootprint);
    borders.replaceChildren();
    fill.hidden = planes.length === 0 || outline || panel.mask === null;
    if (planes.length === 0 || panel.mask === null) return;
    if (outline) {
      const { mask } = panel;
      borders.append(
        ...planes.map((plane) =>
          s("path", {
            class: "cw-mask-border",
            d: borderOf(mask, panel.shape, 1 << plane.bit),
            stroke: plane.colour,
            "stroke-opacity": Math.min(1, 0.3 + opacity),
            "data-plane": plane.name,
          }),
        ),
      );
      return;
    }
    fill.style.opacity = String(opacity);
    [fill.width, fill.height] = [nx, ny];
    fill
      .getContext("2d")
      ?.putImageData(new ImageData(maskColours(panel.mask, panel.shape, planes), nx, ny), 0, 0);
  };
  return { element: h("div", { class: "cw-turned-with" }, fill, borders, footprint), draw };
}

/** Planes as RGBA, highest row first; colours of overlapping planes are mixed. */
export function maskColours(
  mask: MaskWords,
  [ny, nx]: readonly [number, number],
  planes: readonly Plane[],
): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(ny * nx * 4);
  const all = planes.map((plane) => ({ bit: 1 << plane.bit, colour: parseInt(plane.colour.slice(1), 16) }));
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      const bits = mask[y * nx + x] ?? 0;
      const to = ((ny - 1 - y) * nx + x) * 4;
      let [n, red, green, blue] = [0, 0, 0, 0];
      for (const { bit, colour } of all) {
        if ((bits & bit) === 0) continue;
        n++;
        red += colour >> 16;
        green += (colour >> 8) & 255;
        blue += colour & 255;
      }
      if (n === 0) continue;
      out.set([red / n, green / n, blue / n, 255], to);
    }
  }
  return out;
}

/** The outline between pixels with and without a bit, as an SVG path in pixels, y down. */
export function borderOf(mask: MaskWords, [ny, nx]: readonly [number, number], bit: number): string {
  const has = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < nx && y < ny && ((mask[y * nx + x] ?? 0) & bit) !== 0;
  const parts: string[] = [];
  // Steps along a row or a column are merged into one line.
  for (let y = 0; y <= ny; y++) {
    let from = -1;
    for (let x = 0; x <= nx; x++) {
      const isBorder = x < nx && has(x, y - 1) !== has(x, y);
      if (isBorder && from < 0) from = x;
      if (!isBorder && from >= 0) {
        parts.push(`M${from} ${ny - y}H${x}`);
        from = -1;
      }
    }
  }
  for (let x = 0; x <= nx; x++) {
    let from = -1;
    for (let y = 0; y <= ny; y++) {
      const isBorder = y < ny && has(x - 1, y) !== has(x, y);
      if (isBorder && from < 0) from = y;
      if (!isBorder && from >= 0) {
        parts.push(`M${x} ${ny - from}V${ny - y}`);
        from = -1;
      }
    }
  }
  return parts.join("");
}
