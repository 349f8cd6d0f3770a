// Draws a confusion matrix on a canvas: cells of any size, from less than a pixel to a hand's breadth, with names where there is room.
const GUTTER = { left: 132, top: 104 }; // for names
const NARROW = { left: 84, top: 76 };
const NAMED = 11; // pixels of a cell from which its class is named
const COUNTED = 24; // from which it shows its figure
const MOST = 64;
const HEIGHT = 720;

const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const mix = (from, to, share) => `rgb(${from.map((value, at) => Math.round(value + (to[at] - value) * share)).join(" ")})`;

export class View {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.by = "count";
    this.chosen = null; // [row, column], -1 for all
    this.under = null;
    this.restyle();
  }

  restyle() {
    const css = getComputedStyle(this.canvas);
    const token = (name) => css.getPropertyValue(`--${name}`).trim();
    this.colours = Object.fromEntries(["card", "inset", "line", "line-strong", "text", "muted", "accent", "on-accent", "focus"].map((name) => [name, token(name)]));
    this.right = [token("matrix-low"), token("accent")].map(rgb);
    this.wrong = [token("mistake-low"), token("mistake-mid"), token("mistake-high")].map(rgb);
    this.font = getComputedStyle(document.body).fontFamily;
  }

  /** Another order, or other groups folded: what was looked at is fitted anew. */
  set axis(axis) {
    this.now = axis;
    this.recolour();
    this.fit();
  }

  recolour() {
    this.cells = this.now.listed(this.by);
    this.most = { right: 1e-9, wrong: 1e-9 };
    for (const [, , , value, right] of this.cells) { // of a million predictions more than a call takes arguments
      const tone = right ? "right" : "wrong";
      this.most[tone] = Math.max(this.most[tone], value);
    }
  }

  measure() {
    const width = this.canvas.parentElement.clientWidth;
    this.gutter = width < 520 ? NARROW : GUTTER;
    const rows = this.now.length * Math.min(MOST, (width - this.gutter.left) / this.now.length);
    const height = Math.round(Math.min(HEIGHT, Math.max(260, rows + this.gutter.top + 8)));
    this.width = width;
    this.height = Math.max(height, this.held ?? 0);
    this.held = this.height; // the page below stays where it is
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
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
    this.held = 0;
    this.measure();
    this.scale = closer ? Math.max(this.smallest, closer) : this.smallest;
    this.draw();
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
    if (this.scale < least) Object.assign(this, { scale: Math.min(MOST, Math.max(this.smallest, least)), left: -Infinity, top: -Infinity });
    const into = (start, place, room) => {
      const [begin, end] = [place * this.scale, (place + 1) * this.scale];
      return begin >= start && end <= start + room ? start : (begin + end - room) / 2;
    };
    if (column >= 0) this.left = into(this.left, column, this.room.width);
    if (row >= 0) this.top = into(this.top, row, this.room.height);
    this.draw();
  }

  draw() {
    this.clamp();
    const began = performance.now();
    const { context, gutter } = this;
    context.clearRect(0, 0, this.width, this.height);
    context.save();
    context.beginPath();
    const whole = this.now.length * this.scale;
    context.rect(gutter.left, gutter.top, Math.min(whole, this.room.width), Math.min(whole, this.room.height));
    context.clip();
    context.translate(gutter.left - this.left, gutter.top - this.top);
    context.fillStyle = this.colours.inset;
    context.fillRect(this.left, this.top, this.room.width, this.room.height);
    this.drawGrid();
    this.drawCells();
    this.drawMarks(whole);
    context.restore();
    this.drawNames();
    this.canvas.dataset.drawnIn = (performance.now() - began).toFixed(1); // tests read it
    this.canvas.dataset.drawn = "";
  }

  drawGrid() {
    const { context } = this;
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

  drawCells() {
    const { context, scale } = this;
    const side = Math.max(1.5, scale - (scale >= 8 ? 1 : 0));
    const [firstColumn, lastColumn] = [this.left / scale - 1, (this.left + this.room.width) / scale];
    const [firstRow, lastRow] = [this.top / scale - 1, (this.top + this.room.height) / scale];
    context.font = `${Math.min(12, scale * 0.42)}px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const [row, column, count, value, right] of this.cells) {
      if (row < firstRow || row > lastRow || column < firstColumn || column > lastColumn) continue;
      const share = Math.sqrt(value / (right ? this.most.right : this.most.wrong));
      context.fillStyle = this.colour(right, share);
      context.fillRect(column * scale + (scale >= 8 ? 1 : 0), row * scale + (scale >= 8 ? 1 : 0), side, side);
      if (scale >= COUNTED) this.figure(row, column, this.by === "count" ? count.toLocaleString("en") : `${Math.round(100 * value)}`, right, share);
    }
  }

  colour(right, share) {
    if (right) return mix(this.right[0], this.right[1], share);
    return share < 0.5 ? mix(this.wrong[0], this.wrong[1], 2 * share) : mix(this.wrong[1], this.wrong[2], 2 * share - 1);
  }

  figure(row, column, words, right, share) {
    const from = right ? mix(this.right[0], this.right[1], share) : this.colour(false, share);
    const light = from.match(/\d+/g).map(Number);
    this.context.fillStyle = 0.299 * light[0] + 0.587 * light[1] + 0.114 * light[2] > 128 ? "#161a21" : "#ffffff";
    this.context.fillText(words, (column + 0.5) * this.scale, (row + 0.5) * this.scale + 0.5, this.scale - 3);
  }

  drawMarks(whole) {
    const { context, scale } = this;
    for (const [place, width] of [[this.under, 1], [this.chosen, 2]]) {
      if (!place) continue;
      const [row, column] = place;
      const [x, y] = [column < 0 ? 0 : column * scale, row < 0 ? 0 : row * scale];
      context.strokeStyle = this.colours[width === 2 ? "focus" : "muted"];
      context.lineWidth = width;
      context.strokeRect(x, y, column < 0 ? whole : Math.max(3, scale), row < 0 ? whole : Math.max(3, scale));
    }
  }

  /** Of classes where there is room, else of groups; the chosen one's always. */
  drawNames() {
    const { context } = this;
    context.font = `12px ${this.font}`;
    context.textBaseline = "middle";
    const byClass = this.scale >= NAMED;
    this.now.items.forEach((item, place) => {
      for (const [side, where] of ["rows", "columns"].entries()) {
        const marked = [this.chosen, this.under].some((at) => at?.[side] === place);
        if (byClass || marked) this.name(item.name, place, 1, { marked, [where]: true });
      }
    });
    if (!byClass) this.groupNames();
  }

  groupNames() {
    let begun = 0;
    this.now.items.forEach((item, place) => {
      const ends = place + 1 === this.now.length || this.now.items[place + 1].group !== item.group;
      if (!ends) return;
      const size = place + 1 - begun;
      const marked = (side) => [this.chosen, this.under].some((at) => at && at[side] >= begun && at[side] <= place);
      if (item.group >= 0 && size * this.scale >= NAMED) this.name(this.now.groups[item.group].name, begun, size, { rows: !marked(0), columns: !marked(1), faint: true });
      begun = place + 1;
    });
  }

  name(words, place, size, { marked = false, rows, columns, faint = false }) {
    const { context, gutter, scale } = this;
    context.fillStyle = marked ? this.colours.accent : faint ? this.colours.muted : this.colours.text;
    const middle = (place + size / 2) * scale;
    const [x, y] = [gutter.left + middle - this.left, gutter.top + middle - this.top];
    if (rows && y > gutter.top && y < this.height) {
      context.textAlign = "right";
      context.fillText(this.fitted(words, gutter.left - 10), gutter.left - 6, y);
    }
    if (columns && x > gutter.left && x < this.width) {
      context.save();
      context.translate(x, gutter.top - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(this.fitted(words, gutter.top - 10), 0, 0);
      context.restore();
    }
  }

  fitted(words, room) {
    if (this.context.measureText(words).width <= room) return words;
    let end = words.length - 1;
    while (end > 1 && this.context.measureText(`${words.slice(0, end)}…`).width > room) end -= 1;
    return `${words.slice(0, end)}…`;
  }
}
