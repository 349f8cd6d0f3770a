// Tens of thousands of points on a canvas: drawn, moved, zoomed, hit and lassoed. It knows numbers of points alone: what they are of,
// and what is made of those that are chosen, its owner says. Dispatches on the canvas "synset:lasso" {points}, "synset:pick" {point},
// "synset:hover" {point, x, y} (point −1: none).
import { Dots } from "./plane_dots.js";
import { keyboard } from "./plane_keys.js";
import { holds, inOrder } from "./plane_points.js";

const WIDE = 10_000; // places along the longer side, as the server gives them
const CELLS = 100; // a side, by which the point under the pointer is found
const REACH = 9; // pixels around the pointer
const MARGIN = 14;

export class Plane {
  constructor(canvas) {
    this.canvas = canvas;
    this.ink = canvas.getContext("2d");
    this.dots = new Dots(); // the points as they were painted last
    this.x = this.y = [];
    this.paint = { colours: [], of: [], front: -1 }; // colour of each point; the one that is drawn last and larger
    this.hidden = new Uint8Array(0);
    this.chosen = new Uint8Array(0);
    this.lit = null; // (point) => whether it stands out
    this.drag = "";
    this.line = null;
    this.cross = null;
    this.open = -1;
    this.pointers = new Map();
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave"]) canvas.addEventListener(kind, (event) => this[kind](event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    keyboard(this, REACH * 5);
    new ResizeObserver(() => this.sized()).observe(canvas);
  }

  /** Other points: columns of places. What was chosen is let go. */
  put(x, y) {
    Object.assign(this, { x, y, hidden: new Uint8Array(x.length), chosen: new Uint8Array(x.length), open: -1 });
    this.cells = Array.from({ length: CELLS * CELLS }, () => []);
    for (let at = 0; at < x.length; at += 1) this.cells[this.cell(x[at], y[at])].push(at);
    this.fit();
  }

  cell(x, y) {
    const place = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor((value / (WIDE + 1)) * CELLS)));
    return place(y) * CELLS + place(x);
  }

  sized() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const first = !this.width;
    Object.assign(this, { width, height, ratio });
    for (const [name, side] of [["width", width], ["height", height]]) this.canvas[name] = Math.round(side * ratio);
    this.dots.sized(this.canvas.width, this.canvas.height);
    if (first || this.whole) this.fit();
    else this.draw();
  }

  /** All of it, in the middle. */
  fit() {
    if (!this.width) return;
    let right = 1;
    let low = 1;
    for (let at = 0; at < this.x.length; at += 1) {
      if (this.x[at] > right) right = this.x[at];
      if (this.y[at] > low) low = this.y[at];
    }
    this.zoom = Math.min((this.width - 2 * MARGIN) / right, (this.height - 2 * MARGIN) / low);
    this.left = (this.width - this.zoom * right) / 2;
    this.top = (this.height - this.zoom * low) / 2;
    this.least = this.zoom;
    this.whole = true;
    this.draw();
  }

  zoomBy(factor, x = this.width / 2, y = this.height / 2) {
    const zoom = Math.min(this.least * 60, Math.max(this.least * 0.7, this.zoom * factor));
    this.left = x - ((x - this.left) * zoom) / this.zoom;
    this.top = y - ((y - this.top) * zoom) / this.zoom;
    this.zoom = zoom;
    this.whole = false;
    this.draw();
  }

  moveBy(x, y) {
    this.left += x;
    this.top += y;
    this.whole = false;
    this.draw();
  }

  /** All of it anew, once before the next frame, however often it is asked for. */
  draw() {
    this.stale = true;
    this.over();
  }

  /** What lies over the points: the line of the lasso, the cross, the open image. The points stay as they were painted. */
  over() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => { this.waits = false; this.paintNow(); });
  }

  paintNow() {
    const { ink, ratio, width, height } = this;
    if (!width || !height) return; // a canvas without room cannot be copied
    if (this.stale) this.dots.paint(this);
    this.stale = false;
    ink.setTransform(1, 0, 0, 1, 0, 0);
    ink.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ink.drawImage(this.dots.canvas, 0, 0);
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.open >= 0) this.ring(this.x[this.open], this.y[this.open], this.size);
    if (this.line) this.outline();
    if (this.cross) this.crossed();
    this.canvas.dataset.drawn = String(this.x.length); // tests wait for it
  }

  get size() {
    return this.sizeOf(this.x.length);
  }

  /** How large points are of which there are so many. */
  sizeOf(count) {
    return Math.max(1.6, Math.min(8, Math.min(5.5, 240 / Math.sqrt(count)) * Math.sqrt(this.zoom / this.least)));
  }

  ring(x, y, size) {
    this.ink.strokeStyle = this.paint.text;
    this.ink.lineWidth = 2;
    this.ink.beginPath();
    this.ink.arc(this.left + this.zoom * x, this.top + this.zoom * y, size + 5, 0, 2 * Math.PI);
    this.ink.stroke();
  }

  outline() {
    const { ink } = this;
    ink.beginPath();
    for (const [x, y] of this.line) ink.lineTo(x, y);
    ink.closePath();
    ink.fillStyle = ink.strokeStyle = this.paint.accent;
    ink.globalAlpha = 0.08;
    ink.fill();
    ink.globalAlpha = 1;
    ink.lineWidth = 1.5;
    ink.stroke();
  }

  crossed() {
    const { ink } = this;
    const { x, y } = this.cross;
    ink.strokeStyle = this.paint.text;
    ink.lineWidth = 1.5;
    ink.beginPath();
    ink.arc(x, y, this.cross.reach, 0, 2 * Math.PI);
    for (const [across, down] of [[1, 0], [0, 1]]) {
      ink.moveTo(x - 7 * across, y - 7 * down);
      ink.lineTo(x + 7 * across, y + 7 * down);
    }
    ink.stroke();
  }

  /** Other colours: { colours, of, front, text, accent, ground }. */
  colour(paint) {
    this.paint = paint;
    this.dots.colour(paint);
    this.order = inOrder(paint.of, paint.colours.length);
    this.draw();
  }

  /** Points in sight within so many pixels of a place on the canvas, the nearest first. */
  near(x, y, reach) {
    const found = [];
    const far = reach / this.zoom;
    const [middle, down] = [(x - this.left) / this.zoom, (y - this.top) / this.zoom];
    const first = this.cell(middle - far, down - far);
    const last = this.cell(middle + far, down + far);
    for (let row = Math.floor(first / CELLS); row <= Math.floor(last / CELLS); row += 1) {
      for (let column = first % CELLS; column <= last % CELLS; column += 1) {
        for (const at of this.cells?.[row * CELLS + column] ?? []) {
          const apart = Math.hypot(this.x[at] - middle, this.y[at] - down);
          if (apart <= far && !this.hidden[at]) found.push([apart, at]);
        }
      }
    }
    return found.sort((one, other) => one[0] - other[0]).map(([, at]) => at);
  }

  /** Points in sight inside a closed line on the canvas. */
  inside(line) {
    const found = [];
    for (let at = 0; at < this.x.length; at += 1) {
      if (!this.hidden[at] && holds(line, this.left + this.zoom * this.x[at], this.top + this.zoom * this.y[at])) found.push(at);
    }
    return found;
  }

  tell(kind, detail) {
    this.canvas.dispatchEvent(new CustomEvent(`synset:${kind}`, { detail }));
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  pointerdown(event) {
    if (event.button !== 0 && event.pointerType === "mouse") return;
    this.pointers.set(event.pointerId, this.place(event));
    this.from = this.place(event);
    if (!this.drag) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.line = this.drag === "lasso" && !event.shiftKey && this.pointers.size === 1 ? [this.from] : null;
  }

  pointermove(event) {
    const at = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      const [point = -1] = this.near(...at, REACH);
      this.tell("hover", { point, x: at[0], y: at[1] });
      return;
    }
    if (this.pointers.size === 2 && this.drag) this.pinched(event.pointerId, at);
    else if (this.line) this.line.push(at);
    else if (this.drag) this.moveBy(at[0] - before[0], at[1] - before[1]);
    this.pointers.set(event.pointerId, at);
    this.over();
  }

  /** Two fingers zoom around the middle between them. */
  pinched(id, at) {
    this.line = null;
    const [other] = [...this.pointers].filter(([one]) => one !== id).map(([, place]) => place);
    const before = this.pointers.get(id);
    const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
    this.zoomBy(apart(at) / apart(before), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  }

  pointerup(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const [x, y] = this.place(event);
    const still = Math.hypot(x - this.from[0], y - this.from[1]) < 4 && (this.line?.length ?? 0) < 6;
    const line = this.line;
    this.line = null;
    if (still) {
      const [point = -1] = this.near(x, y, event.pointerType === "touch" ? 2 * REACH : REACH);
      if (point >= 0) this.tell("pick", { point });
    } else if (line && line.length > 2) {
      this.tell("lasso", { points: this.inside(line) });
    }
    this.over();
  }

  pointercancel(event) {
    this.pointers.delete(event.pointerId);
    this.line = null;
    this.over();
  }

  pointerleave() {
    this.tell("hover", { point: -1, x: 0, y: 0 });
  }

  wheel(event) {
    if (!event.ctrlKey && document.activeElement !== this.canvas) return; // the page scrolls, until the map was clicked
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 400), ...this.place(event));
  }
}
