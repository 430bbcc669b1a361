import { expect, test } from "vitest";

/** The layer of each folder and of each file beside them: imports point to lower layers. */
const LAYERS: Record<string, number> = {
  protocol: 1,
  "dom.ts": 1,
  "stored_picture.ts": 2,
  draw: 2,
  session: 3,
  masks: 4,
  inspector: 5,
  grid: 6,
  "widget.ts": 7,
  page_file: 4,
  "saved.ts": 8,
};

const SOURCES = import.meta.glob("../src/**/*.ts", { query: "?raw", import: "default", eager: true });

/** Path of each file inside `src`, with the paths of the files that it imports. */
const IMPORTS = new Map(
  Object.entries(SOURCES).map(([path, text]): [string, string[]] => {
    const file = path.replace("../src/", "");
    const named = [...String(text).matchAll(/\bfrom "(\.[^"]*)"/g)].map((found) => found[1] ?? "");
    return [file, named.map((name) => resolved(file, name))];
  }),
);

function resolved(file: string, name: string): string {
  const parts = file.split("/").slice(0, -1);
  for (const step of name.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  const path = parts.join("/");
  const found = [`${path}.ts`, `${path}/index.ts`].find((one) => `../src/${one}` in SOURCES);
  if (found === undefined) throw new Error(`${file} imports ${name}, which is not there`);
  return found;
}

const topOf = (file: string): string => file.split("/")[0] ?? file;

test("every file has a layer", () => {
  expect([...IMPORTS.keys()].filter((file) => LAYERS[topOf(file)] === undefined)).toEqual([]);
  expect(IMPORTS.get("grid/view.ts")).toContain("inspector/index.ts");
});

test("imports point to lower layers, and other folders are imported by their index only", () => {
  const wrong = [...IMPORTS].flatMap(([file, imported]) =>
    imported
      .filter((one) => {
        const [from, to] = [topOf(file), topOf(one)];
        const isDown = (LAYERS[to] ?? 99) < (LAYERS[from] ?? -1);
        return from !== to && !(isDown && (one === to || one === `${to}/index.ts`));
      })
      .map((one) => `${file} imports ${one}`),
  );
  expect(wrong).toEqual([]);
});

test("there is no import circle among files, not even among types", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (way.includes(file) || done.has(file)) return;
    for (const one of IMPORTS.get(file) ?? []) follow(one, [...way, file]);
    done.add(file);
  };
  for (const file of IMPORTS.keys()) follow(file, []);
  expect(circles).toEqual([]);
});

test("no style of an element depends on the attributes that the view changes with each page", () => {
  const sheets = import.meta.glob("../src/**/*.css", { query: "?raw", import: "default", eager: true });
  const texts = Object.values(sheets).map(String);
  expect(texts.join()).toContain(".cw[data-faded] .cw-tiles");
  const named = texts.flatMap(
    (text) => text.match(/[^\s,>]*\[(data-(state|page|wanted|pending)|aria-busy)\b[^{]*/g) ?? [],
  );
  // Other elements may have such an attribute if the rule is for one class below.
  expect(named.map((one) => one.trim())).toEqual(['.cw-inspector[data-state="waiting"] .cw-inspector-body']);
});

test("nothing asks the document for its focus: in a shadow root it tells only the host", () => {
  const asking = Object.entries(SOURCES).filter(([, text]) => /ocument\.activeElement/.test(String(text)));
  expect(asking.map(([path]) => path)).toEqual([]);
});
