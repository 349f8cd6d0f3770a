// [data-roving="a.tile"]: a grid of many is one stop of Tab; the arrows, Home and End move within it.
function items(grid) {
  return [...grid.querySelectorAll(grid.dataset.roving)];
}

/** Those that are what they are to be already are not touched: of a legend of a thousand lines one or two are not. */
function only(all, current) {
  for (const item of all) {
    const wanted = item === current ? "0" : "-1";
    if (item.getAttribute("tabindex") !== wanted) item.setAttribute("tabindex", wanted);
  }
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
  only(all, next);
  next.focus();
}

function start() {
  for (const grid of document.querySelectorAll("[data-roving]")) {
    const all = items(grid);
    only(all, all.find((item) => item.contains(document.activeElement)) ?? all.find((item) => item.getAttribute("tabindex") === "0") ?? all[0]);
  }
}

document.addEventListener("keydown", onKey);
document.addEventListener("focusin", (event) => {
  const grid = event.target.closest?.("[data-roving]");
  if (grid && event.target.matches(grid.dataset.roving)) only(items(grid), event.target);
});
document.addEventListener("htmx:load", start);
document.addEventListener("synset:tiles", start); // a script put others in their place
start();
