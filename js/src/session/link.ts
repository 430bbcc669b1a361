import type { Model } from "./model";

/** The connection to the kernel: working, not responding, or closed. */
export type Link = "live" | "silent" | "lost";

export const WITHOUT_KERNEL =
  "This is a picture of the page: there is no kernel to answer. Run the cell again to inspect and label.";

/** The state of the connection. */
export class Connection {
  link: Link = "live";
  readonly #model: Model;
  readonly #changed: () => void;

  /** @param changed - called after every change */
  constructor(model: Model, changed: () => void) {
    this.#model = model;
    this.#changed = changed;
  }

  /** False if there is no kernel. */
  get isUp(): boolean {
    return this.link === "live" || this.link === "silent";
  }

  lose(): void {
    this.#set("lost");
  }

  /** The kernel stops or resumes responding. */
  setSilent(silent: boolean): void {
    if (this.isUp) this.#set(silent ? "silent" : "live");
  }

  /** ipywidgets knows when a kernel is gone; if it does not report it, the next request fails. */
  async check(): Promise<void> {
    try {
      const model: unknown = await this.#model.widget_manager?.get_model(this.#model.get("grid_id"));
      if (typeof model !== "object" || model === null || !("comm_live" in model)) return;
      this.#set(model.comm_live === false ? "lost" : this.link === "lost" ? "live" : this.link);
    } catch {
      // Not every front end has a widget manager.
    }
  }

  #set(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    this.#changed();
  }
}
