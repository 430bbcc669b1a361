import { describe, expect, it } from "vitest";
import { joined, replaced, termsOf } from "../../src/grid/facets/terms";

const is = (term: string) => (one: string) => one === term;

describe("the terms of a filter", () => {
  it("are separated by its ands", () => {
    expect(termsOf("snr > 5 and not isDipole and band in ['r', 'i']")).toEqual([
      "snr > 5",
      "not isDipole",
      "band in ['r', 'i']",
    ]);
  });

  it("are empty for an empty filter", () => {
    expect([termsOf(null), termsOf(""), termsOf("  ")]).toEqual([[], [], []]);
  });

  it("are not split if there is an or outside of brackets", () => {
    expect(termsOf("a or b and c")).toEqual(["a or b and c"]);
    expect(termsOf("a | b and c")).toEqual(["a | b and c"]);
    expect(termsOf("(a or b) and c")).toEqual(["(a or b)", "c"]);
  });

  it("are not split inside of quotes, names and brackets", () => {
    expect(termsOf("note == 'this and that' and x > 1")).toEqual(["note == 'this and that'", "x > 1"]);
    expect(termsOf("note == 'it\\'s one and two' and x > 1")).toHaveLength(2);
    expect(termsOf("`up and down` > 1 and band_and > 2")).toEqual(["`up and down` > 1", "band_and > 2"]);
    expect(termsOf("between(1 and 2) and sand > 0")).toEqual(["between(1 and 2)", "sand > 0"]);
  });

  it("stay as typed if something is missing", () => {
    expect(termsOf("snr > 5 and")).toEqual(["snr > 5 and"]);
    expect(termsOf("and snr > 5")).toEqual(["and snr > 5"]);
  });
});

describe("a term", () => {
  it("is added to a typed filter", () => {
    expect(replaced("snr > 5", is("isDipole"), "isDipole")).toBe("snr > 5 and isDipole");
    expect(replaced(null, is("isDipole"), "isDipole")).toBe("isDipole");
  });

  it("replaces an older one of its kind", () => {
    const isOld = (one: string) => one === "isDipole" || one === "not isDipole";
    expect(replaced("isDipole and snr > 5", isOld, "not isDipole")).toBe("snr > 5 and not isDipole");
  });

  it("can be removed, and the rest is unchanged", () => {
    expect(replaced("snr > 5 and isDipole", is("isDipole"), null)).toBe("snr > 5");
    expect(replaced("isDipole", is("isDipole"), null)).toBeNull();
  });

  it("does not change the meaning of an or", () => {
    const both = replaced("a > 1 or b > 1", is("isDipole"), "isDipole");
    expect(both).toBe("(a > 1 or b > 1) and isDipole");
    expect(replaced(both, is("isDipole"), null)).toBe("(a > 1 or b > 1)");
  });

  it("of several columns keeps its brackets next to others", () => {
    expect(joined(["(a or b)", "c"])).toBe("(a or b) and c");
    expect(termsOf(joined(["(a or b)", "c"]))).toEqual(["(a or b)", "c"]);
  });
});
