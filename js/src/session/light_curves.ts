import type { LightCurveAnswer } from "../protocol";
import type { Wire } from "./wire";

/** The light curve of a source; a text is the reason why there is none. The signal cancels the request. */
export async function lightCurveOf(
  wire: Wire,
  id: string,
  signal: AbortSignal,
): Promise<LightCurveAnswer | string> {
  try {
    const { answer } = await wire.ask({ kind: "curve", id }, { signal });
    return "of" in answer && answer.of === "curve" ? answer : "the kernel answered something else";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
