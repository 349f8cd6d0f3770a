// Draws a confusion matrix on a canvas: cells of any size, from less than a pixel to a hand's breadth, with names where there is room.
import { Names } from "./matrix_names.js";

const GUTTER = { left: 132, top: 104 }; // for names
const NARROW = { left: 84, top: 76 };
const COUNTED = 24; // from which it shows its figure
const MOST = 64;
const SHADES = 128; // of a tone: no eye tells more apart

const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const mix = (from, to, share) => `rgb(${from.map((value, at) => Math.round(value + (to[at] - value) * share)).join(" ")})`;

export class View {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.base = document.createElement("canvas").getContext("2d"); // the cells as they were drawn last
    this.by = "count";
    this.chosen = null; // [row, column], -1 for all
    this.under = null;
    this.restyle();
  }

  restyle() {
    const css = getComputedStyle(this.canvas);
    const token = (name) => css.getPropertyValue(`--${name}`).trim();
    this.colours = Object.fromEntries(["card", "inset", "line", "line-strong", "text", "muted", "accent", "on-accent", "focus"].map((name) => [name, token(name)]));
    const scale = (name) => ["low", "half", "over", "high"].map((part) => rgb(token(`${name}-${part}`)));
    this.right = scale("matrix");
    this.wrong = scale("mistake");
    this.font = getComputedStyle(document.body).fontFamily;
    const shares = Array.from({ length: SHADES }, (_, at) => at / (SHADES - 1));
    this.ramp = [false, true].flatMap((right) => shares.map((share) => this.colour(right, share)));
    this.names = new Names(this);
  }

  /** Another order, or other groups folded: what was looked at is fitted anew. */
  set axis(axis) {
    this.now = axis;
    this.recolour();
    this.fit();
  }

  /** Cells by their shade, wrong ones first: of those that share a pixel the strongest is seen. */
  recolour() {
    const cells = this.now.listed(this.by);
    this.most = { right: 1e-9, wrong: 1e-9 };
    for (const [, , , value, right] of cells) { // of a million predictions more than a call takes arguments
      const tone = right ? "right" : "wrong";
      this.most[tone] = Math.max(this.most[tone], value);
    }
    this.shades = this.ramp.map(() => []);
    for (const cell of cells) {
      const [, , , value, right] = cell;
      this.shades[(right ? SHADES : 0) + Math.round((SHADES - 1) * Math.sqrt(value / this.most[right ? "right" : "wrong"]))].push(cell);
    }
  }

  /** As large as its box, which has its height from the page: nothing below moves. */
  measure() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    this.gutter = width < 520 ? NARROW : GUTTER;
    Object.assign(this, { width, height, ratio: devicePixelRatio || 1 });
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const [wide, high] = [width, height].map((side) => Math.round(side * this.ratio));
    if (this.canvas.width === wide && this.canvas.height === high) return; // to set them would empty it
    for (const canvas of [this.canvas, this.base.canvas]) Object.assign(canvas, { width: wide, height: high });
  }

  get room() {
    return { width: this.width - this.gutter.left, height: this.height - this.gutter.top };
  }

  get smallest() {
    return Math.min(MOST, this.room.width / this.now.length, this.room.height / this.now.length);
  }

  fit() {
    this.measure();
    this.scale = this.smallest;
    this.left = this.top = 0;
    this.draw();
  }

  /** The window has another size: who looked closer goes on doing so. */
  resize() {
    const closer = this.isZoomed && this.scale;
    this.measure();
    this.scale = closer ? Math.max(this.smallest, closer) : this.smallest;
    this.draw();
    this.paint(); // the next frame would show it empty
  }

  /** Larger or smaller cells; what lies at a point of the canvas stays there. */
  zoom(times, x = this.gutter.left + this.room.width / 2, y = this.gutter.top + this.room.height / 2) {
    const [column, row] = [(x - this.gutter.left + this.left) / this.scale, (y - this.gutter.top + this.top) / this.scale];
    this.scale = Math.min(MOST, Math.max(this.smallest, this.scale * times));
    this.left = column * this.scale - (x - this.gutter.left);
    this.top = row * this.scale - (y - this.gutter.top);
    this.draw();
  }

  pan(x, y) {
    this.left += x;
    this.top += y;
    this.draw();
  }

  get isZoomed() {
    return this.scale > this.smallest * 1.01;
  }

  clamp() {
    const whole = this.now.length * this.scale;
    this.left = Math.max(0, Math.min(this.left, whole - this.room.width));
    this.top = Math.max(0, Math.min(this.top, whole - this.room.height));
  }

  /** [row, column] at a point, -1 where the name of a column or row stands; null outside. */
  find(x, y) {
    const [column, row] = [Math.floor((x - this.gutter.left + this.left) / this.scale), Math.floor((y - this.gutter.top + this.top) / this.scale)];
    const [inColumn, inRow] = [column >= 0 && column < this.now.length, row >= 0 && row < this.now.length];
    if (x < this.gutter.left) return y >= this.gutter.top && inRow ? [row, -1] : null;
    if (y < this.gutter.top) return inColumn ? [-1, column] : null;
    return inColumn && inRow ? [row, column] : null;
  }

  /** Brings a cell into sight, large enough to be read: to the middle, where it is not in sight already. */
  show(row, column, least = 0) {
    const before = [this.scale, this.left, this.top];
    if (this.scale < least) Object.assign(this, { scale: Math.min(MOST, Math.max(this.smallest, least)), left: -Infinity, top: -Infinity });
    const into = (start, place, room) => {
      const [begin, end] = [place * this.scale, (place + 1) * this.scale];
      return begin >= start && end <= start + room ? start : (begin + end - room) / 2;
    };
    if (column >= 0) this.left = into(this.left, column, this.room.width);
    if (row >= 0) this.top = into(this.top, row, this.room.height);
    this.clamp();
    if (String(before) === String([this.scale, this.left, this.top])) this.mark();
    else this.draw();
  }

  /** All of it anew, once before the next frame, however often it is asked for. */
  draw() {
    this.clamp();
    this.stale = true;
    this.mark();
  }

  /** What is chosen and what is pointed at, over the cells as they stand. */
  mark() {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    const began = performance.now();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.canvas.width || !this.canvas.height) return; // a canvas without room cannot be copied
    if (this.stale) this.drawBase();
    this.stale = false;
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.base.canvas, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.within(context, () => this.drawMarks());
    this.names.draw();
    this.canvas.style.touchAction = this.isZoomed ? "none" : "pan-y"; // a finger moves what is larger than its box, else the page
    this.canvas.dataset.drawnIn = (performance.now() - began).toFixed(1); // tests read it
    this.canvas.dataset.drawn = "";
  }

  get whole() {
    return this.now.length * this.scale;
  }

  /** Draws by the places of cells, and on cells alone. */
  within(context, work) {
    const { gutter, room, whole } = this;
    context.save();
    context.beginPath();
    context.rect(gutter.left, gutter.top, Math.min(whole, room.width), Math.min(whole, room.height));
    context.clip();
    context.translate(gutter.left - this.left, gutter.top - this.top);
    work();
    context.restore();
  }

  drawBase() {
    const { base, ratio } = this;
    base.setTransform(ratio, 0, 0, ratio, 0, 0);
    base.clearRect(0, 0, this.width, this.height);
    this.within(base, () => {
      base.fillStyle = this.colours.inset;
      base.fillRect(this.left, this.top, this.room.width, this.room.height);
      this.drawGrid();
      this.drawCells();
    });
  }

  drawGrid() {
    const context = this.base;
    const lines = (places, colour) => {
      context.fillStyle = colour;
      for (const place of places) { // those in sight: of a thousand a few
        const at = Math.round(place * this.scale);
        if (at >= this.top && at <= this.top + this.room.height) context.fillRect(this.left, at, this.room.width, 1);
        if (at >= this.left && at <= this.left + this.room.width) context.fillRect(at, this.top, 1, this.room.height);
      }
    };
    if (this.scale >= 8) lines(this.now.items.map((_, place) => place), this.colours.card);
    lines(this.now.items.map((item, place) => (place && item.group !== this.now.items[place - 1].group ? place : 0)).filter(Boolean), this.colours["line-strong"]);
  }

  /** [first, last] row (side 0) or column (side 1) that is seen. */
  seen(side) {
    const [start, room] = side ? [this.left, this.room.width] : [this.top, this.room.height];
    return [Math.max(0, Math.floor(start / this.scale)), Math.min(this.now.length - 1, Math.floor((start + room) / this.scale))];
  }

  drawCells() {
    const { base, scale } = this;
    const gap = scale >= 8 ? 1 : 0;
    const side = Math.max(1.5, scale - gap);
    const [[firstRow, lastRow], [firstColumn, lastColumn]] = [this.seen(0), this.seen(1)];
    base.font = `${Math.min(12, scale * 0.42)}px ${this.font}`;
    base.textAlign = "center";
    base.textBaseline = "middle";
    this.shades.forEach((cells, shade) => {
      if (cells.length) base.fillStyle = this.ramp[shade];
      for (const cell of cells) {
        const [row, column] = cell;
        if (row < firstRow || row > lastRow || column < firstColumn || column > lastColumn) continue;
        base.fillRect(column * scale + gap, row * scale + gap, side, side);
        if (scale >= COUNTED) this.figure(cell, this.ramp[shade]);
      }
    });
  }

  colour(right, share) {
    const [low, half, over, high] = right ? this.right : this.wrong; // between its halves no number would be read
    return share < 0.5 ? mix(low, half, 2 * share) : mix(over, high, 2 * share - 1);
  }

  figure([row, column, count, value], on) {
    const { base, scale } = this;
    const [red, green, blue] = on.match(/\d+/g).map(Number);
    base.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "#161a21" : "#ffffff";
    const words = this.by === "count" ? count.toLocaleString("en") : `${Math.round(100 * value)}`;
    base.fillText(words, (column + 0.5) * scale, (row + 0.5) * scale + 0.5, scale - 3);
    base.fillStyle = on;
  }

  drawMarks() {
    const { context, scale, whole } = this;
    for (const [place, width] of [[this.under, 1], [this.chosen, 2]]) {
      if (!place) continue;
      const [row, column] = place;
      const [x, y] = [column < 0 ? 0 : column * scale, row < 0 ? 0 : row * scale];
      context.strokeStyle = this.colours[width === 2 ? "focus" : "muted"];
      context.lineWidth = width;
      context.strokeRect(x, y, column < 0 ? whole : Math.max(3, scale), row < 0 ? whole : Math.max(3, scale));
    }
  }
}
