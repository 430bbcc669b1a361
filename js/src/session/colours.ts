import { type Table, tableOf } from "../draw";
import type { PanelName } from "../protocol";
import type { Model } from "./model";

/** The colours of panels: of the look or of one colormap for all, optionally inverted. */
export class Colours {
  inverted = false;
  readonly #model: Model;
  readonly #tables = new Map<string, Table>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** Colour table of a panel for a look and the chosen colormap. */
  tableFor(panel: PanelName, look: string): Table {
    const choices = this.#model.get("choices");
    const own = choices.looks.find((one) => one.name === look)?.[panel];
    const name = this.#model.get("colormap") ?? own ?? "";
    const key = `${name}${this.inverted ? " inverted" : ""}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = tableOf(this.#model.get("palettes"), choices.colormaps.indexOf(name), this.inverted);
      this.#tables.set(key, table);
    }
    return table;
  }

  /** Update the tables after a change of colormap or palettes. */
  forget(): void {
    this.#tables.clear();
  }
}
