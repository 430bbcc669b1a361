import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chosenState, withNextState } from "../../src/grid/facets/flags";
import { shareOf, valueAtShare } from "../../src/grid/facets/histogram";
import { isChosen, withNamed } from "../../src/grid/facets/named";
import { chosenRange, rounded, withRange } from "../../src/grid/facets/range";
import { chosenWords, withWord } from "../../src/grid/facets/words";
import type { FacetsAnswer, FlagChip, Histogram, NamedFilter, WordChips } from "../../src/protocol";
import { facetsOf, Kernel, settle } from "../kernel";
import { all, byTestId, press, type Shown, show } from "../shown";

const [dipole] = facetsOf(null).flags as [FlagChip];
const [band] = facetsOf(null).words as [WordChips];
const [g, r] = band.words;

describe("a flag", () => {
  it("cycles through its states and back to none", () => {
    const seen: (string | null)[] = ["snr > 5"];
    for (let i = 0; i < 4; i++) seen.push(withNextState(dipole, seen[i] ?? null));
    expect(seen.slice(1)).toEqual([
      "snr > 5 and isDipole",
      "snr > 5 and not isDipole",
      "snr > 5 and isDipole.isna()",
      "snr > 5",
    ]);
  });

  it("has no n/a state without such rows", () => {
    const states = dipole.states.map((one) => (one.word === "n/a" ? { ...one, rows: 0 } : one));
    expect(withNextState({ ...dipole, states }, "not isDipole")).toBeNull();
  });

  it("is found in a typed filter", () => {
    expect(chosenState(dipole, "snr > 5 and not isDipole")?.word).toBe("unset");
    expect(chosenState(dipole, "isDipole or snr > 5")).toBeNull();
  });
});

describe("words", () => {
  it("are added and removed one by one, in the order of the chips", () => {
    const one = withWord(band, r ?? null, "snr > 5");
    expect(one).toBe("snr > 5 and band in ['r, wide']");
    const both = withWord(band, g ?? null, one);
    expect(both).toBe("snr > 5 and band in ['g', 'r, wide']");
    expect(chosenWords(band, both).words).toEqual(["'g'", "'r, wide'"]);
    expect(withWord(band, g ?? null, withWord(band, r ?? null, both))).toBe("snr > 5");
  });

  it("exclude rows without a value, and vice versa", () => {
    const missing = withWord(band, null, "band in ['g']");
    expect(missing).toBe("band.isna()");
    expect(withWord(band, g ?? null, missing)).toBe("band in ['g']");
    expect(withWord(band, null, missing)).toBeNull();
  });
});

describe("a range", () => {
  it("is written with one end or two, and read again", () => {
    for (const range of [
      { low: 0.5, high: 0.9 },
      { low: -3, high: null },
      { low: null, high: 1e-7 },
    ]) {
      const where = withRange("score", range, "isDipole");
      expect(where).toContain("isDipole and ");
      expect(chosenRange("score", where)).toEqual(range);
    }
  });

  it("replaces the previous one", () => {
    expect(withRange("snr", { low: 7, high: null }, "5 <= snr <= 9 and isDipole")).toBe(
      "isDipole and snr >= 7",
    );
    expect(withRange("snr", { low: null, high: null }, "snr >= 7")).toBeNull();
  });

  it("of an unusual name is found", () => {
    expect(chosenRange("`my (x)`", "`my (x)` >= 2").low).toBe(2);
  });

  it("is rounded to the resolution of the plot", () => {
    expect(rounded(0.123456, 0, 1)).toBe(0.123);
    expect(rounded(1234.5678, 0, 9000)).toBe(1230);
  });
});

describe("a ready-made filter", () => {
  const all = facetsOf(null).disagreements;
  const [low, flag] = all as [(typeof all)[0], (typeof all)[0]];

  it("is added to a typed filter, replaces another, and can be removed", () => {
    const one = withNamed(low, all, "snr > 5");
    expect(one).toBe("snr > 5 and label == 'real' and score < 0.5");
    expect([isChosen(low, one), isChosen(flag, one)]).toEqual([true, false]);
    const two = withNamed(flag, all, one);
    expect(two).toBe("snr > 5 and isDipole and not (label == 'dipole')");
    expect(withNamed(flag, all, two)).toBe("snr > 5");
  });
});

describe("a plot", () => {
  const plot = (soft: number | null): Histogram => ({
    column: "snr",
    query: "snr",
    unit: "",
    low: -100,
    high: 10_000,
    soft,
    n_all: [],
    n_rows: [],
    missing: 0,
  });

  it("has its first and last edges at its ends", () => {
    for (const one of [plot(null), plot(10)]) {
      expect([shareOf(-100, one), shareOf(10_000, one), shareOf(1e9, one)]).toEqual([0, 1, 1]);
      expect(valueAtShare(shareOf(42, one), one)).toBeCloseTo(42, 6);
    }
  });

  it("gives small numbers more room on a non-linear scale", () => {
    expect(shareOf(100, plot(10))).toBeGreaterThan(0.4);
    expect(shareOf(100, plot(null))).toBeLessThan(0.03);
  });
});

describe("the filters above the tiles", () => {
  let shown: Shown;
  /** Let the kernel count these instead of the usual. */
  function answerFacets(changes: Partial<FacetsAnswer>): void {
    const { answer } = shown.kernel;
    shown.kernel.answer = function (request) {
      if (request.kind === "facets") this.reply(request, { ...facetsOf(null), ...changes });
      else answer.call(this, request);
    };
  }

  beforeEach(async () => {
    localStorage.clear();
    shown = await show();
  });
  afterEach(() => shown.end());
  const chips = (): (string | null)[] => all(shown.root, "[data-testid=chip]").map((one) => one.textContent);
  const whereAsked = (): (string | null)[] => shown.kernel.of("page").map((one) => one.target.where);

  it("show the counts of the filtered rows", () => {
    expect(chips()).toEqual(["g 8", "r, wide 3", "no band 1", "DIPOLE 2", "real, low score 2"]);
    expect(shown.kernel.of("facets").map((one) => one.where)).toEqual([null]);
  });

  it("are not laid out again for another page of the same rows", async () => {
    const box = byTestId(shown.root, "facets").querySelector<HTMLElement>(".cw-chips");
    let measured = 0;
    if (box !== null) box.getBoundingClientRect = () => new DOMRect(0, measured++, 100, 24);
    press(shown.root, "n");
    await settle();
    expect(shown.root.dataset.page).toBe("1");
    expect(measured).toBe(0);
    byTestId(shown.root, "facets-more").click();
    byTestId(shown.root, "facets-more").click();
    expect(measured).toBeGreaterThan(0);
  });

  it("omit values without rows until all are requested", async () => {
    const more = byTestId(shown.root, "facets-more");
    expect(chips()).not.toContain("flag, not dipole 0");
    more.click();
    expect(chips()).toContain("flag, not dipole 0");
    expect(more.getAttribute("aria-expanded")).toBe("true");
    const second = await show(new Kernel());
    expect(byTestId(second.root, "facets-more").getAttribute("aria-expanded")).toBe("true");
    second.end();
    more.click();
    expect(chips()).not.toContain("flag, not dipole 0");
  });

  it("stand beside the labels if they are the journal's, where all are shown", async () => {
    const own = (name: string): FlagChip => ({
      name,
      central: false,
      title: "shown for a while",
      colour: "#666666",
      states: [{ word: "set", query: name, rows: 3 }],
    });
    answerFacets({
      flags: [...facetsOf(null).flags, own("seen"), own("conflict")],
    });
    shown.kernel.set({ where: "snr > 5" });
    await settle();
    expect(chips().slice(0, 4)).toEqual(["g 8", "r, wide 3", "no band 1", "conflict 3"]);
    byTestId(shown.root, "facets-more").click();
    const groups = all(shown.root, ".cw-chip-group").map((one) => [one.ariaLabel, one.textContent]);
    expect(groups.find(([name]) => name === "flags")?.[1]).not.toContain("seen");
    expect(groups[0]?.[1]).toContain("seen 3");
    byTestId(shown.root, "facets-more").click();
  });

  it("shorten counts from a hundred thousand, and tell them whole in the tooltip", async () => {
    answerFacets({
      words: [{ ...band, words: [{ word: "g", literal: "'g'", rows: 166_472 }], missing: 99_999 }],
    });
    shown.kernel.set({ where: "snr > 5" });
    await settle();
    expect(chips().slice(0, 2)).toEqual(["g 166K", "no band 99,999"]);
    expect(all(shown.root, "[data-testid=chip]")[0]?.title).toBe("band g: 166,472 rows");
  });

  it("show selected values even without rows", async () => {
    const [real, other] = facetsOf(null).disagreements as [NamedFilter, NamedFilter];
    shown.kernel.set({ where: `${other.query}` });
    await settle();
    expect(chips()).toContain("\u2713 flag, not dipole 0");
    expect(chips()).toContain(`${real.name} 2`);
  });

  it("write the filter when they are clicked", async () => {
    all(shown.root, "[data-testid=chip]")[3]?.click();
    await settle();
    expect(whereAsked().at(-1)).toBe("isDipole");
    expect(byTestId(shown.root, "where")).toHaveProperty("value", "isDipole");
    expect(chips()[3]).toBe("\u2713 DIPOLE 2");
    expect(shown.kernel.of("facets").at(-1)?.where).toBe("isDipole");
  });

  it("keep the focus while their counts change", async () => {
    const chip = all(shown.root, "[data-testid=chip]")[3];
    chip?.focus();
    chip?.click();
    await settle();
    expect(document.activeElement).toBe(chip);
  });

  it("select a range by its ends", async () => {
    const low = byTestId(shown.root, "lowest") as HTMLInputElement;
    low.value = "0.5";
    low.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(whereAsked().at(-1)).toBe("score >= 0.5");
  });

  it("show that their counts are outdated while the filter is invalid", async () => {
    shown.kernel.prompt = false;
    const field = byTestId(shown.root, "where") as HTMLInputElement;
    field.value = "snrr > 5";
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(byTestId(shown.root, "facets").hasAttribute("data-old")).toBe(true);
  });

  it("request nothing while hidden, also in the next grid", async () => {
    byTestId(shown.root, "facets-toggle").click();
    const before = shown.kernel.of("facets").length;
    all(shown.root, "[data-testid=next]")[0]?.click();
    await settle();
    expect(shown.kernel.of("facets")).toHaveLength(before);
    const second = await show(new Kernel());
    expect(second.kernel.of("facets")).toHaveLength(0);
    second.end();
  });
});
