import { enable, h, setAttributes, setText } from "../../dom";
import type { ColumnChoice } from "../../protocol";
import type { Part } from "../../session";
import { button, fillMenu, refreshed } from "./controls";

/** The column to sort by, and the direction. */
export const sort: Part = (session, signal) => {
  const menu = h("select", {
    class: "cw-sort",
    "aria-label": "Sort by",
    title: "Sort by",
    "data-testid": "sort",
  });
  const direction = button("\u2191", "Ascending; press for descending", "direction");

  const isDown = (): boolean => session.wanted.sort?.startsWith("-") ?? false;
  const sortBy = (column: string, down: boolean): void =>
    session.setTarget({ sort: column === "" ? null : `${down ? "-" : ""}${column}`, page: 0 });
  menu.addEventListener("change", () => sortBy(menu.value, isDown()), { signal });
  direction.addEventListener("click", () => sortBy(menu.value, !isDown()), { signal });

  const refresh = (): void => {
    const column = session.wanted.sort?.replace(/^-/, "") ?? "";
    fillColumns(menu, session.get("choices").columns, column);
    setText(direction, isDown() ? "\u2193" : "\u2191");
    setAttributes(direction, {
      "aria-label": isDown() ? "Descending; press for ascending" : "Ascending; press for descending",
      title: isDown() ? "Descending" : "Ascending",
    });
    enable(direction, session.connected && column !== "");
    enable(menu, session.connected);
  };
  refreshed(session, refresh, signal);
  return h("div", { class: "cw-part" }, menu, direction);
};

/** List the columns, including one set from Python that is not among them. */
function fillColumns(menu: HTMLSelectElement, all: readonly ColumnChoice[], chosen: string): void {
  const extra = chosen !== "" && !all.some((one) => one.name === chosen);
  const entry = (one: ColumnChoice): HTMLOptionElement =>
    h("option", { value: one.name, title: one.description }, one.name);
  const make = (): Node[] => [
    h("option", { value: "" }, "table order"),
    ...(extra ? [h("option", { value: chosen }, chosen)] : []),
    h("optgroup", { label: "often" }, ...all.filter((one) => one.often).map(entry)),
    h("optgroup", { label: "all columns" }, ...all.filter((one) => !one.often).map(entry)),
  ];
  fillMenu(menu, [all.length, all[0]?.name, extra && chosen], make, chosen);
}
