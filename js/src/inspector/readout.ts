import { focusedIn, h, setAttributes, setChildren, setText } from "../dom";
import type { PanelName } from "../protocol";
import { PANELS } from "../session";
import { degrees, hours, minus, value } from "./numbers";
import { type InspectedPanel, samePlace, unitOf } from "./panel";
import type { InspectorState } from "./state";

const IDLE =
  "Point at a panel to read its pixels. Scroll to zoom, drag to pan, click to move the pixel cursor with the arrow keys, right-drag to set contrast and bias.";
const IDLE_BY_FINGERS =
  "Tap a panel to read its pixels. Pinch to zoom, drag to pan, double-tap to fit the cutout.";

const COLUMNS = [["value", "value"], ["variance", "variance"], ["snr", "S/N"], ["mask", "mask"]] as const; // biome-ignore format: pairs

/** More characters of mask planes than fit into a line beside the other values. */
const LONG = 40;

/** The panels' values under the cursor: pixel, sky, value, variance, signal to noise, mask planes. */
export interface Readout {
  element: HTMLElement;
  /** Right ascension and declination under the cursor in degrees; null without a WCS or a cursor. */
  position(): string | null;
}

export function readout(state: InspectorState, signal: AbortSignal): Readout {
  const place = h("span", { class: "cw-fixed cw-readout-place", "data-testid": "readout-place" });
  const fits = h("span", { class: "cw-fixed cw-readout-fits", "data-testid": "readout-fits" });
  const sky = h("span", { class: "cw-fixed cw-readout-sky", "data-testid": "readout-sky" });
  const words = h("p", { class: "cw-readout-idle" }, isByFingers() ? IDLE_BY_FINGERS : IDLE);
  const rows = h("tbody", { "data-testid": "readout-values" });
  const rowOf = Object.fromEntries(PANELS.map((name) => [name, row(name)])) as Record<PanelName, HTMLElement>;
  const table = h(
    "table",
    { class: "cw-readout-table" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("td"),
        ...COLUMNS.map(([name, title]) => h("th", { scope: "col", "data-column": name }, title)),
      ),
    ),
    rows,
  );
  const line = h("div", { class: "cw-readout-line" }, place, " ", fits, " ", sky);
  const heard = h("p", { class: "cw-announcement", role: "status", "data-testid": "readout-heard" });
  const element = h("div", { class: "cw-readout", "data-testid": "readout" }, words, line, table, heard);

  const measure = (): void => {
    const all = Object.values(state.panels);
    const edges = all.flatMap(({ about: { x0, y0, shape: [ny, nx] } }) => [x0, y0, x0 + nx, y0 + ny]); // biome-ignore format: one line
    element.style.setProperty("--cw-digits", String(longest(edges)));
    element.style.setProperty("--cw-unit", String(longest(all.map((one) => unitOf(one, "value")))));
    const mask = longest(all.flatMap((one) => one.allPlanes().map((planes) => planes.join(" "))));
    element.style.setProperty("--cw-mask", String(mask));
    setAttributes(table, {
      "data-long": mask > LONG,
      "data-no-variance": all.every((one) => one.variance === null),
      "data-no-mask": all.every((one) => one.mask === null),
    });
  };
  const refresh = (): void => {
    const { cursor, panels } = state;
    const here = cursor && panels[cursor.panel];
    setAttributes(words, { hidden: Boolean(here) });
    for (const one of [line, table]) setAttributes(one, { hidden: !here });
    if (!cursor || !here) return;
    // Screen readers announce positions reached with arrow keys, not with the pointer.
    const around = element.closest(".cw-inspector");
    const byKeys = Boolean(around && focusedIn(around)?.closest(".cw-inspector-panels"));
    const [x, y] = [Math.round(cursor.x), Math.round(cursor.y)];
    setText(place, `x ${pixel(cursor.x)}  y ${pixel(cursor.y)}  (0-based)`);
    setText(fits, `FITS ${pixel(cursor.x + 1)}, ${pixel(cursor.y + 1)}`);
    const where = here.sky?.at(cursor.x, cursor.y);
    setText(
      sky,
      where === undefined
        ? "no WCS"
        : `RA ${where.ra.toFixed(6)}\u00b0  Dec ${minus(where.dec.toFixed(6))}\u00b0  ${hours(where.ra)} ${degrees(where.dec)}`,
    );
    const shown = PANELS.filter((name) => panels[name] !== undefined);
    for (const name of shown) fill(rowOf[name], panels[name] ?? here, here, cursor, cursor.panel === name);
    setChildren(
      rows,
      shown.map((name) => rowOf[name]),
    );
    setText(heard, byKeys ? `x ${x}, y ${y}; ${[...rows.rows].map(inWords).join("; ")}` : "");
  };
  place.title =
    "Position on the parent image: whole numbers are centres of pixels, counted from 0; the sky position is that of this point";
  fits.title =
    "The same counted from 1, as in FITS: DS9's image coordinates, or physical ones for a part of an image";
  sky.title = "ICRS; c copies it in degrees";
  state.subscribe(["panels"], measure, signal);
  state.subscribe(["cursor", "panels"], refresh, signal);
  refresh();
  return {
    element,
    position() {
      const { cursor, panels } = state;
      const where = cursor && panels[cursor.panel]?.sky?.at(cursor.x, cursor.y);
      return where ? `${where.ra.toFixed(8)} ${where.dec.toFixed(8)}` : null;
    },
  };
}

function row(name: PanelName): HTMLElement {
  return h(
    "tr",
    { "data-panel": name },
    h("th", { scope: "row" }, name),
    ...COLUMNS.map(([column]) =>
      h("td", { "data-column": column }, h("div", { class: "cw-fixed", "data-column": column })),
    ),
  );
}

/** Set a row to the values of a panel at the place that the cursor has on another one. */
function fill(
  row: HTMLElement,
  panel: InspectedPanel,
  here: InspectedPanel,
  cursor: { x: number; y: number },
  isHere: boolean,
): void {
  const there = samePlace(here, panel, cursor.x, cursor.y);
  const [x, y] = [Math.round(there.x), Math.round(there.y)];
  const number = panel.at(x, y);
  const variance = panel.at(x, y, "variance");
  const snr = panel.at(x, y, "snr");
  const unit = number === null || Number.isNaN(number) ? "" : unitOf(panel, "value");
  const texts = [
    number === null ? "outside" : `${value(number)} ${unit}`.trim(),
    variance === null ? "" : value(variance),
    snr === null || Number.isNaN(snr) ? "" : minus(snr.toFixed(1)),
    panel.planesAt(x, y).join(" "),
  ];
  setAttributes(row, { "data-here": isHere });
  texts.forEach((text, k) => {
    const cell = row.children[k + 1];
    if (cell !== undefined) setText(cell.firstElementChild ?? cell, text);
  });
}

/** A row of the read-out as a sentence: `science 7 nJy, variance 2, S/N 5.0, mask BAD`. */
function inWords(row: HTMLTableRowElement): string {
  const [name, number, ...more] = [...row.cells].map((one) => one.textContent ?? "");
  const titles = COLUMNS.slice(1).map(([, title]) => title);
  const rest = more.flatMap((text, k) => (text === "" ? [] : [`, ${titles[k]} ${text}`]));
  return `${name} ${number}${rest.join("")}`;
}

/** The number of characters of the longest of some numbers or texts. */
function longest(all: readonly (number | string)[]): number {
  return Math.max(0, ...all.map((one) => String(one).length));
}

/** Whether the screen is touched rather than pointed at. */
function isByFingers(): boolean {
  return window.matchMedia?.("(pointer: coarse)").matches ?? false;
}

/** A pixel coordinate; whole at the centre of a pixel, where arrow keys put the cursor. */
function pixel(coordinate: number): string {
  const text = coordinate.toFixed(2);
  return minus(text.endsWith(".00") ? text.slice(0, -3) : text);
}
