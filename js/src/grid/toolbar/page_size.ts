import { enable, h } from "../../dom";
import type { Part } from "../../session";
import { options, refreshed } from "./controls";

/** The number of sources per page; a change keeps the current sources in view. */
export const pageSize: Part = (session, signal) => {
  const menu = h("select", {
    "aria-label": "Sources on a page",
    title: "Sources on a page",
    "data-testid": "page-size",
  });
  const refresh = (): void => {
    const { page_size } = session.wanted;
    const sizes = [...new Set([...session.get("choices").page_sizes, page_size])].sort((a, b) => a - b);
    options(
      menu,
      sizes.map((n) => [String(n), `${n} a page`]),
      String(page_size),
    );
    enable(menu, session.connected);
  };
  const change = (): void => {
    const { page, page_size: old } = session.wanted;
    const wanted = Number(menu.value);
    session.setTarget({ page_size: wanted, page: Math.floor((page * old) / wanted) });
  };
  menu.addEventListener("change", change, { signal });
  refreshed(session, refresh, signal);
  return menu;
};
