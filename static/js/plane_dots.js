// The points of a plane as pixels: each a square of whole ones, blended over the ground. Tens of thousands take a few milliseconds;
// drawn by the canvas's own rectangles they take as long as a person waits.
const FAINT = 0.2;
const PLAIN = 0.85;
const LARGER = 1.35; // those in front
const WHOLE = 256; // of a share
const OPAQUE = 0xff000000;
const PALETTE = 256; // colours in a line, as they are read

/** Colours of CSS as pixels: red in the lowest byte, as those of an image lie in memory. */
function read(colours, ground) {
  const canvas = Object.assign(document.createElement("canvas"), { width: PALETTE, height: Math.ceil(colours.length / PALETTE) });
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  ink.fillStyle = ground;
  ink.fillRect(0, 0, canvas.width, canvas.height);
  colours.forEach((colour, at) => {
    ink.fillStyle = colour;
    ink.fillRect(at % PALETTE, Math.floor(at / PALETTE), 1, 1);
  });
  return new Uint32Array(ink.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
}

export class Dots {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.ink = this.canvas.getContext("2d");
    this.known = [0];
    this.sized(1, 1);
  }

  sized(width, height) {
    Object.assign(this.canvas, { width, height });
    Object.assign(this, { width, height, image: this.ink.createImageData(Math.max(1, width), Math.max(1, height)) });
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Other colours of the points, and of what lies below them. */
  colour({ colours, ground }) {
    this.known = read([ground, ...colours], ground);
  }

  /** All points that are in sight: the faint ones first, those in front last. */
  paint(plane) {
    const { lit, chosen, size, ratio } = plane;
    const { of, front } = plane.paint;
    const some = chosen.includes(1);
    const stands = (at) => (some ? chosen[at] === 1 : !lit || lit(at));
    const pixels = (wide) => Math.max(1, Math.round(wide * ratio));
    const large = some || lit ? Math.max(size, plane.sizeOf(this.count(plane, stands))) : size; // twenty among thousands would not be found
    const side = pixels(large);
    this.pixels.fill(this.known[0]);
    if (some || lit) this.layer(plane, pixels(size), FAINT, (at) => !stands(at));
    this.layer(plane, side, PLAIN, (at) => stands(at) && of[at] !== front);
    if (front >= 0) this.layer(plane, Math.max(side + 1, pixels(LARGER * large)), 1, (at) => stands(at) && of[at] === front);
    this.ink.putImageData(this.image, 0, 0);
  }

  count({ hidden, order }, takes) {
    let found = 0;
    for (const at of order ?? []) if (!hidden[at] && takes(at)) found += 1;
    return Math.max(1, found);
  }

  layer(plane, side, alpha, takes) {
    const { x, y, hidden, ratio } = plane;
    const { of } = plane.paint;
    const share = Math.round(WHOLE * alpha);
    const scale = plane.zoom * ratio;
    const left = plane.left * ratio - side / 2 + 0.5; // to the nearest whole pixel
    const top = plane.top * ratio - side / 2 + 0.5;
    for (const at of plane.order ?? []) {
      if (hidden[at] || !takes(at)) continue;
      const column = Math.floor(left + scale * x[at]);
      const row = Math.floor(top + scale * y[at]);
      if (column > -side && row > -side && column < this.width && row < this.height) this.square(column, row, side, this.known[of[at] + 1], share);
    }
  }

  /** Red and blue are blended at once, green between them by itself. */
  square(column, row, side, colour, share) {
    const { pixels, width } = this;
    const rest = WHOLE - share;
    const redBlue = (colour & 0xff00ff) * share;
    const green = (colour & 0x00ff00) * share;
    const first = Math.max(0, column);
    const end = Math.min(width, column + side);
    for (let line = Math.max(0, row); line < Math.min(this.height, row + side); line += 1) {
      for (let at = line * width + first; at < line * width + end; at += 1) {
        const below = pixels[at];
        pixels[at] = OPAQUE | ((((below & 0xff00ff) * rest + redBlue) >>> 8) & 0xff00ff) | ((((below & 0x00ff00) * rest + green) >>> 8) & 0x00ff00);
      }
    }
  }
}
