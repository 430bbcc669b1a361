import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matching } from "../../src/grid/toolbar/completion";
import { settle } from "../kernel";
import { all, byTestId, type Shown, show } from "../shown";

const offered = ["psfFlux", "psfFluxErr", "apFlux", "snr", "and"].map((text) => ({ text, about: "" }));

describe("completions of a word", () => {
  it("list names that begin with it first, then those that contain it", () => {
    expect(matching("psf", offered).map((one) => one.text)).toEqual(["psfFlux", "psfFluxErr"]);
    expect(matching("FLUX", offered).map((one) => one.text)).toEqual(["psfFlux", "psfFluxErr", "apFlux"]);
  });

  it("are empty for a complete name and for no text", () => {
    expect(matching("snr", offered)).toEqual([]);
    expect(matching("", offered)).toEqual([]);
  });
});

describe("the filter", () => {
  let shown: Shown;
  let field: HTMLInputElement;
  beforeEach(async () => {
    shown = await show();
    field = byTestId(shown.root, "where") as HTMLInputElement;
  });
  afterEach(() => shown.end());
  const type = (text: string): void => {
    field.value = text;
    field.setSelectionRange(text.length, text.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const press = (key: string): void => {
    field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  };
  const options = (): (string | null)[] => all(shown.root, ".cw-completion li").map((one) => one.textContent);

  it("offers columns while one is typed, and Tab takes the first", () => {
    type("isDipole and sn");
    expect(options()).toEqual(["snr"]);
    press("Tab");
    expect(field.value).toBe("isDipole and snr");
    expect(shown.root.querySelector<HTMLElement>(".cw-completion")?.hidden).toBe(true);
  });

  it("offers nothing inside of quotes", () => {
    type("note == 'sn");
    expect(options()).toEqual([]);
  });

  it("closes the list on Escape and keeps the focus", () => {
    field.focus();
    type("sn");
    press("Escape");
    expect(field.getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(field);
  });

  it("counts the rows of the typed filter, ignoring outdated answers", async () => {
    type("snr > 5");
    type("snr > 50");
    await settle();
    expect(shown.kernel.of("count").map((one) => one.where)).toEqual(["snr > 5", "snr > 50"]);
    expect(byTestId(shown.root, "where-count").textContent).toBe("7 rows");
  });

  it("shows no count once it is applied", async () => {
    type("snr > 5");
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(byTestId(shown.root, "where-count").textContent).toBe("");
  });
});

describe("a badge on a tile", () => {
  it("filters by its flag and does not open the inspector", async () => {
    localStorage.clear();
    const shown = await show();
    const badge = all(shown.root, "[data-testid=tile] [data-badge=DIPOLE]")[0];
    badge?.click();
    await settle();
    expect(shown.kernel.of("page").at(-1)?.target.where).toBe("isDipole");
    expect(shown.kernel.of("inspect")).toEqual([]);
    shown.end();
  });
});
