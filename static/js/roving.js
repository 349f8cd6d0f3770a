// [data-roving="a.tile"]: a grid of many is one stop of Tab; the arrows, Home and End move within it.
function items(grid) {
  return [...grid.querySelectorAll(grid.dataset.roving)];
}

function only(grid, current) {
  for (const item of items(grid)) item.tabIndex = item === current ? 0 : -1;
}

/** How many stand in the first row. */
function columns(all) {
  const top = all[0].getBoundingClientRect().top; // offsetTop of what stands in a cell of a table is of that cell
  const next = all.findIndex((item) => item.getBoundingClientRect().top > top + 1);
  return next < 0 ? all.length : next;
}

function onKey(event) {
  const grid = event.target.closest?.("[data-roving]");
  const all = grid ? items(grid) : [];
  const at = all.indexOf(event.target);
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(all), ArrowUp: -columns(all), Home: -at, End: all.length - 1 - at }[event.key];
  const next = by === undefined ? undefined : all[at + by];
  if (by !== undefined) event.preventDefault();
  if (!next) return;
  only(grid, next);
  next.focus();
}

function start() {
  for (const grid of document.querySelectorAll("[data-roving]")) {
    only(grid, items(grid).find((item) => item.contains(document.activeElement)) ?? items(grid).find((item) => item.tabIndex === 0 && item.hasAttribute("tabindex")) ?? items(grid)[0]);
  }
}

document.addEventListener("keydown", onKey);
document.addEventListener("focusin", (event) => {
  const grid = event.target.closest?.("[data-roving]");
  if (grid && event.target.matches(grid.dataset.roving)) only(grid, event.target);
});
document.addEventListener("htmx:load", start);
document.addEventListener("synset:tiles", start); // a script put others in their place
start();
