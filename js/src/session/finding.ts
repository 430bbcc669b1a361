import type { FindAnswer } from "../protocol";
import type { Wire } from "./wire";

/** Ask where a source is, by its id or the number of its row; null if there is none, and why goes to `refused`. */
export async function foundBy(
  wire: Wire,
  text: string,
  refused: (error: unknown) => void,
): Promise<FindAnswer | null> {
  try {
    const { answer } = await wire.ask({ kind: "find", text });
    return "of" in answer && answer.of === "find" ? answer : null;
  } catch (error) {
    refused(error);
    return null;
  }
}
