import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "../../src/session";
import { Kernel, page, type Sent, settle, target } from "../kernel";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(
  kernel = new Kernel(),
): Promise<{ kernel: Kernel; session: Session; end: AbortController }> {
  const end = new AbortController();
  const session = new Session(kernel.model, end.signal);
  await settle();
  return { kernel, session, end };
}

const first = (session: Session): string | undefined => session.page?.tiles[0]?.tile.id;

test("without a saved page the first one is requested, and the next two are read ahead", async () => {
  const { kernel, session } = await open();
  expect(first(session)).toBe("9007199254740993");
  expect(kernel.of("page").map((one) => [one.target.page, one.purpose])).toEqual([
    [0, "ahead"],
    [1, "ahead"],
    [2, "ahead"],
  ]);
});

test("a saved page is shown without asking", async () => {
  const kernel = new Kernel();
  kernel.prompt = false;
  const [snapshot, bytes] = page(target());
  kernel.set({ snapshot, snapshot_pixels: new DataView(bytes.buffer) });
  const { session } = await open(kernel);
  expect(first(session)).toBe("9007199254740993");
  expect(session.settled).toBe(true);
  expect(kernel.of("page")).toEqual([]);
});

test("a page that was read ahead is shown at once, and the kernel is told", async () => {
  const { kernel, session } = await open();
  session.setTarget({ page: 1 });
  expect(first(session)).toBe("9007199254740997");
  await vi.advanceTimersByTimeAsync(200);
  expect(kernel.model.get("page")).toBe(1);
});

test("a page is read ahead when the displayed one is painted, and at once in a hurry", async () => {
  for (const isHurry of [false, true]) {
    const { session, asked } = await openAndHang();
    const frames: (() => void)[] = [];
    vi.stubGlobal("requestAnimationFrame", (act: () => void) => frames.push(act));
    vi.stubGlobal("cancelAnimationFrame", (number: number) => frames.splice(number - 1, 1, () => {}));
    await vi.advanceTimersByTimeAsync(200);
    session.setTarget({ page: 1 });
    if (isHurry) session.setTarget({ page: 2 });
    expect(pagesOf(asked())).toEqual(isHurry ? [3] : []);
    for (const act of frames) act();
    expect(pagesOf(asked())).toEqual(isHurry ? [3] : []);
    await vi.advanceTimersByTimeAsync(0);
    expect(pagesOf(asked())).toEqual([3]);
    vi.unstubAllGlobals();
  }
});

/** A session on its first page, with a kernel that does not answer any more. */
async function openAndHang(): Promise<{ kernel: Kernel; session: Session; asked: () => Sent[] }> {
  const { kernel, session } = await open(new Kernel({ n_rows: 400, n_total: 400 }));
  kernel.prompt = false;
  const before = kernel.sent.length;
  return { kernel, session, asked: () => kernel.sent.slice(before) };
}

const pagesOf = (asked: Sent[]) => asked.map((one) => (one.kind === "page" ? one.target.page : one.kind));

test("one page loads at a time, and the newest choice follows it", async () => {
  const { kernel, session, asked } = await openAndHang();
  for (let number = 10; number < 60; number++) session.setTarget({ page: number });
  expect(pagesOf(asked())).toEqual([10]);
  expect(session.wanted.page).toBe(59);
  const [one] = asked();
  if (one !== undefined) kernel.answer(one);
  await settle();
  expect(session.page?.target.page).toBe(10); // pages that come in time are seen on the way
  expect(pagesOf(asked())).toEqual([10, 59]);
  kernel.prompt = true;
  for (const one of asked()) kernel.answer(one);
  await settle();
  expect(session.page?.target.page).toBe(59);
});

test("a page without an answer for half a second is abandoned for the newest one", async () => {
  const { kernel, session, asked } = await openAndHang();
  session.setTarget({ page: 20 });
  session.setTarget({ page: 30 });
  await vi.advanceTimersByTimeAsync(499);
  expect(pagesOf(asked())[0]).toBe(20);
  expect(pagesOf(asked())).not.toContain(30);
  await vi.advanceTimersByTimeAsync(1);
  expect(pagesOf(asked()).at(-1)).toBe(30);
  const [left] = asked();
  if (left !== undefined) kernel.answer(left);
  await settle();
  expect(session.page?.target.page).toBe(0);
  expect(session.wanted.page).toBe(30);
});

test("a page of which only a first piece has come is left at once for the one that is wanted", async () => {
  const { kernel, session, asked } = await openAndHang();
  session.setTarget({ page: 20 });
  const [left] = asked();
  if (left !== undefined) kernel.reply(left, ...page(target({ page: 20 }), 400, "part"));
  session.setTarget({ page: 30 });
  expect(pagesOf(asked())).toEqual([20, 30]);
});

test("a page that is left is not asked for again", async () => {
  const { session, asked } = await openAndHang();
  session.setTarget({ page: 20 });
  session.setTarget({ page: 30 });
  await vi.advanceTimersByTimeAsync(500);
  const before = asked().length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(new Set(pagesOf(asked().slice(before)))).toEqual(new Set([30]));
});

test("on a page that was kept, a slow one is cancelled once the user stays", async () => {
  const { kernel, session, asked } = await openAndHang();
  session.setTarget({ page: 20 });
  session.setTarget({ page: 0 });
  expect(session.settled).toBe(true);
  expect(pagesOf(asked())).toEqual([20]);
  await vi.advanceTimersByTimeAsync(120);
  expect(asked().map((one) => (one.kind === "page" ? one.purpose : one.kind))).toEqual([
    "show",
    "cancel",
    "kept",
  ]);
  kernel.set({ page: 20 }); // the kernel had begun to read it
  expect(session.wanted.page).toBe(0);
});

test("a page that was cancelled and is wanted again is asked for anew", async () => {
  const { kernel, session, asked } = await openAndHang();
  session.setTarget({ page: 20 });
  session.setTarget({ page: 0 });
  await vi.advanceTimersByTimeAsync(120);
  session.setTarget({ page: 20 });
  for (const one of kernel.of("cancel")) kernel.answer(one);
  await settle();
  session.setTarget({ page: 30 });
  kernel.prompt = true;
  for (const one of asked().slice(3)) kernel.answer(one);
  await settle();
  expect(session.page?.target.page).toBe(30);
  expect(pagesOf(asked())).toEqual([20, "cancel", 0, 20, 30]);
});

test("an abandoned page is shown if it is requested again", async () => {
  const { kernel, session, asked } = await openAndHang();
  session.setTarget({ page: 20 });
  session.setTarget({ page: 0 });
  session.setTarget({ page: 20 });
  const [one] = asked();
  if (one !== undefined) kernel.answer(one);
  await settle();
  expect(session.page?.target.page).toBe(20);
  await vi.advanceTimersByTimeAsync(200);
  expect(pagesOf(asked())).toEqual([20, 21]);
});

test("an invalid filter keeps the page and says why", async () => {
  const { kernel, session } = await open();
  kernel.prompt = false;
  session.setTarget({ where: "snrr > 5", page: 0 });
  const asked = kernel.of("page").at(-1);
  if (asked !== undefined)
    kernel.reply(asked, { kind: "failed", reason: "no column snrr", field: "where", cancelled: false });
  await settle();
  expect(session.problem).toEqual({ field: "where", reason: "no column snrr" });
  expect(first(session)).toBe("9007199254740993");
  expect(session.wanted.where).toBe(null);
});

test("changes made in Python are followed, and not sent back", async () => {
  const { kernel, session } = await open();
  kernel.set({ page: 2 });
  await settle();
  expect(session.page?.target.page).toBe(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(kernel.of("page").every((one) => one.purpose === "ahead")).toBe(true);
});

test("a choice made in the view is not undone by an older message from the kernel", async () => {
  const { kernel, session } = await open(new Kernel({ n_rows: 400 }));
  kernel.prompt = false;
  session.setTarget({ page: 40 });
  kernel.set({ n_rows: 400, page: 3 });
  expect(session.wanted.page).toBe(40);
});

test("a page that the kernel cancelled for another request is requested again", async () => {
  const { kernel, session } = await open(new Kernel({ n_rows: 400 }));
  kernel.prompt = false;
  session.setTarget({ page: 40 });
  const asked = kernel.of("page").at(-1);
  kernel.prompt = true;
  if (asked !== undefined)
    kernel.reply(asked, { kind: "failed", reason: "no longer wanted", field: null, cancelled: true });
  await settle();
  expect(session.page?.target.page).toBe(40);
});

test("a new look applies to the inspected source too", async () => {
  const { kernel, session } = await open();
  session.inspect("9007199254740993");
  await settle();
  session.setTarget({ look: "sigma" });
  await settle();
  expect(kernel.of("inspect").map((one) => one.look)).toEqual(["rubin", "sigma"]);
  expect(session.inspected?.answer?.look).toBe("sigma");
});

test("pages stay within bounds", async () => {
  const { session } = await open();
  session.setTarget({ page: 99 });
  expect(session.wanted.page).toBe(2);
  session.setTarget({ page: -5 });
  expect(session.wanted.page).toBe(0);
});

test("when the kernel is gone the page stays and the link is lost", async () => {
  const { kernel, session } = await open();
  session.setTarget({ page: 1 });
  kernel.die();
  await settle();
  expect(session.link).toBe("lost");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(session.page?.target.page).toBe(1);
  session.inspect("1");
  session.selection.change(["1"], () => true);
  session.setTarget({ page: 2, where: "snr > 1" });
  await settle();
  expect(session.page?.target.page).toBe(1);
});

test("a dead kernel that was not reported is noticed by the next request", async () => {
  const { kernel, session } = await open(new Kernel({ n_rows: 400 }));
  kernel.dead = true;
  session.setTarget({ page: 50 });
  await settle();
  expect(session.link).toBe("lost");
  expect(session.page?.target.page).toBe(0);
});

test("a label shows at once and is reverted if saving fails", async () => {
  const { kernel, session } = await open();
  kernel.prompt = false;
  const id = first(session) ?? "";
  const saved = session.label([id], "real");
  expect(session.labelOf(id)).toBe("real");
  const asked = kernel.of("label")[0];
  if (asked !== undefined)
    kernel.reply(asked, { kind: "failed", reason: "the disk is full", field: null, cancelled: false });
  await settle();
  expect(session.labelOf(id)).toBe(null);
  expect(await saved).toBe(false);
  expect(session.notices.newest?.text).toBe("not saved: the disk is full");
  expect(session.problem).toBeNull(); // the filter is right
});

test("colours of the look, of one colormap for all, and inverted", async () => {
  const { session } = await open();
  const red = (table: Uint32Array): number[] => [...new Uint8Array(table.buffer)].slice(4 * 9, 4 * 9 + 3);
  expect(red(session.colours.tableFor("difference", "rubin"))).toEqual([9, 9, 9]);
  expect(red(session.colours.tableFor("difference", "sigma"))).toEqual([9, 0, 0]);
  session.settings.setColormap("red");
  expect(red(session.colours.tableFor("template", "rubin"))).toEqual([9, 0, 0]);
  session.invert();
  expect(red(session.colours.tableFor("template", "rubin"))).toEqual([247, 0, 0]);
});

test("when the grid ends no listener and no timer is left", async () => {
  const { kernel, session, end } = await open();
  session.setTarget({ page: 1 });
  end.abort();
  await settle();
  expect(kernel.listeners()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
