/** Hours, minutes, seconds: `00:41:29.160`. */
export function hours(ra: number): string {
  return sexagesimal(((ra / 15) % 24) + (ra < 0 ? 24 : 0), 24, 3);
}

/** Degrees, minutes, seconds with a sign: `+43:03:01.24`. */
export function degrees(dec: number): string {
  return `${dec < 0 ? "\u2212" : "+"}${sexagesimal(Math.abs(dec), 91, 2)}`;
}

function sexagesimal(value: number, wrap: number, digits: number): string {
  const scale = 3600 * 10 ** digits;
  const total = Math.round(value * scale) % (wrap * scale);
  const seconds = (total % (60 * 10 ** digits)) / 10 ** digits;
  const minutes = Math.floor(total / (60 * 10 ** digits));
  const pad = (part: number): string => String(part).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}:${seconds.toFixed(digits).padStart(3 + digits, "0")}`;
}

/** A unit with raised powers: `deg²` for `deg**2`, as astropy and VOUnits write it in plain text. */
export function unitInWords(unit: string): string {
  const raised = (power: string): string =>
    [...power].map((one) => (one === "-" ? "\u207b" : RAISED[Number(one)])).join("");
  return unit.replace(/(?:\*\*|\^)\(?(-?\d+)\)?/g, (_, power: string) => raised(power));
}

const RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/** A pixel value in short form: five digits, no power of ten below a million, a real minus sign. */
export function value(number: number): string {
  if (Number.isNaN(number)) return "no data";
  if (!Number.isFinite(number)) return number > 0 ? "+\u221e" : "\u2212\u221e";
  const size = Math.abs(number);
  const isWhole = size >= 99999.5 && size < 1e6;
  const text =
    size !== 0 && (size >= 1e6 || size < 1e-3)
      ? number.toExponential(3)
      : isWhole
        ? number.toFixed(0)
        : number.toPrecision(5);
  const short = text.includes(".") ? text.replace(/\.?0+(?=e|$)/, "") : text;
  return short.replace(/-/g, "\u2212");
}

/** A number in words with a minus sign in place of the hyphen. */
export const minus = (text: string): string => text.replace("-", "\u2212");

/** Numbers with more decimals, or larger ones, are written with a power of ten. */
const [MOST_PLACES, LONGEST] = [6, 1e12];

/** A flux with its error, both to the place of the error's third digit. */
export function withError(flux: number, error: number | null, unit: string): string {
  if (error === null || !(error > 0) || !Number.isFinite(flux + error))
    return `${value(flux)} ${unit}`.trim();
  const places = Math.max(0, 2 - Math.floor(Math.log10(error)));
  const isShort = places <= MOST_PLACES && Math.abs(flux) < LONGEST;
  const words = isShort
    ? `${minus(flux.toFixed(places))} \u00b1 ${error.toFixed(places)}`
    : `${value(flux)} \u00b1 ${value(Number(error.toPrecision(3)))}`;
  return `${words} ${unit}`.trim();
}

/** A magnitude with three decimals, or as many as its error needs. */
export function magnitudeWithError(mag: number, error: number | null): string {
  if (error === null || !(error > 0)) return mag.toFixed(3);
  const places = Math.min(6, Math.max(3, -Math.floor(Math.log10(error))));
  return `${mag.toFixed(places)} \u00b1 ${error.toFixed(places)}`;
}
