import { afterEach, expect, test } from "vitest";
import { cell, Kernel, settle } from "../kernel";
import { all, byTestId, press, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

const CELLS = [
  cell({ name: "diaSourceId", value: "9007199254740993", group: "ids" }),
  cell({ name: "ra", value: "53.0", unit: "deg", group: "position" }),
  cell({ name: "isDipole", value: "true", group: "flags", flag: true, badge: "SAT", python: "True" }),
  cell({ name: "edge", value: "false", group: "flags", flag: true, python: "False" }),
  cell({ name: "cr", value: "n/a", group: "flags", flag: true, null: true, python: "None" }),
];

async function inspecting() {
  const kernel = new Kernel();
  kernel.cells = CELLS;
  kernel.links = [
    { name: "SIMBAD", url: "https://simbad.example/?a=1&b=2" },
    { name: "bad", url: "javascript:alert(1)" },
  ];
  const shown = await show(kernel);
  press(shown.root, "Enter");
  await settle();
  return shown;
}

const named = (root: HTMLElement): string[] =>
  all(byTestId(root, "columns"), "tbody").map((one) => {
    const names = all(one, "[data-column]").map((row) => row.dataset.column);
    return `${one.dataset.group}: ${names.join(" ")}`;
  });

test("columns are grouped, with pinned ones first, also in the next grid", async () => {
  const { root } = await inspecting();
  expect(named(root)).toEqual(["Ids: diaSourceId", "Position: ra", "Flags: isDipole edge cr"]);
  root.querySelector<HTMLElement>("[data-column=edge] [data-act=pin]")?.click();
  const pinned = ["Pinned: edge", "Ids: diaSourceId", "Position: ra", "Flags: isDipole cr"];
  expect(named(root)).toEqual(pinned);
  expect(named((await inspecting()).root)).toEqual(pinned);
});

test("a flag is set, not set or n/a; one that is set has its badge", async () => {
  const { root } = await inspecting();
  const flags = ["isDipole", "edge", "cr"].map((name) =>
    root.querySelector(`[data-column=${name}] .cw-value`),
  );
  expect(flags.map((one) => one?.textContent)).toEqual(["SAT set", "not set", "n/a"]);
  expect(flags.map((one) => one?.getAttribute("data-flag"))).toEqual(["set", "unset", "unknown"]);
});

test("a column without a value has no unit either", async () => {
  const kernel = new Kernel();
  kernel.cells = [
    cell({ name: "raErr", value: "n/a", unit: "deg", null: true, python: "None" }),
    cell({ name: "ra", value: "53.0", unit: "deg" }),
  ];
  const { root } = await show(kernel);
  press(root, "Enter");
  await settle();
  const values = ["raErr", "ra"].map((name) => root.querySelector(`[data-column=${name}] .cw-value`));
  expect(values.map((one) => one?.textContent)).toEqual(["n/a", "53.0 deg"]);
});

test("columns without a value can be hidden", async () => {
  const { root } = await inspecting();
  byTestId(root, "hide-null").click();
  expect(named(root).at(-1)).toBe("Flags: isDipole edge");
});

test("a value is copied as Python, and the row as a dict with whole ids", async () => {
  const copied: string[] = [];
  Object.assign(navigator, { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  const { root } = await inspecting();
  root.querySelector<HTMLElement>("[data-column=ra] [data-act=copy]")?.click();
  byTestId(root, "copy-row").click();
  await settle();
  expect(copied).toEqual([
    "53.0",
    '{\n    "diaSourceId": 9007199254740993,\n    "ra": 53.0,\n    "isDipole": True,\n    "edge": False,\n    "cr": None,\n}',
  ]);
  expect(byTestId(root, "copied").textContent).toBe("copied 5 columns");
});

test("a message is shown if copying is not allowed", async () => {
  Object.assign(navigator, { clipboard: undefined });
  const { root } = await inspecting();
  byTestId(root, "copy-row").click();
  await settle();
  expect(byTestId(root, "copied").textContent).toBe(
    "not copied: the browser does not allow this page to use the clipboard",
  );
});

test("links open in a new tab without referrer; addresses that are not http are not links", async () => {
  const { root } = await inspecting();
  const links = [...byTestId(root, "links").querySelectorAll("a")];
  expect(links.map((one) => [one.textContent, one.href, one.rel, one.target])).toEqual([
    ["SIMBAD", "https://simbad.example/?a=1&b=2", "noopener noreferrer", "_blank"],
  ]);
});

test("the buttons of one row are tab stops, and arrow keys go from row to row", async () => {
  const { root } = await inspecting();
  const table = byTestId(root, "columns");
  const stops = (): (string | undefined)[] =>
    all(table, "button")
      .filter((one) => one.tabIndex === 0)
      .map((one) => `${one.closest<HTMLElement>("[data-column]")?.dataset.column} ${one.dataset.act}`);
  const go = (key: string): string | undefined => {
    if (document.activeElement instanceof HTMLElement) press(document.activeElement, key);
    const here = document.activeElement;
    return here?.closest<HTMLElement>("[data-column]")?.dataset.column;
  };
  expect(stops()).toEqual(["diaSourceId pin", "diaSourceId copy"]);
  root.querySelector<HTMLElement>("[data-column=diaSourceId] [data-act=copy]")?.focus();
  expect(go("ArrowDown")).toBe("ra");
  expect(document.activeElement?.getAttribute("data-act")).toBe("copy");
  expect(stops()).toEqual(["ra pin", "ra copy"]);
  expect(go("End")).toBe("cr"); // which has nothing to copy
  expect(go("ArrowDown")).toBe("cr");
  expect(go("Home")).toBe("diaSourceId");
});
