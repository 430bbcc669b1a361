import { describe, expect, it } from "vitest";
import { joined, replaced, termsOf } from "../../src/grid/facets/terms";

const is = (term: string) => (one: string) => one === term;

describe("the terms of a filter", () => {
  it("are what stands between its ands", () => {
    expect(termsOf("snr > 5 and not isDipole and band in ['r', 'i']")).toEqual([
      "snr > 5",
      "not isDipole",
      "band in ['r', 'i']",
    ]);
  });

  it("are none of an empty filter", () => {
    expect([termsOf(null), termsOf(""), termsOf("  ")]).toEqual([[], [], []]);
  });

  it("stay together where an or stands outside of brackets", () => {
    expect(termsOf("a or b and c")).toEqual(["a or b and c"]);
    expect(termsOf("a | b and c")).toEqual(["a | b and c"]);
    expect(termsOf("(a or b) and c")).toEqual(["(a or b)", "c"]);
  });

  it("are not parted inside of quotes, names and brackets", () => {
    expect(termsOf("note == 'this and that' and x > 1")).toEqual(["note == 'this and that'", "x > 1"]);
    expect(termsOf("note == 'it\\'s one and two' and x > 1")).toHaveLength(2);
    expect(termsOf("`up and down` > 1 and band_and > 2")).toEqual(["`up and down` > 1", "band_and > 2"]);
    expect(termsOf("between(1 and 2) and sand > 0")).toEqual(["between(1 and 2)", "sand > 0"]);
  });

  it("stay as they were typed if something is missing", () => {
    expect(termsOf("snr > 5 and")).toEqual(["snr > 5 and"]);
    expect(termsOf("and snr > 5")).toEqual(["and snr > 5"]);
  });
});

describe("a term", () => {
  it("joins what was typed by hand", () => {
    expect(replaced("snr > 5", is("isDipole"), "isDipole")).toBe("snr > 5 and isDipole");
    expect(replaced(null, is("isDipole"), "isDipole")).toBe("isDipole");
  });

  it("takes the place of an older one of its kind", () => {
    const isOld = (one: string) => one === "isDipole" || one === "not isDipole";
    expect(replaced("isDipole and snr > 5", isOld, "not isDipole")).toBe("snr > 5 and not isDipole");
  });

  it("leaves, and the rest is as before", () => {
    expect(replaced("snr > 5 and isDipole", is("isDipole"), null)).toBe("snr > 5");
    expect(replaced("isDipole", is("isDipole"), null)).toBeNull();
  });

  it("does not change the meaning of an or", () => {
    const both = replaced("a > 1 or b > 1", is("isDipole"), "isDipole");
    expect(both).toBe("(a > 1 or b > 1) and isDipole");
    expect(replaced(both, is("isDipole"), null)).toBe("(a > 1 or b > 1)");
  });

  it("of several columns keeps its brackets beside others", () => {
    expect(joined(["(a or b)", "c"])).toBe("(a or b) and c");
    expect(termsOf(joined(["(a or b)", "c"]))).toEqual(["(a or b)", "c"]);
  });
});
