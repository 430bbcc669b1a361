import { h } from "../dom";
import type { Plane } from "../protocol";
import type { Session } from "../session";
import { onAnswer } from "./answer";
import { hasPixels } from "./panel";
import type { InspectorState } from "./state";

/** The mask planes with how many pixels each has, a switch for each and for all, and how they are drawn. */
export function masks(session: Session, state: InspectorState, signal: AbortSignal): HTMLElement {
  const all = h("input", { type: "checkbox", "data-testid": "mask" });
  const footprint = h("input", { type: "checkbox", "data-testid": "footprint-switch" });
  const neighbours = h("input", { type: "checkbox", "data-testid": "neighbours-switch" });
  const opacity = h("input", {
    type: "range",
    class: "cw-opacity",
    min: 5,
    max: 100,
    step: 5,
    "aria-label": "Opacity of the mask, per cent",
    title: "Opacity of the mask",
    "data-testid": "mask-opacity",
  });
  const style = h(
    "select",
    { "aria-label": "How the mask is drawn", title: "How the mask is drawn", "data-testid": "mask-style" },
    h("option", { value: "fill" }, "filled"),
    h("option", { value: "outline" }, "outlined"),
  );
  const chips = h("span", { class: "cw-planes", role: "group", "aria-label": "Mask planes" });
  const drawn = h("span", { class: "cw-part" }, opacity, style);
  const element = h(
    "div",
    { class: "cw-masks" },
    h("label", { class: "cw-switch", title: "Show the mask (m)" }, all, "mask"),
    drawn,
    chips,
    h("label", { class: "cw-switch", title: "Borders of the source's pixels" }, footprint, "footprint"),
    h(
      "label",
      { class: "cw-switch", title: "Other rows of the table; dots are of other exposures" },
      neighbours,
      "neighbours",
    ),
  );

  const refresh = (): void => {
    const { masks, overlays, answer } = state;
    all.checked = masks.shows;
    opacity.value = String(Math.round(masks.opacity * 100));
    style.value = masks.outline ? "outline" : "fill";
    footprint.checked = overlays.footprint;
    neighbours.checked = overlays.neighbours;
    drawn.hidden = !masks.shows;
    const panels = Object.values(answer?.panels ?? {}).filter(hasPixels);
    const label = (box: HTMLInputElement): HTMLElement | null => box.closest("label");
    const hideLabel = (box: HTMLInputElement, isHidden: boolean): void => {
      const found = label(box);
      if (found !== null) found.hidden = isHidden;
    };
    hideLabel(all, !panels.some((one) => one.planes.length > 0));
    hideLabel(footprint, !panels.some((one) => one.outlines.length > 0));
    hideLabel(neighbours, (answer?.neighbours.length ?? 0) === 0);
    for (const chip of chips.querySelectorAll<HTMLElement>("button")) {
      const isOn = masks.shows && !masks.off.includes(chip.dataset.plane ?? "");
      chip.setAttribute("aria-pressed", String(isOn));
    }
  };
  all.addEventListener("change", () => state.setMasks({ shows: all.checked }), { signal });
  footprint.addEventListener("change", () => state.setOverlays({ footprint: footprint.checked }), { signal });
  neighbours.addEventListener("change", () => state.setOverlays({ neighbours: neighbours.checked }), {
    signal,
  });
  opacity.addEventListener("input", () => state.setMasks({ opacity: Number(opacity.value) / 100 }), {
    signal,
  });
  style.addEventListener("change", () => state.setMasks({ outline: style.value === "outline" }), { signal });
  chips.addEventListener("click", (event) => {
    const name = event.target instanceof Element ? event.target.closest<HTMLElement>("button")?.dataset.plane : null;
    if (name === undefined || name === null) return;
    const { shows, off } = state.masks;
    const names = [...chips.querySelectorAll<HTMLElement>("button")].flatMap((one) => one.dataset.plane ?? []);
    // With no mask shown, a plane that is chosen is shown alone.
    if (!shows) state.setMasks({ shows: true, off: names.filter((one) => one !== name) });
    else state.setMasks({ off: off.includes(name) ? off.filter((one) => one !== name) : [...off, name] });
  }, { signal }); // biome-ignore format: listeners read better so

  onAnswer(session, {
    clear: () => chips.replaceChildren(),
    show({ panels }) {
      const planes = new Map<string, { plane: Plane; counts: string[] }>();
      for (const [name, panel] of Object.entries(panels)) {
        if (!hasPixels(panel)) continue;
        for (const plane of panel.planes) {
          const found = planes.get(plane.name) ?? { plane, counts: [] };
          found.counts.push(`${name}: ${plane.count} pixels`);
          if (plane.count > found.plane.count) found.plane = plane;
          planes.set(plane.name, found);
        }
      }
      chips.replaceChildren(...[...planes.values()].map(({ plane, counts }) => chip(plane, counts)));
      refresh();
    },
  }, signal); // biome-ignore format: a list of two
  state.subscribe(["masks", "panels"], refresh, signal);
  refresh();
  return element;
}

function chip(plane: Plane, counts: readonly string[]): HTMLElement {
  const one = h(
    "button",
    { type: "button", class: "cw-plane", "data-plane": plane.name, title: counts.join("\n") },
    plane.name,
    h("span", { class: "cw-plane-count" }, String(plane.count)),
  );
  one.style.setProperty("--cw-badge", plane.colour);
  return one;
}
