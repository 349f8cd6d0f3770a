// A gallery of any length: only the tiles around the window are in the page, room stands for the others above and below them.
// What stands at a place comes from the server in blocks, as one gets there. "synset:tiles" tells that tiles came or went.
import { ask, Refused } from "./ask.js";
import { letGo } from "./pictures.js";
import { toast } from "./toast.js";

const BLOCK = 60; // tiles in one answer
const MARGIN = 1; // windows above and below in which tiles are kept ready
const KEPT = 3000; // tiles that are remembered, in the page or not
const MOST_PX = 6_000_000; // higher boxes are drawn wrongly by some browsers: of longer lists a part is in the page at a time
const SETTLE_MS = 80; // who drags the scroll bar asks for where it stops
const TOLD_MS = 400; // after which the address says where one is
const AT_ONCE = 4; // answers that are awaited

const box = document.querySelector("[data-gallery]");

class Grid {
  constructor(about) {
    const { total, start, address } = about.dataset;
    Object.assign(this, { address, total: Number(total), base: 0, cells: new Map(), places: new Map(), asked: new Set(), waiting: [] });
    [...box.querySelectorAll(":scope > [data-cell]")].forEach((cell, offset) => this.keep(Number(start) + offset, cell));
    this.first = Number(start);
    box.querySelectorAll(":scope > .gallery__more").forEach((link) => link.remove());
    this.measure();
  }

  keep(place, cell) {
    this.cells.set(place, cell);
    this.places.set(cell.dataset.position, place);
  }

  /** Columns and the height of a row, of which all are equal. */
  measure() {
    const style = getComputedStyle(box);
    this.columns = Math.max(1, style.gridTemplateColumns.split(" ").length);
    const cell = box.querySelector(":scope > [data-cell], :scope > .cell");
    if (cell) this.row = cell.getBoundingClientRect().height + (parseFloat(style.rowGap) || 0);
    this.row ||= 150;
    this.rows = Math.ceil(this.total / this.columns);
    this.held = Math.min(this.rows, Math.floor(MOST_PX / this.row)); // rows for which there is room in the page
    this.base = Math.max(0, Math.min(this.base, this.rows - this.held));
  }

  get top() {
    return box.getBoundingClientRect().top;
  }

  /** What lies over the upper edge of the window: the bar that stays. */
  get covered() {
    const bars = [...document.querySelectorAll("[data-stays-above], #matching")];
    return bars.find((bar) => bar.offsetHeight && getComputedStyle(bar).position === "sticky")?.offsetHeight ?? 0;
  }

  /** The place of the first tile that is seen. */
  get at() {
    return Math.min(this.total - 1, Math.max(0, this.base + Math.floor((this.covered - this.top + this.row / 3) / this.row)) * this.columns);
  }

  /** Scrolls so that a place is the first row below the bar. */
  go(place) {
    const row = Math.floor(Math.max(0, Math.min(place, this.total - 1)) / this.columns);
    this.around(row);
    scrollBy({ top: this.top + (row - this.base) * this.row - this.covered - 2, behavior: "instant" });
    this.draw();
  }

  /** Brings the part of a long list into the page in whose middle that row is. */
  around(row) {
    if (this.held < this.rows) this.base = Math.max(0, Math.min(row - Math.floor(this.held / 2), this.rows - this.held));
    this.room(row, row);
    this.stale = true;
  }

  /** Where the part that is in the page comes to an end and the list does not, the next part comes; nothing moves before the eye. */
  slide() {
    if (this.held >= this.rows) return;
    const row = Math.floor(this.at / this.columns);
    const [above, below] = [row - this.base, this.base + this.held - row];
    const edge = this.held / 8;
    if (!((above < edge && this.base > 0) || (below < edge && this.base + this.held < this.rows))) return;
    const was = this.base;
    this.around(row);
    scrollBy({ top: (was - this.base) * this.row, behavior: "instant" });
  }

  room(first, last) {
    box.style.paddingTop = `${(first - this.base) * this.row}px`;
    box.style.paddingBottom = `${Math.max(0, this.base + this.held - last) * this.row}px`;
  }

  /** Puts the tiles around the window into the page, and takes the others out. */
  draw() {
    if (!this.total) return;
    this.slide();
    const rows = innerHeight / this.row;
    const clamp = (row) => Math.max(this.base, Math.min(this.base + this.held, row));
    const seen = clamp(this.base + Math.floor(-this.top / this.row)); // also where the window is above the gallery: the keyboard gets there
    const [first, last] = [clamp(Math.floor(seen - MARGIN * rows)), clamp(Math.ceil(seen + (1 + MARGIN) * rows) + 1)];
    const [from, to] = [first * this.columns, Math.min(this.total, last * this.columns)];
    if (from !== this.from || to !== this.to || this.stale) this.fill(first, last, from, to);
    this.settle();
  }

  fill(first, last, from, to) {
    Object.assign(this, { from, to, stale: false });
    const wanted = [];
    for (let place = from; place < to; place += 1) wanted.push(this.cells.get(place) ?? this.blank(place));
    this.swap(wanted);
    this.room(first, last);
    document.dispatchEvent(new CustomEvent("synset:tiles"));
  }

  /** As replaceChildren, but what stays is not touched: the focus and pictures that load are kept. */
  swap(wanted) {
    const stays = new Set(wanted);
    for (const old of [...box.children]) if (!stays.has(old)) old.remove();
    let next = box.firstElementChild;
    for (const cell of wanted) {
      if (cell === next) next = next.nextElementSibling;
      else box.insertBefore(cell, next);
    }
  }

  /** Stands for a tile that is not there yet. */
  blank(place) {
    this.blanks ??= new Map();
    if (!this.blanks.has(place)) {
      const cell = document.createElement("div");
      cell.className = "cell cell--waiting";
      cell.innerHTML = '<span class="tile"><span class="tile__frame"></span><span class="tile__words">&nbsp;</span></span>';
      this.blanks.set(place, cell);
    }
    return this.blanks.get(place);
  }

  settle() {
    clearTimeout(this.settled);
    this.settled = setTimeout(() => this.load(), SETTLE_MS);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.tell(), TOLD_MS);
  }

  /** Asks for the blocks that are looked at and not there. */
  load(from = this.from, to = this.to) {
    for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block += 1) {
      if (this.asked.size < AT_ONCE && !this.asked.has(block) && this.lacks(block, from, to)) this.fetch(block);
    }
  }

  lacks(block, from, to) {
    for (let place = Math.max(from, block * BLOCK); place < Math.min(to, (block + 1) * BLOCK); place += 1) {
      if (!this.cells.has(place)) return true;
    }
    return false;
  }

  async fetch(block) {
    const first = block * BLOCK;
    const before = this.cells.get(first - 1); // behind an image rather than at a place: the draft may have changed what matches
    const from = before ? `after=${before.dataset.position}` : `at=${first}`;
    this.asked.add(block);
    try {
      const answer = await ask(`${this.address}&${from}`);
      if (this.ended || !answer.ok) return;
      this.take(first, await answer.text());
    } catch (error) {
      if (!(error instanceof Refused)) toast("The server did not answer. Scroll on to try again.", "bad");
      return;
    } finally {
      this.asked.delete(block);
    }
    this.load();
  }

  take(first, markup) {
    const parts = document.createElement("template");
    parts.innerHTML = markup;
    const about = parts.content.querySelector("[data-list]");
    [...parts.content.querySelectorAll("[data-cell]")].forEach((cell, offset) => {
      this.blanks?.delete(first + offset);
      this.keep(first + offset, document.adoptNode(cell));
    });
    const total = Number(about.dataset.total) + first - Number(about.dataset.start);
    if (total !== this.total) Object.assign(this, { total }) && this.measure();
    this.forget();
    this.stale = true;
    this.draw();
  }

  /** A search found more. Those that were there keep their places, unless they are in another order than they were uploaded in. */
  grow(total) {
    if (total === this.total) return;
    if (this.address.includes("sort=")) for (const known of [this.cells, this.places]) known.clear();
    this.total = total;
    if (!this.cells.size) box.replaceChildren(this.blank(0));
    this.measure();
    this.stale = true;
    this.draw();
  }

  /** Far tiles are asked for again when one comes back to them. */
  forget() {
    if (this.cells.size <= KEPT) return;
    for (const [place, cell] of this.cells) {
      if ((place > this.from - KEPT / 3 && place < this.to + KEPT / 3) || cell.querySelector(":checked")) continue;
      this.cells.delete(place);
      this.places.delete(cell.dataset.position);
    }
    this.blanks?.clear();
  }

  /** The address leads back to where one is, and the page's place in the list says so. */
  tell() {
    const here = new URL(location.href);
    if (this.at > this.columns) here.searchParams.set("at", this.at);
    else here.searchParams.delete("at");
    for (const name of ["after", "before"]) here.searchParams.delete(name);
    if (here.href !== location.href) history.replaceState(history.state, "", here);
    document.dispatchEvent(new CustomEvent("synset:place", { detail: { at: this.at, total: this.total } }));
  }

  /** The tile at a place, scrolled to and awaited. */
  async bring(place) {
    if (!(place >= 0 && place < this.total)) return null;
    if (place < this.from || place >= this.to) this.go(place);
    const end = Date.now() + 10_000;
    while (!this.cells.has(place) && Date.now() < end) {
      this.load();
      await new Promise((resolve) => { document.addEventListener("synset:tiles", resolve, { once: true }); setTimeout(resolve, 500); });
    }
    const cell = this.cells.get(place);
    cell?.scrollIntoView({ block: "nearest" });
    return cell ?? null;
  }
}

let grid = null;

/** The cell of an image, in the page or not. */
export function cellOf(position) {
  return grid?.cells.get(grid.places.get(String(position))) ?? null;
}

/** The list that is shown; null before there is one. */
export const list = () => grid;

/** Another element for the same image. */
export function exchange(old, made) {
  grid.keep(grid.places.get(old.dataset.position), made);
  old.replaceWith(made);
}

/** The cell that stands so many places behind another one; null at the ends of the list. */
export function beside(cell, by) {
  return grid.bring(grid.places.get(cell.dataset.position) + by);
}

export function goTo(place) {
  grid?.go(place);
}

function start() {
  const about = box.querySelector("[data-list]");
  if (!about) return;
  if (grid) { grid.ended = true; letGo(grid.cells.values()); } // another list takes its place
  grid = new Grid(about);
  about.remove();
  box.style.paddingTop = box.style.paddingBottom = "";
  if (!grid.total) return;
  if (grid.first) {
    history.scrollRestoration = "manual"; // the address says where
    grid.go(grid.first);
  } else {
    grid.draw();
  }
}

let due = 0;
function soon() {
  due ||= requestAnimationFrame(() => { due = 0; grid?.draw(); });
}

addEventListener("scroll", soon, { passive: true });
new ResizeObserver(() => {
  if (!grid?.total) return;
  const { columns, at } = grid;
  grid.measure();
  if (grid.columns !== columns && at >= columns) grid.go(at); // the same images stay in sight
  else soon();
}).observe(document.body);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "matching") grid?.grow(Number(document.getElementById("matching").dataset.total));
  if (event.target !== box) return;
  if (box.getBoundingClientRect().top < 0) document.querySelector("[data-stays-above]")?.parentElement.scrollIntoView();
  start();
});
start();
