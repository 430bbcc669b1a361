import { afterEach, expect, test } from "vitest";
import { Kernel, settle } from "../kernel";
import { byTestId, press, show } from "../shown";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

test("what a key changes on the screen only is announced, and so is its end", async () => {
  const kernel = new Kernel();
  kernel.hasPixels = true;
  const { root } = await show(kernel);
  const heard = async (key: string): Promise<string | null> => {
    press(root, key);
    await settle();
    return byTestId(root, "announcement").textContent;
  };
  expect(await heard("i")).toBe("dark and bright inverted");
  expect(await heard("i")).toBe("dark and bright as in the look");
  expect(await heard("m")).toBe("masks shown");
  expect(await heard("m")).toBe("masks hidden");
  expect(await heard("?")).toBe("list of keys open before the tiles; Escape closes it");
  expect(await heard("Escape")).toBe("list of keys closed");
  expect(await heard("Enter")).toBe("inspector open");
  expect(await heard("ArrowRight")).toBe("inspector open");
  expect(await heard("Escape")).toBe("inspector closed");
  await heard(" ");
  expect(await heard("Escape")).toBe("nothing selected");
});

test("a text that is announced twice changes, or it would not be read again", async () => {
  const { root } = await show();
  const line = byTestId(root, "announcement");
  press(root, "c");
  const first = line.textContent;
  press(root, "c");
  expect(line.textContent).not.toBe(first);
  expect(line.textContent?.trim()).toBe(first);
});
