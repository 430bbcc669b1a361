import type { InspectAnswer } from "../protocol";
import type { Session } from "../session";

/** How a part of the inspector handles answers. */
export interface AnswerView {
  show(answer: InspectAnswer, bytes: DataView): void;
  /** The request failed: there is nothing to show. */
  clear(): void;
}

/** Call a part for every new answer about the inspected source; until then the last one stays. */
export function onAnswer(session: Session, { show, clear }: AnswerView, signal: AbortSignal): void {
  let shown: InspectAnswer | null = null;
  const refresh = (): void => {
    const now = session.inspected;
    if (now === null) shown = null;
    else if (now.answer === null) {
      if (now.reason !== "") clear();
    } else if (now.answer !== shown) {
      shown = now.answer;
      show(now.answer, now.bytes);
    }
  };
  session.subscribe(["inspector"], refresh, signal);
  refresh();
}
