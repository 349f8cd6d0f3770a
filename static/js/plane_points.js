// Questions about points that need no canvas.

/** Places in `of` by the whole number below `count` that stands there, equal ones as they come. Counted: to compare tens of thousands
    would take longer than to draw them. */
export function inOrder(of, count) {
  const next = new Uint32Array(count + 1);
  for (const value of of) next[value + 1] += 1;
  for (let value = 1; value <= count; value += 1) next[value] += next[value - 1];
  const order = new Uint32Array(of.length);
  of.forEach((value, at) => { order[next[value]++] = at; });
  return order;
}

/** Whether a closed line has a place inside it: how often a ray from there crosses it. */
export function holds(line, x, y) {
  let within = false;
  for (let at = 0, before = line.length - 1; at < line.length; before = at, at += 1) {
    const [one, top] = line[at];
    const [other, low] = line[before];
    if (top > y !== low > y && x < ((other - one) * (y - top)) / (low - top) + one) within = !within;
  }
  return within;
}
