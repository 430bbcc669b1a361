import { h, setAttributes, setChildren, setText } from "../dom";
import type { InspectAnswer } from "../protocol";
import type { Session } from "../session";
import type { InspectorState } from "./state";

/** Offered sides of cutouts besides the grid's own, in pixels; 0 is the whole image. */
const SIZES = [30, 60, 120, 0];

/** Zoom buttons, the size of the cutouts, and the action of a drag. */
export function viewBar(session: Session, state: InspectorState, signal: AbortSignal): HTMLElement {
  const zoomWords = h("span", {
    class: "cw-fixed",
    "data-testid": "zoom",
    title: "Screen pixels per image pixel",
  });
  const button = (text: string, title: string, testid: string, act: () => void): HTMLElement => {
    const one = h(
      "button",
      { type: "button", class: "cw-small", title, "aria-label": `${text}, ${title}`, "data-testid": testid },
      text,
    );
    one.addEventListener("click", act, { signal });
    return one;
  };
  const asInTiles = h("option", { value: "" }, "as in the tiles");
  const size = h(
    "select",
    {
      class: "cw-size",
      "aria-label": "Size of the cutouts",
      title: "Size of the cutouts in the inspector",
      "data-testid": "inspect-size",
    },
    asInTiles,
  );
  const all = h("option", { value: 0 });
  const sizes = SIZES.map((side) => ({
    side,
    option: side === 0 ? all : h("option", { value: side }, `${side} \u00d7 ${side} px`),
  }));
  const aperture = h(
    "button",
    {
      type: "button",
      class: "cw-small",
      title: "Aperture: drag a circle from its centre; the Measure tab shows its flux",
      "data-testid": "aperture-tool",
    },
    "\u25cb aperture",
  );

  /** The panel to zoom: the one with the cursor, else the science image. */
  const middle = () => {
    const name =
      state.cursor?.panel ?? state.framing?.panel ?? (state.panels.science ? "science" : state.ready[0]);
    const panel = name && state.panels[name];
    if (!name || !panel) return null;
    const { x, y, zoom } = state.framingOf(name);
    return {
      panel: name,
      x: x + panel.about.x0,
      y: y + panel.about.y0,
      zoom,
      side: Math.max(...panel.about.shape),
    };
  };
  const zoomTo = (scale: number): void => {
    const at = middle();
    const side = state.side();
    if (at !== null && side > 0) state.frame(at.panel, at.x, at.y, (scale * at.side) / side);
  };
  const zoomBy = (factor: number): void => {
    const at = middle();
    if (at !== null) state.zoomAbout(at, factor);
  };
  const element = h(
    "div",
    { class: "cw-viewbar", role: "toolbar", "aria-label": "View of the panels" },
    h(
      "span",
      { class: "cw-buttons" },
      button("\u2212", "Zoom out (\u2212)", "zoom-out", () => zoomBy(1 / Math.SQRT2)),
      button("+", "Zoom in (+)", "zoom-in", () => zoomBy(Math.SQRT2)),
      button("fit", "Fit the whole cutout (double-click)", "zoom-fit", () => state.fit()),
      ...[1, 2, 4, 8].map((scale) =>
        button(
          scale === 1 ? "1:1" : `${scale}\u00d7`,
          `${scale} screen pixel${scale === 1 ? "" : "s"} per image pixel`,
          `zoom-${scale}`,
          () => zoomTo(scale),
        ),
      ),
    ),
    h("span", { class: "cw-zoom" }, zoomWords),
    size,
    aperture,
  );

  const refresh = (): void => {
    const at = middle();
    const side = state.side();
    setText(
      zoomWords,
      at === null || side === 0 ? "" : `${((at.zoom * side) / at.side).toPrecision(3)}\u00d7`,
    );
    setAttributes(aperture, { "aria-pressed": String(state.tool === "aperture") });
  };
  aperture.addEventListener("click", () => {
    state.tool = state.tool === "aperture" ? "pan" : "aperture";
    state.notify("tool");
  }, { signal }); // biome-ignore format: listeners read better so
  size.addEventListener(
    "change",
    () => session.setInspectSize(size.value === "" ? null : Number(size.value)),
    { signal },
  );
  let last: InspectAnswer | null = null;
  /** Offer the sizes that show something else: beyond a stamp there is nothing. */
  const offerSizes = (): void => {
    last = session.inspected?.answer ?? last;
    const now = session.inspectSize;
    const whole = last?.stamp_side ?? null;
    const isAll = whole !== null && now === null && last?.size === null && sideOf(last) >= whole;
    const offered = sizes.filter(
      ({ side }) => side === now || (side === 0 ? !isAll : whole === null || side < whole),
    );
    setText(all, whole === null ? "all, up to 1024 px" : `all, ${whole} px`);
    setChildren(size, [asInTiles, ...offered.map(({ option }) => option)]);
    size.value = now === null ? "" : String(now);
    size.hidden = session.isFile || offered.length === 0;
  };
  session.subscribe(["inspector"], offerSizes, signal);
  offerSizes();
  state.subscribe(["framing", "panels", "tool"], refresh, signal);
  refresh();
  return element;
}

/** The longest side of the panels. */
const sideOf = ({ panels }: InspectAnswer): number =>
  Math.max(...Object.values(panels).map((one) => ("shape" in one ? Math.max(...one.shape) : 0)));
