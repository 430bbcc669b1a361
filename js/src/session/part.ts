import type { Session } from "./session";

/**
 * A piece of a view: a control, a bar, a list. It makes its element, subscribes to the topics of the session that it
 * shows, and ends with the signal.
 */
export type Part<P = HTMLElement> = (session: Session, signal: AbortSignal) => P;
