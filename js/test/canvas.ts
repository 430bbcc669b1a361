/** jsdom has no layout and no canvas: this canvas records what was drawn, for the tests to read. */
class Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(...given: [data: Uint8ClampedArray, width: number, height: number] | [number, number]) {
    const [width, height] = given.slice(-2) as [number, number];
    this.data = typeof given[0] === "number" ? new Uint8ClampedArray(4 * width * height) : given[0];
    this.width = width;
    this.height = height;
  }
}

const drawn = new WeakMap<HTMLCanvasElement, Pixels>();

Object.assign(globalThis, { ImageData: Pixels });
Object.assign(HTMLCanvasElement.prototype, {
  getContext(this: HTMLCanvasElement) {
    return {
      putImageData: ({ data, width, height }: Pixels) =>
        drawn.set(this, new Pixels(data.slice(), width, height)),
      getImageData: () => drawn.get(this),
    };
  },
});
Object.assign(Element.prototype, { scrollIntoView() {}, setPointerCapture() {} });
