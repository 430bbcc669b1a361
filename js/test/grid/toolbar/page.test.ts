import { afterEach, expect, test } from "vitest";
import { Kernel, settle } from "../../kernel";
import { byTestId, show } from "../../shown";

afterEach(() => document.body.replaceChildren());

test("the page field shows the current page after any input", async () => {
  const { root } = await show();
  const field = byTestId(root, "page") as HTMLInputElement;
  const typed = async (text: string): Promise<(string | undefined)[]> => {
    field.focus();
    field.value = text;
    field.dispatchEvent(new Event("input"));
    field.dispatchEvent(new Event("change"));
    await settle();
    return [field.value, root.dataset.page];
  };
  expect(await typed("2")).toEqual(["2", "1"]);
  expect(await typed("abc")).toEqual(["2", "1"]);
  expect(await typed("")).toEqual(["2", "1"]);
  expect(await typed("-3")).toEqual(["1", "0"]);
  expect(await typed("1e99")).toEqual(["3", "2"]);
  expect(await typed("99999999999999999999")).toEqual(["3", "2"]);
  expect(await typed("2.7")).toEqual(["2", "1"]);
});

test("if no row passes the filter there is no page 1 of 1", async () => {
  const { root } = await show(new Kernel({ n_rows: 0, n_total: 911 }));
  expect(byTestId(root, "pages").textContent).toBe("0 of 911 sources");
  expect(byTestId(root, "page").hidden).toBe(true);
});
