// @vitest-environment jsdom
import { expect, test } from "vitest";
import { focusedIn, h, hide, setText, withoutFolders } from "../src/dom";

test("a text that becomes empty keeps its node: nodes that come and go make the browser match rules again", () => {
  const element = h("p", {}, "one");
  const node = element.firstChild;
  setText(element, "");
  setText(element, "two");
  expect(element.firstChild).toBe(node);
  expect(element.textContent).toBe("two");
});

test("an absolute path is shortened to the file name", () => {
  expect(withoutFolders("there is no file /data/night/2026_template.fits")).toBe(
    "there is no file \u2026/2026_template.fits",
  );
  expect(withoutFolders("looked for '/a/b/c.fits', found none")).toBe(
    "looked for '\u2026/c.fits', found none",
  );
});

test("text that is not an absolute path is unchanged", () => {
  const sentence = "wanted 3 nJy/beam and images/one.fits; see https://example.org/a/b";
  expect(withoutFolders(sentence)).toBe(sentence);
  expect(withoutFolders("no file /one.fits")).toBe("no file /one.fits");
});

test("the focus is found and moved in a shadow root too, where marimo shows a grid", () => {
  const host = document.body.appendChild(h("div"));
  const field = h("input");
  const box = h("p", {}, field);
  const grid = h("div", { tabindex: 0 }, box);
  host.attachShadow({ mode: "open" }).append(grid);
  field.focus();
  expect(focusedIn(box)).toBe(field);
  hide(box);
  expect(focusedIn(grid)).toBe(grid);
  expect(focusedIn(document.body)).toBe(host);
  host.remove();
});
