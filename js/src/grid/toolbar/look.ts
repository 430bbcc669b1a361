import { enable, h } from "../../dom";
import type { Part } from "../../session";
import { named, options, refreshed } from "./controls";

/** How pixel values become grey levels. */
export const look: Part = (session, signal) => {
  const menu = h("select", {
    class: "cw-look",
    "aria-label": "Look: how numbers become grey levels",
    title: "Look",
    "data-testid": "look",
  });
  menu.addEventListener("change", () => session.setTarget({ look: menu.value }), { signal });
  const refresh = (): void => {
    options(
      menu,
      session.get("choices").looks.map((one) => [one.name, one.name, one.title]),
      session.wanted.look,
    );
    enable(menu, session.connected);
  };
  refreshed(session, refresh, signal);
  return named("look", menu);
};
