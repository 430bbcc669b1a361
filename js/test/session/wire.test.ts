import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Request } from "../../src/protocol";
import { Disconnected, Replaced, type Reply, RequestFailed, Wire } from "../../src/session/wire";
import { Kernel, labelled, page, type Sent, settle, target } from "../kernel";

const TURN: Request = { kind: "page", target: target(), purpose: "show", masks: false };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function make(): {
  kernel: Kernel;
  wire: Wire;
  silence: boolean[];
  broadcasts: Reply[];
  end: AbortController;
} {
  const kernel = new Kernel();
  kernel.prompt = false;
  const [silence, broadcasts, end] = [[] as boolean[], [] as Reply[], new AbortController()];
  const wire = new Wire(kernel.model, end.signal, {
    onBroadcast: (reply) => broadcasts.push(reply),
    onSilence: (silent) => silence.push(silent),
  });
  return { kernel, wire, silence, broadcasts, end };
}

function first(kernel: Kernel) {
  const sent = kernel.sent[0];
  if (sent === undefined) throw new Error("nothing was sent");
  return sent;
}

test("requests are numbered and carry the client", async () => {
  const { kernel, wire } = make();
  void wire.ask(TURN).catch(() => {});
  void wire.ask(TURN).catch(() => {});
  expect(kernel.sent.map((one) => [one.request, one.client, one.version])).toEqual([
    [1, wire.client, 1],
    [2, wire.client, 1],
  ]);
});

test("an answer resolves the request it belongs to, with its bytes", async () => {
  const { kernel, wire } = make();
  const asked = wire.ask(TURN);
  kernel.reply(first(kernel), ...page(target()));
  expect((await asked).bytes.byteLength).toBe(48);
});

test("an unanswered request is sent again under its number, after longer and longer waits", async () => {
  const { kernel, wire } = make();
  void wire.ask(TURN);
  await vi.advanceTimersByTimeAsync(400 + 800 + 1600);
  expect(kernel.sent.map((one) => one.request)).toEqual([1, 1, 1, 1]);
  kernel.reply(first(kernel), ...page(target()));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kernel.sent.length).toBe(4);
});

test("a part shows that the kernel is working, so the next retry waits longer", async () => {
  const { kernel, wire } = make();
  const pieces: Reply[] = [];
  const asked = wire.ask(TURN, { onPart: (reply) => pieces.push(reply) });
  kernel.reply(first(kernel), ...page(target(), 12, "part"));
  await vi.advanceTimersByTimeAsync(4900);
  expect([pieces.length, kernel.sent.length]).toEqual([1, 1]);
  kernel.reply(first(kernel), ...page(target()));
  await asked;
});

test("a failure says why and what to correct", async () => {
  const { kernel, wire } = make();
  const asked = wire.ask(TURN);
  kernel.reply(first(kernel), { kind: "failed", reason: "no column", field: "where", cancelled: false });
  await expect(asked).rejects.toMatchObject({ message: "no column", field: "where" });
  await expect(asked).rejects.toBeInstanceOf(RequestFailed);
});

test("answers to other clients, stale answers and malformed ones are ignored", async () => {
  const { kernel, wire } = make();
  let settled = false;
  const asked = wire.ask(TURN).finally(() => {
    settled = true;
  });
  const sent = first(kernel);
  kernel.reply({ ...sent, client: "another" }, ...page(target()));
  kernel.reply({ ...sent, request: 99 }, ...page(target()));
  kernel.reply({ ...sent, request: Number.NaN }, ...page(target()));
  await settle();
  expect(settled).toBe(false);
  kernel.reply(sent, ...page(target()));
  kernel.reply(sent, ...page(target())); // a second answer changes nothing
  await asked;
});

test("a broadcast of the kernel reaches every client", () => {
  const { kernel, broadcasts } = make();
  kernel.reply({ version: 1, client: "", request: 0 }, labelled({ "1": "real" }));
  expect(broadcasts.length).toBe(1);
});

test("an aborted signal cancels the request in the kernel, once", async () => {
  const { kernel, wire } = make();
  const controller = new AbortController();
  const asked = wire.ask(TURN, { signal: controller.signal });
  controller.abort();
  controller.abort();
  expect(kernel.of("cancel").map((one) => one.cancels)).toEqual([1]);
  const cancel = kernel.of("cancel")[0];
  if (cancel !== undefined) kernel.answer(cancel);
  await expect(asked).rejects.toMatchObject({ cancelled: true });
});

test("a cancelled request is not sent again, but its cancellation is until the kernel answers", async () => {
  const { kernel, wire } = make();
  const controller = new AbortController();
  const asked = wire.ask(TURN, { signal: controller.signal });
  controller.abort();
  await vi.advanceTimersByTimeAsync(401);
  expect(kernel.sent.map((one) => one.kind)).toEqual(["page", "cancel", "cancel"]);
  kernel.answer(kernel.of("cancel")[0] as Sent);
  await expect(asked).rejects.toMatchObject({ cancelled: true });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kernel.of("cancel").length).toBe(2);
});

test("a request that is replaced is neither cancelled nor repeated", async () => {
  const { kernel, wire } = make();
  const controller = new AbortController();
  const asked = wire.ask(TURN, { signal: controller.signal });
  controller.abort(new Replaced());
  await expect(asked).rejects.toBeInstanceOf(Replaced);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kernel.sent.map((one) => one.kind)).toEqual(["page"]);
});

test("without a kernel a request is rejected at once", async () => {
  const { kernel, wire } = make();
  kernel.dead = true;
  await expect(wire.ask(TURN)).rejects.toBeInstanceOf(Disconnected);
});

test("a kernel that does not answer is reported as silent until it does", async () => {
  const { kernel, wire, silence } = make();
  const asked = wire.ask(TURN);
  await vi.advanceTimersByTimeAsync(1000);
  expect(silence).toEqual([true]);
  kernel.reply(first(kernel), ...page(target()));
  await asked;
  expect(silence).toEqual([true, false]);
});

test("a kernel that works for long on a request is not silent", async () => {
  const { kernel, wire, silence } = make();
  const asked = wire.ask(TURN);
  for (const ms of [400, 800, 1600]) {
    await vi.advanceTimersByTimeAsync(ms);
    kernel.reply(first(kernel), { kind: "working" }); // to the request that was sent again
  }
  expect(kernel.sent.length).toBe(4);
  expect(silence.includes(true)).toBe(false);
  kernel.reply(first(kernel), ...page(target()));
  await asked;
});

test("when the grid ends no listener, timer or pending promise is left", async () => {
  const { kernel, wire, end } = make();
  const asked = wire.ask(TURN);
  end.abort();
  await expect(asked).rejects.toBeInstanceOf(Disconnected);
  expect(kernel.listeners()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
