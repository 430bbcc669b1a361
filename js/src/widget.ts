import { view } from "./grid";
import { type Model, Session } from "./session";
import { hidesPictureOf } from "./stored_picture";

interface Props {
  model: Model;
  /** anywidget 0.11 provides one; 0.9 and 0.10 call the returned function. */
  signal?: AbortSignal;
}

/** One for each model: anywidget calls this once per model, then `initialize` once and `render` once per view. */
export default function grid() {
  const own = new AbortController();
  let session: Session | null = null; // inside the function, so that two grids on a page share nothing

  return {
    initialize({ model, signal }: Props): () => void {
      signal?.addEventListener("abort", () => own.abort(), { once: true });
      session = new Session(model, own.signal);
      return () => own.abort();
    },
    render({ model, el, signal }: Props & { el: HTMLElement }): () => void {
      const shown = new AbortController();
      signal?.addEventListener("abort", () => shown.abort(), { once: true });
      own.signal.addEventListener("abort", () => shown.abort(), { once: true, signal: shown.signal });
      session ??= new Session(model, own.signal);
      const element = view(session, shown.signal);
      el.classList.add("cw-host");
      const style = hidesPictureOf(model.get("grid_id"));
      el.append(style, element);
      const remove = (): void => {
        style.remove();
        element.remove();
      };
      shown.signal.addEventListener("abort", remove, { once: true });
      return () => shown.abort();
    },
  };
}
