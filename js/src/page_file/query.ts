import type { Value } from "./stored";

/** The values that a filter can name. */
export type Lookup = (name: string) => Value | undefined;

/** A filter or a sort order that is not supported in a page outside of the notebook. */
export class BadQuery extends Error {}

type Node = (row: Lookup) => Value | Value[];

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|`(?<quoted>[^`]+)`|(?<name>[^\W\d]\w*)|(?<sign>==|!=|<=|>=|[<>()[\],.&|~+\-*/]))/uy;

/**
 * Compile a filter as written by chips: comparisons, `in`, `and`, `or`, `not`, arithmetic, `.isna()`,
 * `.notna()`, `.between(a, b)`, `.isin([...])`. Missing values pass no comparison, as in the notebook.
 */
export function compiled(query: string, knows: (name: string) => boolean): (row: Lookup) => boolean {
  const tree = new Parser(query, knows).whole();
  return (row) => tree(row) === true;
}

interface Token {
  kind: "number" | "text" | "quoted" | "name" | "sign";
  text: string;
}

class Parser {
  readonly #tokens: Token[];
  readonly #knows: (name: string) => boolean;
  #at = 0;

  constructor(query: string, knows: (name: string) => boolean) {
    this.#tokens = [...tokensOf(query)];
    this.#knows = knows;
  }

  whole(): Node {
    const tree = this.#or();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new BadQuery(`the filter ends before ${rest.text}`);
    return tree;
  }

  #is(...words: string[]): string | null {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === "text" || token.kind === "quoted") return null;
    if (!words.includes(token.text)) return null;
    this.#at++;
    return token.text;
  }

  #need(word: string): void {
    if (this.#is(word) === null) throw new BadQuery(`the filter lacks a ${word}`);
  }

  #or(): Node {
    let left = this.#and();
    while (this.#is("or", "|") !== null) {
      const [one, two] = [left, this.#and()];
      left = (row) => either(one(row), two(row), true);
    }
    return left;
  }

  #and(): Node {
    let left = this.#not();
    while (this.#is("and", "&") !== null) {
      const [one, two] = [left, this.#not()];
      left = (row) => either(one(row), two(row), false);
    }
    return left;
  }

  #not(): Node {
    if (this.#is("not", "~") === null) return this.#comparison();
    const one = this.#not();
    return (row) => {
      const value = one(row);
      return value === null ? null : !truth(value);
    };
  }

  #comparison(): Node {
    let left = this.#sum();
    const links: Node[] = [];
    for (let sign = this.#sign(); sign !== null; sign = this.#sign()) {
      const [one, how, two] = [left, sign, this.#sum()];
      links.push((row) => compared(one(row), how, two(row)));
      left = two;
    }
    if (links.length === 0) return left;
    return (row) => links.map((link) => link(row)).reduce((one, two) => either(one, two, false));
  }

  #sign(): string | null {
    const sign = this.#is("==", "!=", "<=", ">=", "<", ">", "in");
    if (sign !== null) return sign;
    const [now, next] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]];
    if (now?.text !== "not" || next?.text !== "in") return null;
    this.#at += 2;
    return "not in";
  }

  #sum(): Node {
    let left = this.#product();
    for (let sign = this.#is("+", "-"); sign !== null; sign = this.#is("+", "-")) {
      const [one, two, factor] = [left, this.#product(), sign === "+" ? 1 : -1];
      left = (row) => calculated(one(row), two(row), (a, b) => a + factor * b);
    }
    return left;
  }

  #product(): Node {
    let left = this.#signed();
    for (let sign = this.#is("*", "/"); sign !== null; sign = this.#is("*", "/")) {
      const [one, two, times] = [left, this.#signed(), sign === "*"];
      left = (row) => calculated(one(row), two(row), (a, b) => (times ? a * b : a / b));
    }
    return left;
  }

  #signed(): Node {
    if (this.#is("-") === null) return this.#method(this.#atom());
    const one = this.#signed();
    return (row) => {
      const value = one(row);
      return typeof value === "bigint" ? -value : calculated(0, value, (a, b) => a - b);
    };
  }

  #method(of: Node): Node {
    let node = of;
    while (this.#is(".") !== null) {
      const name = this.#tokens[this.#at++]?.text ?? "";
      this.#need("(");
      const given: Node[] = [];
      while (this.#is(")") === null) {
        given.push(this.#or());
        if (this.#is(",") === null && this.#tokens[this.#at]?.text !== ")") this.#need(")");
      }
      const [mine, first, second] = [node, given[0], given[1]];
      if (["isna", "isnull"].includes(name)) node = (row) => mine(row) === null;
      else if (["notna", "notnull"].includes(name)) node = (row) => mine(row) !== null;
      else if (name === "abs") node = (row) => calculated(0, mine(row), (_, b) => Math.abs(b));
      else if (name === "isin" && first !== undefined) node = (row) => compared(mine(row), "in", first(row));
      else if (name === "between" && first !== undefined && second !== undefined)
        node = (row) =>
          either(compared(mine(row), ">=", first(row)), compared(mine(row), "<=", second(row)), false);
      else throw new BadQuery(`a saved page does not support .${name}() in a filter`);
    }
    return node;
  }

  #atom(): Node {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new BadQuery("the filter ends too early");
    if (token.kind === "number") return constant(numberOf(token.text));
    if (token.kind === "text") return constant(token.text.slice(1, -1).replace(/\\(.)/gs, "$1"));
    if (token.text === "(") {
      const inside = this.#or();
      this.#need(")");
      return inside;
    }
    if (token.text === "[") return this.#list();
    if (token.kind === "name" && WORDS.has(token.text)) return constant(WORDS.get(token.text) ?? null);
    if (token.kind === "sign") throw new BadQuery(`the filter has a ${token.text} where a value is missing`);
    if (!this.#knows(token.text)) throw new BadQuery(`there is no column ${token.text} in this page`);
    return (row) => row(token.text) ?? null;
  }

  #list(): Node {
    const entries: Node[] = [];
    while (this.#is("]") === null) {
      entries.push(this.#sum());
      if (this.#is(",") === null && this.#tokens[this.#at]?.text !== "]") this.#need("]");
    }
    return (row) => entries.flatMap((one) => one(row));
  }
}

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["True", true],
  ["False", false],
  ["true", true],
  ["false", false],
  ["None", null],
]);

function* tokensOf(query: string): Generator<Token> {
  let at = 0;
  while (query.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(query)?.groups;
    if (groups === undefined)
      throw new BadQuery(`the filter cannot be read from ${query.slice(at, at + 20)}`);
    at = TOKEN.lastIndex;
    for (const kind of ["number", "text", "quoted", "name", "sign"] as const) {
      const text = groups[kind];
      if (text !== undefined) yield { kind, text };
    }
  }
}

function constant(value: Value): Node {
  return () => value;
}

/** A number; whole numbers beyond JavaScript's exact range are bigints. */
function numberOf(text: string): number | bigint {
  const number = Number(text);
  return /^\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

function truth(value: Value | Value[]): boolean {
  return typeof value === "boolean" ? value : value !== 0 && value !== null;
}

/** Three-valued `or` and `and`: unknown values stay unknown where they matter. */
function either(one: Value | Value[], two: Value | Value[], wins: boolean): Value {
  const sides = [one, two].map((side) => (side === null ? null : truth(side)));
  if (sides.includes(wins)) return wins;
  return sides.includes(null) ? null : !wins;
}

function compared(one: Value | Value[], sign: string, two: Value | Value[]): Value {
  if (one === null || Array.isArray(one)) return null;
  if (sign === "in" || sign === "not in") {
    const found = (Array.isArray(two) ? two : [two]).some((entry) => isEqual(one, entry));
    return found === (sign === "in");
  }
  if (two === null || Array.isArray(two)) return null;
  if (sign === "==" || sign === "!=") return isEqual(one, two) === (sign === "==");
  const order = inOrder(one, two);
  if (order === null) return null;
  return sign === "<" ? order < 0 : sign === ">" ? order > 0 : sign === "<=" ? order <= 0 : order >= 0;
}

function isEqual(one: Value, two: Value): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: it compares a bigint with a number exactly
  return typeof one === "string" || typeof two === "string" ? one === two : one == two;
}

/** Negative if the first sorts first, null if the two cannot be compared. */
export function inOrder(one: Value, two: Value): number | null {
  if (one === null || two === null || (typeof one === "string") !== (typeof two === "string")) return null;
  return one < two ? -1 : one > two ? 1 : 0;
}

function calculated(
  one: Value | Value[],
  two: Value | Value[],
  of: (a: number, b: number) => number,
): number | null {
  if (one === null || two === null || Array.isArray(one) || Array.isArray(two)) return null;
  if (typeof one === "string" || typeof two === "string")
    throw new BadQuery("a filter cannot do arithmetic with text");
  return of(Number(one), Number(two));
}
