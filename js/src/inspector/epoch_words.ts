import type { LightCurveAnswer, LightCurvePoint } from "../protocol";
import type { Epoch, Epochs, Range } from "./epochs";
import { magnitudeWithError, minus, withError } from "./numbers";
import { magnitude } from "./photometry";

/** The description of an epoch in one line. */
export function wordsOf(point: LightCurvePoint, current: string): string {
  const { time, band, kind, source, visit, detector } = point;
  const isLimit = kind === "limit";
  return [
    `MJD ${time.toFixed(5)}`,
    `${band ?? "no band"} ${kind}`,
    measured(isLimit ? "less than" : "difference", point.flux, point.flux_err),
    measured("science", point.science, point.science_err),
    visit === null ? "" : `visit ${visit}`,
    detector === null ? "" : `detector ${detector}`,
    source === null ? "" : `id ${source}`,
    source !== null && source === current ? "inspected now" : point.in_table ? "in the table" : "",
  ]
    .filter((part) => part !== "")
    .join(" \u00b7 ");
}

function measured(name: string, flux: number | null, error: number | null): string {
  if (flux === null) return "";
  const parts = [`${name} ${withError(flux, error, "nJy")}`];
  if (error !== null && error > 0) parts.push(`S/N ${minus((flux / error).toFixed(1))}`);
  const mag = magnitude(flux, error, 1);
  if (mag !== null) parts.push(`${magnitudeWithError(mag.value, mag.error)} AB`);
  return parts.join(", ");
}

/** The numbers of points of each kind: `6 detections, 12 forced, 1 limit`. */
function countsOf(epochs: readonly Epoch[]): string {
  return (["detection", "forced", "limit"] as const)
    .flatMap((kind) => {
      const n = epochs.filter((one) => one.point.kind === kind).length;
      return n === 0 ? [] : [`${n} ${kind}${n === 1 || kind === "forced" ? "" : "s"}`];
    })
    .join(", ");
}

/** Information that the plot does not show. */
export function notesOn(
  answer: LightCurveAnswer | string | null,
  epochs: Epochs,
  range: Range | null,
): string {
  if (answer === null) return "Waiting for the light curve.";
  if (typeof answer === "string") return `No light curve: ${answer}.`;
  if (answer.reason !== "") return `No light curve: ${answer.reason}.`;
  const { drawn, withoutMagnitude } = epochs;
  const one = drawn.length === 1;
  const outside = drawn.filter((each) => range !== null && (each.y - range.y1) * (range.y1 - range.y0) > 0);
  return [
    one ? "No other epoch is known." : `${countsOf(drawn)}.`,
    answer.origin === "table"
      ? "Only rows of the table with the same object are shown; give the grid a database as history= for more."
      : "",
    outside.length > 0 ? `${outside.length} ${outside.length === 1 ? "is" : "are"} above the frame.` : "",
    withoutMagnitude > 0 ? `${withoutMagnitude} without magnitude: the flux is not positive.` : "",
  ]
    .filter((words) => words !== "")
    .join(" ");
}
