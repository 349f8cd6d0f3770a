// The names beside a confusion matrix: of its classes where there is room, else of its groups, or of some classes where there are none;
// those of the cell that is chosen or pointed at always.
const NAMED = 11; // pixels of a cell from which its class is named
const HALF = NAMED / 2; // what a name takes on either side of its middle
const APART = 22; // pixels between names where not every class has its own

export class Names {
  constructor(view) {
    this.view = view;
    this.fits = new Map(); // room and name → as much of it as there is room for
  }

  draw() {
    const { context, font, now, scale } = this.view;
    context.font = `12px ${font}`;
    context.textBaseline = "middle";
    const byClass = scale >= NAMED;
    for (const [side, where] of ["rows", "columns"].entries()) {
      const marked = new Set(this.marks.map((at) => at[side]).filter((place) => place >= 0));
      const [first, last] = this.view.seen(side);
      const places = byClass ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : marked;
      for (const place of places) this.name(now.items[place].name, place, 1, { marked: marked.has(place), [where]: true });
    }
    if (byClass) return;
    if (now.groups.length) this.ofGroups();
    else this.ofSome();
  }

  /** [row, column] of what is chosen and of what is pointed at. */
  get marks() {
    return [this.view.chosen, this.view.under].filter(Boolean);
  }

  ofGroups() {
    const { items, groups } = this.view.now;
    let begun = 0;
    items.forEach((item, place) => {
      if (items[place + 1]?.group === item.group) return;
      const size = place + 1 - begun;
      const marked = (side) => this.marks.some((at) => at[side] >= begun && at[side] <= place);
      if (item.group >= 0 && size * this.view.scale >= NAMED) this.name(groups[item.group].name, begun, size, { rows: !marked(0), columns: !marked(1), faint: true });
      begun = place + 1;
    });
  }

  /** As many classes as there is room for, so that the eye finds its way; none beside one that is marked. */
  ofSome() {
    const { now, scale } = this.view;
    const step = Math.ceil(APART / scale);
    for (const [side, where] of ["rows", "columns"].entries()) {
      const marked = this.marks.map((at) => at[side]);
      const [first, last] = this.view.seen(side);
      for (let place = Math.ceil(first / step) * step; place <= last; place += step) {
        const free = marked.every((other) => Math.abs(other - place) * scale >= NAMED);
        if (free) this.name(now.items[place].name, place, 1, { faint: true, [where]: true });
      }
    }
  }

  name(words, place, size, { marked = false, rows, columns, faint = false }) {
    const { context, gutter, scale, colours, left, top, width, height } = this.view;
    context.fillStyle = marked ? colours.accent : faint ? colours.muted : colours.text;
    const middle = (place + size / 2) * scale;
    const [x, y] = [gutter.left + middle - left, gutter.top + middle - top];
    if (rows && y > gutter.top && y <= height - HALF) {
      context.textAlign = "right";
      context.fillText(this.fitted(words, gutter.left - 10), gutter.left - 6, y);
    }
    if (columns && x > gutter.left && x <= width - HALF) {
      context.save();
      context.translate(x, gutter.top - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(this.fitted(words, gutter.top - 10), 0, 0);
      context.restore();
    }
  }

  fitted(words, room) {
    const key = `${room} ${words}`;
    if (!this.fits.has(key)) this.fits.set(key, this.cut(words, room));
    return this.fits.get(key);
  }

  cut(words, room) {
    const width = (text) => this.view.context.measureText(text).width;
    if (width(words) <= room) return words;
    let end = words.length - 1;
    while (end > 1 && width(`${words.slice(0, end)}…`) > room) end -= 1;
    return `${words.slice(0, end)}…`;
  }
}
