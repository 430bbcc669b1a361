import { h } from "../../dom";
import type { Part } from "../../session";
import { named, options, refreshed } from "./controls";

/** One colormap for all panels, or that of the look. */
export const colormap: Part = (session, signal) => {
  const menu = h("select", {
    class: "cw-colormap",
    "aria-label": "Colours of all panels",
    title: "Colours",
    "data-testid": "colormap",
  });
  menu.addEventListener("change", () => session.settings.setColormap(menu.value === "" ? null : menu.value), {
    signal,
  });
  const refresh = (): void => {
    const names = session.get("choices").colormaps;
    options(menu, [["", "own colours"], ...names.map((one) => [one, one])], session.get("colormap") ?? "");
  };
  refreshed(session, refresh, signal, ["controls", "colours"]);
  return named("colours", menu);
};
