import { h, setAttributes } from "../dom";
import { PANELS, type Session } from "../session";
import { onAnswer } from "./answer";
import { hasPixels } from "./panel";

/** The mask planes that are set, and the switch that shows the mask over the panels. */
export interface Masks {
  element: HTMLElement;
  toggle(): void;
}

export function masks(session: Session, signal: AbortSignal): Masks {
  const box = h("input", { type: "checkbox", "data-testid": "mask" });
  const label = h("label", { class: "cw-switch", title: "Show the mask (m)" }, box, "mask");
  const element = h("div", { class: "cw-masks" });

  const show = (shows: boolean): void => {
    box.checked = shows;
    const inspector = element.closest(".cw-inspector");
    if (inspector !== null) setAttributes(inspector, { "data-mask": shows });
  };
  box.addEventListener("change", () => show(box.checked), { signal });

  onAnswer(session, {
    clear: () => element.replaceChildren(),
    show({ panels }) {
      const planes = new Map(
        PANELS.map((name) => panels[name])
          .flatMap((panel) => (hasPixels(panel) ? panel.planes : []))
          .map((one) => [one.name, one]),
      );
      element.replaceChildren(
        ...(planes.size === 0 ? [] : [label]),
        ...[...planes.values()].map((one) => {
          const chip = h("span", { class: "cw-plane", title: `${one.count} pixels` }, one.name);
          chip.style.setProperty("--cw-badge", one.colour);
          return chip;
        }),
      );
    },
  }, signal); // biome-ignore format: a list of two
  return { element, toggle: () => show(!box.checked) };
}
