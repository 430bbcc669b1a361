import { expect, test } from "vitest";
import { hidesPictureOf } from "../../src/stored_picture";
import { show } from "../shown";

const ID = "0123456789abcdef0123456789abcdef";

/** The address of a PNG with a text after its size: signature, size, text. */
function png(width: number, text: string): string {
  const size = `\0\0\0\rIHDR\0\0${String.fromCharCode(width >> 8, width & 255)}\0\0\0\x10\b\x03\0\0\0crc!`;
  const chunk = `\0\0\0${String.fromCharCode(text.length)}tEXt${text}crc!`;
  return `data:image/png;base64,${btoa(`\x89PNG\r\n\x1a\n${size}${chunk}IDAT...`)}`;
}

function shownWith(src: string): string {
  const image = document.createElement("img");
  image.src = src;
  document.body.append(image);
  const display = getComputedStyle(image).display;
  image.remove();
  return display;
}

test("the stored picture of a grid is hidden, whatever its size; other pictures are not", () => {
  const style = hidesPictureOf(ID);
  document.body.append(style);
  for (const width of [1, 265, 1100]) expect(shownWith(png(width, `Comment\0cutouts ${ID}`))).toBe("none");
  expect(shownWith(png(265, `Comment\0cutouts ${ID.replace("0", "f")}`))).not.toBe("none");
  expect(shownWith(png(265, "Software\0matplotlib"))).not.toBe("none");
  style.remove();
  expect(shownWith(png(265, `Comment\0cutouts ${ID}`))).not.toBe("none");
});

test("an id from a file that is no id hides nothing", () => {
  expect(hidesPictureOf('x"] { } body { display: none } ☠').textContent).toBe("");
});

test("a view in a notebook brings the style, and takes it along", async () => {
  const { root, end } = await show();
  expect(root.closest(".cw-host")?.querySelector("style")?.textContent).toContain("img[src*=");
  end();
  expect(document.querySelector("style")).toBe(null);
});
