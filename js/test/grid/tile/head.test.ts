import { afterEach, expect, test } from "vitest";
import { Kernel, labelled } from "../../kernel";
import { all, show } from "../../shown";

afterEach(() => document.body.replaceChildren());

const hidden = (root: HTMLElement, name: string) =>
  all(root, `[data-place="0"] [data-testid="${name}"]`).map((one) => [
    one.hidden,
    one.textContent,
    one.title,
  ]);

test("a label of another person shows their name, and disagreements are shown", async () => {
  const kernel = new Kernel();
  const { root, end } = await show(kernel);
  const id = "9007199254740993";
  const answer = labelled({ [id]: "real" });
  const to = { version: 1, client: "", request: 0 };
  kernel.reply(to, answer);
  expect(hidden(root, "who")).toEqual([[true, "vera", "labelled by vera"]]);
  expect(hidden(root, "conflict")[0]?.[0]).toBe(true);
  const journal = { label: "bogus", who: "<b>maria</b>", note: "", seen: false, others: "vera: real" };
  kernel.reply(to, { ...answer, act: "others", journal: { [id]: journal } });
  expect(hidden(root, "who")).toEqual([[false, "<b>maria</b>", "labelled by <b>maria</b>"]]);
  expect(hidden(root, "conflict")).toEqual([[false, "\u2260", "vera: real"]]);
  end();
});
