import type { Session } from "./session";

/**
 * A part of a view: a control, a bar, a list. It creates its element, subscribes to the topics of the session that it
 * displays, and ends with the signal.
 */
export type Part<P = HTMLElement> = (session: Session, signal: AbortSignal) => P;
