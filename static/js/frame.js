// A frame drawn with the mouse over a gallery. It begins at an image, wherever that has scrolled to, and at the edge of the window
// the page goes on under it, as fast as the images there come.
import { list } from "./grid.js";

const DRAG_PX = 6; // less is a click
const EDGE_PX = 40; // of the window's upper and lower end, in which a frame scrolls
const SCROLL_PX = 12; // in each picture of the screen
const gallery = document.querySelector("[data-gallery]");

/** The row at a height of the window, with its fraction; and the height at which a row stands now. */
const lineOf = (y) => list().base + (y - list().top) / list().row;
const yOf = (line) => list().top + (line - list().base) * list().row;

/** The places that a rectangle of the window touches. */
function under({ left, right, top, bottom }) {
  const style = getComputedStyle(gallery);
  const gaps = { x: parseFloat(style.columnGap) || 0, y: parseFloat(style.rowGap) || 0 };
  const [width, start] = [parseFloat(style.gridTemplateColumns) + gaps.x, gallery.getBoundingClientRect().left];
  const [first, end] = [Math.floor((left - start + gaps.x) / width), Math.ceil((right - start) / width)];
  const { columns, rows, row, total } = list();
  const places = [];
  for (let line = Math.max(0, Math.floor(lineOf(top) + gaps.y / row)); line < Math.min(rows, Math.ceil(lineOf(bottom))); line += 1) {
    for (let column = Math.max(0, first); column < Math.min(columns, end); column += 1) places.push(line * columns + column);
  }
  return places.filter((place) => place < total);
}

export class Frame {
  /** `tell` gets the tiles that it touches, each time they change. */
  constructor(event, tell) {
    Object.assign(this, { x: event.pageX, line: lineOf(event.clientY), start: [event.pageX, event.pageY], tell, element: null, missing: 0 });
  }

  move(event) {
    this.here = { x: event.pageX, y: event.clientY };
    if (!this.element && Math.hypot(event.pageX - this.start[0], event.pageY - this.start[1]) < DRAG_PX) return;
    if (!this.element) this.begin();
    this.draw();
  }

  begin() {
    this.element = document.createElement("div");
    this.element.className = "drag-frame";
    document.body.append(this.element);
    const step = () => {
      this.due = requestAnimationFrame(step);
      const by = this.pull();
      if (by && !this.missing) scrollBy({ top: by, behavior: "instant" });
      if (by || this.missing || this.drawnAt !== scrollY) this.draw();
    };
    this.due = requestAnimationFrame(step);
  }

  /** How far the page is to go on: the mouse is at an end of the window. */
  pull() {
    if (this.here.y > innerHeight - EDGE_PX) return SCROLL_PX;
    return this.here.y < list().covered + EDGE_PX ? -SCROLL_PX : 0;
  }

  draw() {
    this.drawnAt = scrollY;
    const ys = [yOf(this.line), this.here.y].sort((a, b) => a - b);
    const xs = [this.x - scrollX, this.here.x - scrollX].sort((a, b) => a - b);
    const sides = { left: xs[0] + scrollX, top: ys[0] + scrollY, width: xs[1] - xs[0], height: ys[1] - ys[0] };
    for (const [name, value] of Object.entries(sides)) this.element.style[name] = `${value}px`;
    const places = under({ left: xs[0], right: xs[1], top: ys[0], bottom: ys[1] });
    const missing = places.filter((place) => !list().cells.has(place));
    if (missing.length) list().load(missing[0], missing.at(-1) + 1);
    this.missing = missing.length;
    this.tell(places.map((place) => list().cells.get(place)).filter(Boolean));
  }

  /** How many images under it had not come by then. */
  end() {
    cancelAnimationFrame(this.due);
    this.element?.remove();
    return this.missing;
  }
}
