import { expect, test } from "vitest";
import { InspectorState } from "../../src/inspector/state";
import type { DeepPixels, InspectAnswer } from "../../src/protocol";

/** A message of float arrays, and where each begins. */
function packed(...arrays: readonly (readonly number[])[]): { bytes: DataView; offsets: number[] } {
  const flat = arrays.flat();
  const bytes = new DataView(new ArrayBuffer(4 * flat.length));
  flat.forEach((value, i) => {
    bytes.setFloat32(4 * i, value, true);
  });
  let sum = 0;
  const offsets = arrays.map((one) => {
    sum += one.length;
    return 4 * (sum - one.length);
  });
  return { bytes, offsets };
}

const THRESHOLDS = Array.from({ length: 254 }, (_, i) => i + 1);

/** A science panel of two rows of three pixels, lowest first, at (10, 20); its template has pixels half as large. */
function shown(): InspectorState {
  const { bytes, offsets } = packed(
    [1, 2, 3, 4, 5, Number.NaN],
    [1, 4, 4, 4, 4, 4],
    [0.5, 0.25, 0.25],
    THRESHOLDS,
  );
  const [values = 0, variance = 0, psf = 0, thresholds = 0] = offsets;
  const science: DeepPixels = {
    shape: [2, 3],
    offset: values,
    thresholds,
    limits: [1, 5],
    curve: "linear",
    variance,
    mask: null,
    planes: [],
    x0: 10,
    y0: 20,
    unit: "nJy",
    nJy: 1,
    source: [12, 20],
    sky: null,
    fit: null,
    psf: { shape: [1, 3], offset: psf },
    compass: { north: [0, 1], east: [-1, 0], arcsec_per_px: 0.2 },
    lattice: null,
    outlines: [],
    origin: "",
  };
  const template = {
    ...science,
    variance: null,
    psf: null,
    compass: { ...science.compass, arcsec_per_px: 0.1 },
  };
  const answer = { id: "1", curves: [], panels: { template, science, difference: { reason: "none" } } };
  const state = new InspectorState();
  state.show(answer as unknown as InspectAnswer, bytes);
  return state;
}

test("a panel shows its variance, its image in sigma, or its PSF about the source", () => {
  const { science, template } = shown().panels;
  expect([...(science?.layers.snr ?? [])]).toEqual([1, 1, 1.5, 2, 2.5, Number.NaN]);
  expect([...(science?.layers.variance ?? [])]).toEqual([1, 4, 4, 4, 4, 4]);
  // The kernel's middle lies on the source, the rightmost pixel of the lowest row; what is beyond is cut off.
  expect([...(science?.layers.psf ?? [])]).toEqual([
    Number.NaN,
    0.5,
    0.25,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ]);
  expect(Object.keys(template?.layers ?? {})).toEqual(["value"]);
});

test("a layer has its own limits, and a panel without the layer shows its image", () => {
  const state = shown();
  state.setDisplay(["science", "template"], { layer: "snr" });
  expect(state.limitsOf("science")).toEqual({ low: -5, high: 5, curve: "linear" });
  expect(state.layerOf("template")).toBe("value");
  state.setDisplay(["science"], { layer: "variance" });
  expect(state.limitsOf("science")).toEqual({ low: 1, high: 4, curve: "linear" });
});

test("without user limits the levels are those of the look", () => {
  expect([...shown().levelsOf("science")]).toEqual([2, 3, 4, 5, 6, 0]);
});

test("panels are zoomed to the same scale on the sky", () => {
  const state = shown();
  expect(state.framingOf("template")).toEqual({ zoom: 1, x: 1, y: 0.5 }); // all fit at first
  state.frame("science", 11, 21, 3);
  expect(state.framingOf("science")).toEqual({ zoom: 3, x: 1, y: 1 });
  expect(state.framingOf("template").zoom).toBe(1.5); // a pixel of it is half as much sky
});

test("the centre of the view stays on the panel, and the zoom is limited", () => {
  const state = shown();
  state.frame("science", 99, -99, 1e9);
  expect(state.framingOf("science")).toEqual({ zoom: 64, x: 2.5, y: -0.5 });
});
