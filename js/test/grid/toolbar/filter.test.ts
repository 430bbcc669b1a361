import { afterEach, beforeEach, expect, it } from "vitest";
import { settle } from "../../kernel";
import { byTestId, type Shown, show } from "../../shown";

let shown: Shown;
beforeEach(async () => {
  shown = await show();
});
afterEach(() => shown.end());

const field = (): HTMLInputElement => byTestId(shown.root, "where") as HTMLInputElement;

/** Type a filter, and press Enter. */
async function enter(text: string): Promise<void> {
  field().focus();
  type(text);
  field().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  await settle();
}

function type(text: string): void {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

it("after Enter, keys act on the tiles again", async () => {
  await enter("snr > 7");
  expect(document.activeElement).toBe(shown.root);
  await enter("snr > 7"); // the same
  expect(document.activeElement).toBe(shown.root);
});

it("a wrong filter keeps the focus, and its text", async () => {
  shown.kernel.prompt = false;
  await enter("snrr > 7");
  expect(document.activeElement).toBe(field());
  const asked = shown.kernel.of("page").at(-1);
  if (asked === undefined) throw new Error("no request");
  shown.kernel.reply(asked, { kind: "failed", reason: "no column snrr", field: "where", cancelled: false });
  await settle();
  expect(document.activeElement).toBe(field());
  expect(field().value).toBe("snrr > 7");
});

it("what is typed while the rows are on their way stays, with the focus", async () => {
  shown.kernel.prompt = false;
  await enter("snr > 7");
  type("snr > 78");
  const asked = shown.kernel.of("page").at(-1);
  if (asked === undefined) throw new Error("no request");
  shown.kernel.answer(asked);
  await settle();
  expect(document.activeElement).toBe(field());
  expect(field().value).toBe("snr > 78");
});

it("shows a filter that was set elsewhere, unless something else is being typed", async () => {
  field().focus();
  shown.kernel.set({ where: "isDipole" });
  await settle();
  expect(field().value).toBe("isDipole");
  type("snr > ");
  shown.kernel.set({ where: "not isDipole" });
  await settle();
  expect(field().value).toBe("snr > ");
});

it("the cross moves no focus when it is pressed: the field would change its width under the pointer", () => {
  const press = new MouseEvent("mousedown", { bubbles: true, cancelable: true });
  expect(byTestId(shown.root, "clear").dispatchEvent(press)).toBe(false);
});

it("gives an example that works in the table", async () => {
  expect(field().placeholder).toBe("filter: snr > 10");
  const choices = shown.kernel.model.get("choices");
  shown.kernel.set({ choices: { ...choices, columns: choices.columns.filter((one) => one.name !== "snr") } });
  await settle();
  expect(field().placeholder).toBe("filter: not seen");
});
