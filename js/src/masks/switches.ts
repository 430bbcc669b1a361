import { checkbox, h } from "../dom";
import type { Plane } from "../protocol";
import type { Session } from "../session";

/** A plane with a description of where it is set. */
export interface CountedPlane {
  plane: Plane;
  counts: readonly string[];
}

export interface MaskSwitches {
  element: HTMLElement;
  /** Show a chip for each of these planes. */
  show(planes: readonly CountedPlane[]): void;
  /** Whether masks are available. */
  offer(isOffered: boolean): void;
}

/** A switch for all masks, one for each plane, and how they are drawn. */
export function maskSwitches(session: Session, signal: AbortSignal): MaskSwitches {
  const { overlays } = session;
  const { box: all, label } = checkbox("masks", "mask", "Show masks (m)");
  const opacity = h("input", {
    type: "range",
    class: "cw-opacity",
    min: 5,
    max: 100,
    step: 5,
    "aria-label": "Opacity of the masks, per cent",
    title: "Opacity of the masks",
    "data-testid": "mask-opacity",
  });
  const style = h(
    "select",
    { "aria-label": "How masks are drawn", title: "How masks are drawn", "data-testid": "mask-style" },
    h("option", { value: "fill" }, "filled"),
    h("option", { value: "outline" }, "outlined"),
  );
  const chips = h("span", { class: "cw-planes", role: "group", "aria-label": "Mask planes" });
  const drawn = h("span", { class: "cw-part" }, opacity, style);
  const element = h(
    "div",
    { class: "cw-mask-switches" },
    label,
    h("span", { class: "cw-mask-how" }, drawn, chips),
  );
  let shown = "";

  const buttons = (): HTMLElement[] => [...chips.querySelectorAll<HTMLElement>("button")];
  const refresh = (): void => {
    const { masks } = overlays;
    all.checked = masks.shows;
    opacity.value = String(Math.round(masks.opacity * 100));
    style.value = masks.outline ? "outline" : "fill";
    drawn.hidden = !masks.shows;
    for (const one of buttons()) {
      const isOn = masks.shows && !masks.off.includes(one.dataset.plane ?? "");
      one.setAttribute("aria-pressed", String(isOn));
    }
  };
  all.addEventListener("change", () => overlays.setMasks({ shows: all.checked }), { signal });
  opacity.addEventListener("input", () => overlays.setMasks({ opacity: Number(opacity.value) / 100 }), {
    signal,
  });
  style.addEventListener("change", () => overlays.setMasks({ outline: style.value === "outline" }), {
    signal,
  });
  chips.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    const name = at?.dataset.plane;
    if (name === undefined) return;
    const { shows, off } = overlays.masks;
    const names = buttons().flatMap((one) => one.dataset.plane ?? []);
    // If no mask is shown, only the chosen plane is switched on.
    if (!shows) overlays.setMasks({ shows: true, off: names.filter((one) => one !== name) });
    else overlays.setMasks({ off: off.includes(name) ? off.filter((one) => one !== name) : [...off, name] });
  }, { signal }); // biome-ignore format: listeners read better so
  session.subscribe(["masks"], refresh, signal);
  refresh();
  return {
    element,
    show(planes) {
      const key = JSON.stringify(planes);
      if (key === shown) return; // keep the focus on a chip
      shown = key;
      chips.replaceChildren(...planes.map(chip));
      refresh();
    },
    offer(isOffered) {
      label.hidden = !isOffered;
    },
  };
}

/** The planes of several panels by name, each with its maximum count and where it is set. */
export function planesOf(panels: Iterable<readonly [string, readonly Plane[]]>): CountedPlane[] {
  const found = new Map<string, { plane: Plane; counts: string[] }>();
  for (const [name, planes] of panels) {
    for (const plane of planes) {
      const one = found.get(plane.name) ?? { plane, counts: [] };
      one.counts.push(`${name}: ${plane.count} pixels`);
      if (plane.count > one.plane.count) one.plane = plane;
      found.set(plane.name, one);
    }
  }
  return [...found.values()];
}

function chip({ plane, counts }: CountedPlane): HTMLElement {
  const one = h(
    "button",
    { type: "button", class: "cw-plane", "data-plane": plane.name, title: counts.join("\n") },
    plane.name,
    h("span", { class: "cw-plane-count" }, String(plane.count)),
  );
  one.style.setProperty("--cw-badge", plane.colour);
  return one;
}
