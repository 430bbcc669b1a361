import { expect, test, vi } from "vitest";
import type { Model } from "../../src/session";
import { Session } from "../../src/session";
import { Kernel } from "../kernel";

/** The widget managers of Colab and VS Code: no kernel status, no experimental interface. */
const managers: [string, Model["widget_manager"]][] = [
  ["no manager", undefined],
  ["a manager that knows no such model", { get_model: () => Promise.reject(new Error("no such model")) }],
  ["a manager that gives nothing", { get_model: () => Promise.resolve(undefined) }],
  ["a model that does not tell whether its kernel lives", { get_model: () => Promise.resolve({}) }],
];

test.each(managers)("with %s pages can be turned and a source inspected", async (_, manager) => {
  const kernel = new Kernel();
  const { get, set, save_changes, send, on, off } = kernel.model;
  const model: Model = { get, set, save_changes, send, on, off, ...(manager && { widget_manager: manager }) };
  const end = new AbortController();
  const session = new Session(model, end.signal);
  await vi.waitFor(() => expect(session.settled).toBe(true));
  expect(kernel.of("hello")).toHaveLength(1);
  session.setTarget({ page: 1 });
  await vi.waitFor(() => expect(session.page?.target.page).toBe(1));
  session.inspect(session.page?.tiles[0]?.tile.id ?? null);
  await vi.waitFor(() => expect(kernel.of("inspect")).toHaveLength(1));
  end.abort();
});
