// The classes of a confusion matrix in an order, some of its groups folded into one row and column each, and the counts of that.
export class Axis {
  /** `order` as the server tells it: its classes (none: as they are numbered) and its groups; `folded` has the numbers of groups. */
  constructor(data, order, folded) {
    const classes = order.classes.length ? order.classes : data.names.map((_, number) => number);
    const groupAt = new Int32Array(classes.length).fill(-1);
    order.groups.forEach((group, number) => groupAt.fill(number, group.first, group.last + 1));
    this.names = data.names;
    this.groups = order.groups;
    this.items = []; // {classes, name, group, folded}
    this.placeOf = new Int32Array(classes.length); // by class, where it stands
    classes.forEach((number, at) => {
      const group = groupAt[at];
      const last = this.items.at(-1);
      if (group >= 0 && folded.has(group) && last?.group === group) last.classes.push(number);
      else this.items.push({ classes: [number], name: group >= 0 && folded.has(group) ? order.groups[group].name : data.names[number], group, folded: group >= 0 && folded.has(group) });
      this.placeOf[number] = this.items.length - 1;
    });
    this.count(data);
  }

  get length() {
    return this.items.length;
  }

  count(data) {
    const size = this.length;
    const cells = new Map(); // row · size + column → [images, of them right]
    this.rowSums = new Float64Array(size);
    this.columnSums = new Float64Array(size);
    data.rows.forEach((row, at) => {
      const [i, j, count] = [this.placeOf[row], this.placeOf[data.columns[at]], data.counts[at]];
      const cell = cells.get(i * size + j) ?? [0, 0];
      cell[0] += count;
      if (row === data.columns[at]) cell[1] += count;
      cells.set(i * size + j, cell);
      this.rowSums[i] += count;
      this.columnSums[j] += count;
    });
    this.cells = cells;
  }

  at(row, column) {
    return this.cells.get(row * this.length + column) ?? [0, 0];
  }

  /** What a cell is coloured by: its count, or its share of its row or column. */
  value(row, column, count, by) {
    if (by === "row") return count / Math.max(1, this.rowSums[row]);
    return by === "column" ? count / Math.max(1, this.columnSums[column]) : count;
  }

  /** [row, column, images, value, stays]: all that are not empty; `stays` where the class is named rightly, or its group kept. */
  listed(by) {
    const size = this.length;
    return [...this.cells].map(([key, [count]]) => {
      const [row, column] = [Math.floor(key / size), key % size];
      return [row, column, count, this.value(row, column, count, by), row === column];
    });
  }

  /** A cell, or with -1 for row or column a whole column or row, in words. */
  words(row, column) {
    const number = (value) => value.toLocaleString("en");
    const share = (part, whole) => `${(whole ? (100 * part) / whole : 0).toFixed(1)} %`;
    if (row < 0) return `Called ${this.items[column].name}: ${number(this.columnSums[column])}, of which ${number(this.at(column, column)[0])} are of it (${share(this.at(column, column)[0], this.columnSums[column])})`;
    if (column < 0) return `${this.items[row].name}: ${number(this.rowSums[row])}, of which ${number(this.at(row, row)[0])} are called so (${share(this.at(row, row)[0], this.rowSums[row])})`;
    const [count, right] = this.at(row, column);
    const [here, there] = [this.items[row], this.items[column]];
    const of = `${number(count)} of ${number(this.rowSums[row])} (${share(count, this.rowSums[row])})`;
    if (row !== column) return `${here.name} taken for ${there.name}: ${of}`;
    return here.folded ? `${here.name}, among themselves: ${of}, ${number(right)} of them right` : `${here.name}, named rightly: ${of}`;
  }
}

/** Class numbers as an address has them: 3,5,8-12. */
export function inShort(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const runs = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
