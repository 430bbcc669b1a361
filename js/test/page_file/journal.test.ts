import { expect, test } from "vitest";
import { Journal } from "../../src/page_file/journal";

const SAID = { label: "bogus", who: "ada", note: "", seen: true, others: "" };

function journal(): Journal {
  const one = new Journal([["7", SAID]], () => "2026-01-01T00:00:00.000Z");
  one.who = "vera";
  return one;
}

const lines = (one: Journal): Record<string, unknown>[] =>
  one.text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("an action is one line with text ids and the changes", () => {
  const one = journal();
  const answer = one.label(["7", "8"], "real");
  expect(answer.was).toEqual({ 7: "bogus", 8: null });
  expect(answer.labels).toEqual({ 7: "real", 8: "real" });
  expect(lines(one)).toMatchObject([
    { ids: ["7", "8"], label: "real", who: "vera", when: "2026-01-01T00:00:00.000Z", version: 1 },
  ]);
});

test("undo restores the labels that the page came with, redo repeats", () => {
  const one = journal();
  one.label(["7"], "real");
  expect(one.turn("undo").labels).toEqual({ 7: "bogus" });
  expect(one.of("7")).toEqual(SAID);
  expect(one.turn("undo").n_changed).toBe(0);
  expect(one.turn("redo").labels).toEqual({ 7: "real" });
  const [first, second, third] = lines(one);
  expect(second).toMatchObject({ undo: first?.act });
  expect(third).toMatchObject({ redo: first?.act });
});

test("notes and seen marks are separate lines; repeated seen marks are not written", () => {
  const one = journal();
  one.note("7", "a spike?");
  expect(one.see(["7", "8"]).journal).toEqual({
    8: { label: null, who: "", note: "", seen: true, others: "" },
  });
  expect(lines(one)).toMatchObject([{ id: "7", note: "a spike?" }, { seen: ["8"] }]);
});

test("sources that were only seen are no labels that could be lost", () => {
  const one = journal();
  one.see(["8"]);
  expect([one.unsaved, lines(one).length]).toEqual([0, 1]);
  one.label(["8"], "real");
  expect(one.unsaved).toBe(1);
});

test("progress counts the choices first", () => {
  const one = journal();
  one.label(["9"], "odd");
  expect(one.progress(["7", "8", "9"], ["real", "bogus"])).toEqual({
    rows: 3,
    labels: { real: 0, bogus: 1, odd: 1 },
    unlabelled: 1,
    seen: 1,
  });
});
