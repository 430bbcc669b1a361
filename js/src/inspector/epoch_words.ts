import type { LightCurvePoint } from "../protocol";
import { value as short } from "./numbers";
import { magnitude } from "./photometry";

/** The description of an epoch in one line. */
export function wordsOf(point: LightCurvePoint, current: string): string {
  const { time, band, kind, source, visit, detector } = point;
  const isLimit = kind === "limit";
  return [
    `MJD ${time.toFixed(5)}`,
    `${band ?? "no band"} ${kind}`,
    withError(isLimit ? "less than" : "difference", point.flux, point.flux_err),
    withError("science", point.science, point.science_err),
    visit === null ? "" : `visit ${visit}`,
    detector === null ? "" : `detector ${detector}`,
    source === null ? "" : `id ${source}`,
    source !== null && source === current ? "inspected now" : point.in_table ? "in the table" : "",
  ]
    .filter((part) => part !== "")
    .join(" \u00b7 ");
}

function withError(name: string, flux: number | null, error: number | null): string {
  if (flux === null) return "";
  const parts = [
    `${name} ${short(flux)}${error === null ? "" : ` \u00b1 ${short(Number(error.toPrecision(3)))}`} nJy`,
  ];
  if (error !== null && error > 0) parts.push(`S/N ${(flux / error).toFixed(1).replace("-", "\u2212")}`);
  const mag = magnitude(flux, error, 1);
  if (mag !== null)
    parts.push(`${mag.value.toFixed(3)}${mag.error === null ? "" : ` \u00b1 ${mag.error.toFixed(3)}`} AB`);
  return parts.join(", ");
}
