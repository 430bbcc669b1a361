/** jsdom has no layout and no canvas: this canvas records what was drawn, for the tests to read. */
class Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

const drawn = new WeakMap<HTMLCanvasElement, Pixels>();

Object.assign(globalThis, { ImageData: Pixels });
Object.assign(HTMLCanvasElement.prototype, {
  getContext(this: HTMLCanvasElement) {
    return {
      putImageData: (pixels: Pixels) => drawn.set(this, pixels),
      getImageData: () => drawn.get(this),
    };
  },
});
Object.assign(Element.prototype, { scrollIntoView() {}, setPointerCapture() {} });
