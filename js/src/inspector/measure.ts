import { checkbox, h, setText } from "../dom";
import type { PanelName } from "../protocol";
import { PANELS, type Session } from "../session";
import { magnitudeWithError, minus, value as short, withError } from "./numbers";
import { type InspectedPanel, samePlace, unitOf } from "./panel";
import { magnitude, photometry, profile } from "./photometry";
import { plot, type Series } from "./plot";
import type { InspectorState } from "./state";

/** Maximum radius of the profile, unless the edge is nearer. */
const PROFILE_PX = 15;
/** Default aperture radius, if none was drawn by hand. */
const FIRST_RADIUS_PX = 5;

/** Photometry in a circle, sky level, radial profile and cuts, computed in the browser. */
export function measure(_session: Session, signal: AbortSignal, state: InspectorState): HTMLElement {
  const panelMenu = h("select", { "aria-label": "Panel to measure", "data-testid": "measure-panel" });
  const radius = h("input", {
    type: "number",
    class: "cw-radius",
    min: 0.5,
    step: 0.5,
    "aria-label": "Radius of the aperture in pixels",
    "data-testid": "aperture-radius",
  });
  const atSource = h(
    "button",
    { type: "button", class: "cw-small", "data-testid": "aperture-source" },
    "at the source",
  );
  const clear = h("button", { type: "button", class: "cw-small", "data-testid": "aperture-clear" }, "remove");
  const { box: lessSky, label: lessSkyLabel } = checkbox("minus the sky level", "less-sky");
  const results = h("tbody", { "data-testid": "photometry" });
  const skies = h("tbody", { "data-testid": "sky" });
  const words = h("p", { class: "cw-hint" });
  const profileWords = h("span", { class: "cw-hint" });
  const plots = h("div", { class: "cw-plots" });
  const [fluxTitle, levelTitle, sigmaTitle] = [h("span"), h("span"), h("span")];
  const fluxes = h("table", { class: "cw-results" }, head("", fluxTitle, "S/N", "AB mag"), results);
  let chosen: PanelName | null = null;

  /** The measured panel: the chosen one, else that of the cursor, else the science image. */
  const current = (): [PanelName, InspectedPanel] | null => {
    const order: (PanelName | null | undefined)[] = [chosen, state.cursor?.panel, "science", ...state.ready];
    for (const name of order) {
      const panel = name && state.panels[name];
      if (name && panel) return [name, panel];
    }
    return null;
  };

  /** The unit of all panels; null if they differ. */
  const commonUnit = (): string | null => {
    const [unit, ...others] = new Set(Object.values(state.panels).map((one) => unitOf(one, "value")));
    return others.length === 0 ? (unit ?? "") : null;
  };

  const showPhotometry = (): void => {
    const { aperture, panels } = state;
    const from = aperture && panels[aperture.panel];
    radius.value = aperture === null ? "" : String(Number(aperture.radius.toFixed(2)));
    clear.hidden = aperture === null;
    setText(
      words,
      aperture === null
        ? "Press \u201caperture\u201d above the panels and drag a circle from its centre, or put one at the source."
        : `Circle about x ${aperture.x.toFixed(2)}, y ${aperture.y.toFixed(2)} of the ${aperture.panel} image, ${(Math.PI * aperture.radius ** 2).toFixed(1)} pixels; pixels on its edge count by the fraction inside.${lacking(Object.values(panels))}`,
    );
    const unit = commonUnit();
    setText(fluxTitle, titled("flux", unit));
    fluxes.hidden = !aperture || !from;
    if (!aperture || !from) {
      results.replaceChildren();
      return;
    }
    results.replaceChildren(
      ...PANELS.flatMap((name) => {
        const panel = panels[name];
        if (panel === undefined) return [];
        const { x, y } = samePlace(from, panel, aperture.x, aperture.y);
        const scale = from.about.compass && panel.about.compass ? from.about.compass.arcsec_per_px / panel.about.compass.arcsec_per_px : 1; // biome-ignore format: one line
        const sky = lessSky.checked ? (panel.about.sky?.level ?? 0) : 0;
        const { flux, error, lacking: missing } = photometry(panel, x, y, aperture.radius * scale, sky);
        const mag = magnitude(flux, error, panel.about.nJy);
        const lacks = missing > 0.001 ? `${Math.round(missing * 100)} % of the circle has no value` : "";
        return [
          h(
            "tr",
            { "data-panel": name, title: lacks },
            h("th", { scope: "row" }, `${name}${lacks === "" ? "" : " *"}`),
            h(
              "td",
              { "data-flux": flux, "data-error": error },
              withError(flux, error, unit === null ? unitOf(panel, "value") : ""),
            ),
            h("td", {}, error === null || !(error > 0) ? "" : minus((flux / error).toFixed(1))),
            h("td", {}, mag === null ? "\u2013" : magnitudeWithError(mag.value, mag.error)),
          ),
        ];
      }),
    );
  };

  const showSky = (): void => {
    const unit = commonUnit();
    setText(levelTitle, titled("level", unit));
    setText(sigmaTitle, titled("sigma", unit));
    skies.replaceChildren(
      ...PANELS.flatMap((name) => {
        const panel = state.panels[name];
        const sky = panel?.about.sky;
        if (panel === undefined) return [];
        const own = unit === null ? unitOf(panel, "value") : "";
        const how = sky?.fitted
          ? "Gaussian fitted to the histogram of empty pixels"
          : "median and median absolute deviation";
        return [
          h(
            "tr",
            { "data-panel": name, title: sky ? how : "" },
            h("th", { scope: "row" }, name),
            ...(sky
              ? [`${short(sky.level)} ${own}`, `${short(sky.sigma)} ${own}`, String(sky.n_pixels)].map(
                  (one) => h("td", {}, one.trim()),
                )
              : [h("td", { colspan: 3 }, "too few empty pixels")]),
          ),
        ];
      }),
    );
  };

  const showPlots = (): void => {
    const found = current();
    if (found === null || plots.closest("[hidden]") !== null) {
      plots.replaceChildren(); // another tab is visible: do not draw while the cursor moves
      return;
    }
    const [name, panel] = found;
    if (panelMenu.value !== name) panelMenu.value = name;
    const { about } = panel;
    const [ny, nx] = about.shape;
    const unit = about.unit === null ? "" : `, ${about.unit}`;
    const [x, y] = about.source ?? [about.x0 + (nx - 1) / 2, about.y0 + (ny - 1) / 2];
    const radial = profile(panel, x, y, Math.min(PROFILE_PX, Math.max(nx, ny) / 2));
    const psf = radial.psf.length > 0 ? "; dashed: PSF on a constant" : "";
    setText(profileWords, `dots: pixels; blue: means of rings${psf}`);
    const { cursor, panels } = state;
    const from = cursor && panels[cursor.panel];
    const at = cursor && from ? samePlace(from, panel, cursor.x, cursor.y) : { x, y };
    const [column, row] = [Math.round(at.x), Math.round(at.y)];
    const columns = Array.from({ length: nx }, (_, k) => about.x0 + k);
    const rows = Array.from({ length: ny }, (_, k) => about.y0 + k);
    const through = cursor ? " at the cursor" : " through the source";
    plots.replaceChildren(
      figure(
        [`${name}: radial profile around the source`, radial.psf.length > 0 ? " and its PSF" : "", unit],
        plot({
          title: `Radial profile of the ${name} image`,
          xLabel: "radius, px",
          series: [
            { kind: "points", name: "pixels", xs: radial.radii, ys: radial.values },
            {
              kind: "line",
              name: "rings",
              xs: radial.rings.map((one) => one.radius),
              ys: radial.rings.map((one) => one.mean),
            },
            {
              kind: "line",
              name: "psf",
              xs: radial.psf.map((one) => one.radius),
              ys: radial.psf.map((one) => one.mean),
            },
          ],
        }),
      ),
      figure(
        [`row y = ${row}`, through, unit],
        plot({
          title: `Row ${row} of the ${name} image`,
          xLabel: "x, px",
          at: column,
          series: [cut(columns, (one) => panel.at(one, row))],
        }),
      ),
      figure(
        [`column x = ${column}`, through, unit],
        plot({
          title: `Column ${column} of the ${name} image`,
          xLabel: "y, px",
          at: row,
          series: [cut(rows, (one) => panel.at(column, one))],
        }),
      ),
    );
  };

  const show = (): void => {
    panelMenu.replaceChildren(...state.ready.map((name) => h("option", { value: name }, name)));
    showPhotometry();
    showSky();
    showPlots();
  };
  const draw = (size: number): void => {
    const found = current();
    if (found === null || !(size > 0)) return;
    const [name, { about }] = found;
    const [ny, nx] = about.shape;
    const [x, y] = about.source ?? [about.x0 + (nx - 1) / 2, about.y0 + (ny - 1) / 2];
    state.aperture =
      state.aperture === null ? { panel: name, x, y, radius: size } : { ...state.aperture, radius: size };
    state.notify("aperture");
  };
  panelMenu.addEventListener("change", () => {
    chosen = PANELS.find((name) => name === panelMenu.value) ?? null;
    showPlots();
  }, { signal }); // biome-ignore format: listeners read better so
  radius.addEventListener("change", () => draw(Number(radius.value)), { signal });
  atSource.addEventListener("click", () => {
    const size = state.aperture?.radius ?? FIRST_RADIUS_PX;
    state.aperture = null;
    draw(size);
  }, { signal }); // biome-ignore format: listeners read better so
  clear.addEventListener("click", () => {
    state.aperture = null;
    state.notify("aperture");
  }, { signal }); // biome-ignore format: listeners read better so
  lessSky.addEventListener("change", showPhotometry, { signal });
  state.subscribe(["panels"], show, signal);
  state.subscribe(["aperture"], showPhotometry, signal);
  state.subscribe(["cursor", "tabs"], showPlots, signal);
  show();

  return h(
    "div",
    { class: "cw-part" },
    h(
      "div",
      { class: "cw-find" },
      h("b", {}, "Aperture"),
      h("label", { class: "cw-switch" }, "radius", radius, "px"),
      atSource,
      clear,
      lessSkyLabel,
    ),
    words,
    fluxes,
    h("div", { class: "cw-find" }, h("b", {}, "Sky")),
    h("table", { class: "cw-results" }, head("", levelTitle, sigmaTitle, "empty pixels"), skies),
    h("div", { class: "cw-find" }, h("b", {}, "Profiles"), panelMenu, profileWords),
    plots,
  );
}

/** What cannot be measured, and why. */
function lacking(panels: readonly InspectedPanel[]): string {
  const errors = panels.every((one) => one.variance === null) ? " Without a variance there is no error." : "";
  const magnitudes = panels.every((one) => one.about.nJy === null)
    ? " Without a unit of flux density there is no magnitude."
    : "";
  return `${errors}${magnitudes}`;
}

/** The title of a column whose values have a unit; null: each value has its own. */
function titled(name: string, unit: string | null): string {
  return unit ? `${name}, ${unit}` : name;
}

/** The titles of a table's columns. */
function head(...titles: (string | HTMLElement)[]): HTMLElement {
  return h(
    "thead",
    {},
    h("tr", {}, ...titles.map((one) => (one === "" ? h("td") : h("th", { scope: "col" }, one)))),
  );
}

/** A plot under its title. */
function figure(title: readonly string[], drawn: SVGSVGElement): HTMLElement {
  return h(
    "figure",
    { class: "cw-plot-figure" },
    h("figcaption", { class: "cw-plot-title" }, ...title),
    drawn,
  );
}

/** The pixels of a row or a column. */
function cut(places: readonly number[], at: (place: number) => number | null): Series {
  return { kind: "steps", name: "cut", xs: places, ys: places.map((one) => at(one) ?? Number.NaN) };
}
