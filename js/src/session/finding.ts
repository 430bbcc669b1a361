import type { FindAnswer } from "../protocol";
import type { Wire } from "./wire";

/** Find the position of a source, by its id or row number; null if there is none, with the reason passed to `refused`. */
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
