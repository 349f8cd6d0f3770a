// Choosing images of a gallery: the box of a tile, Space, a click while some are chosen, Shift for a range, Ctrl for one more,
// Ctrl A for all of the list, a frame drawn with the mouse; Esc lets go. What is chosen is kept by position, whether the tile is in
// the page, was there or never came: of a range the server tells those. Dispatches "synset:chosen" on the gallery.
import { ask, Refused } from "./ask.js";
import { cellOf, list } from "./grid.js";
import { Frame } from "./frame.js";
import { toast } from "./toast.js";

const gallery = document.querySelector("[data-gallery]");
const picked = new Set(); // positions, as the tiles name them
let last = null; // the position where a range begins, and its place in the list: its tile may be gone by the end
let frame = null;
let dragged = false;
let turn = 0; // to choose anew, or to let go, drops an answer that is on its way
let underway = Promise.resolve();

const box = (cell) => cell.querySelector("[data-pick]");
export const chosen = () => [...picked];

const place = (cell) => list().places.get(cell.dataset.position);

/** The tiles from one place to another, both with it; undefined for each that is not here. */
const stretch = (first, last) => Array.from({ length: last - first + 1 }, (_, offset) => list().cells.get(first + offset));

/** Resolves once the server has told all of a range. */
export const settled = () => underway;

/** The positions to change: the chosen ones, else the one that has the focus. */
export function meant() {
  const focused = document.activeElement?.closest?.("[data-cell]");
  return picked.size || !focused ? chosen() : [focused.dataset.position];
}

export function tell() {
  gallery.dispatchEvent(new CustomEvent("synset:chosen"));
}

function pick(position, on) {
  if (on) picked.add(position);
  else picked.delete(position);
  const cell = cellOf(position);
  if (cell && box(cell)) box(cell).checked = on;
}

export function letGo() {
  turn += 1;
  for (const position of chosen()) pick(position, false);
  tell();
}

/** Exactly these are chosen. */
function choose(positions) {
  for (const position of chosen()) if (!positions.has(position)) pick(position, false);
  for (const position of positions) if (!picked.has(position)) pick(position, true);
  tell();
}

/** Positions between two images of the list, both with it, or all of it; none where there are too many or no answer, which is said. */
async function told(ends) {
  gallery.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(`${list().address}&between=${ends.join(",")}`, { headers: { Accept: "application/json" } });
    const { count, most, positions } = await answer.json();
    if (count > most) toast(`${count.toLocaleString("en")} images lie there; ${most.toLocaleString("en")} can be chosen at a time. “Change all” above the images takes all that match.`, "warn");
    return positions;
  } catch (error) {
    if (!(error instanceof Refused)) toast("The server did not answer. No more images were chosen; try again.", "bad");
    return [];
  } finally {
    gallery.removeAttribute("aria-busy");
  }
}

/** Chooses those tiles, or where some of them are not here, what the server says stands there. */
function take(cells, ends) {
  if (!cells.includes(undefined)) {
    for (const cell of cells) pick(cell.dataset.position, true);
    return;
  }
  const mine = (turn += 1);
  underway = told(ends).then((positions) => {
    if (mine !== turn) return;
    for (const position of positions) pick(String(position), true);
    tell();
  });
}

function range(to) {
  const end = { position: to.dataset.position, place: place(to) };
  const from = last ?? end;
  if (cellOf(from.position)) from.place = place(cellOf(from.position)); // a search that found more moves it
  take(stretch(...[from.place, end.place].sort((a, b) => a - b)), [from.position, end.position]);
}

/** All of the list, also where a search has not found all yet. */
function takeAll() {
  take(document.querySelector("[data-looking]") ? [undefined] : stretch(0, list().total - 1), []);
}

function begin(cell) {
  last = { position: cell.dataset.position, place: place(cell) };
}

function onClick(event) {
  const cell = event.target.closest("[data-cell]");
  if (dragged) {
    event.preventDefault(); // the end of a frame is no click
    dragged = false;
    return;
  }
  if (!cell || !box(cell)) return;
  const onBox = event.target.closest(".pick");
  if (onBox && event.target !== box(cell)) return; // the label: its box's own click follows
  const { position } = cell.dataset;
  if (event.shiftKey) {
    event.preventDefault();
    setTimeout(() => { range(cell); begin(cell); tell(); }); // a box goes back to what it was before a click that is prevented
    return;
  } else if (onBox) {
    pick(position, box(cell).checked);
  } else if (event.ctrlKey || event.metaKey || picked.size) {
    event.preventDefault();
    pick(position, !picked.has(position));
  } else {
    return;
  }
  begin(cell);
  tell();
}

function onKey(event) {
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || document.querySelector("dialog[open]")) return;
  const cell = event.target.closest("[data-cell]");
  if (event.key === " " && cell) event.shiftKey ? range(cell) : pick(cell.dataset.position, !picked.has(cell.dataset.position));
  else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey) && !event.shiftKey && list()) takeAll();
  else if (event.key === "Escape" && picked.size) letGo();
  else return;
  event.preventDefault();
  if (cell) begin(cell);
  tell();
}

gallery.addEventListener("pointerdown", (event) => {
  if (!list()?.total || event.pointerType !== "mouse" || event.button !== 0 || event.target.closest(".pick")) return;
  const before = event.ctrlKey || event.metaKey || event.shiftKey ? chosen() : [];
  frame = new Frame(event, (cells) => {
    dragged = true;
    choose(new Set([...before, ...cells.map((cell) => cell.dataset.position)]));
  });
});
gallery.addEventListener("dragstart", (event) => event.preventDefault()); // a picture would be carried away in place of a frame
addEventListener("pointermove", (event) => frame?.move(event));
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => {
    const missing = frame?.end();
    if (missing) toast(`${missing.toLocaleString("en")} images under the frame had not come yet and are not chosen. Draw it more slowly, or use Shift for a range.`, "warn");
    frame = null;
    if (dragged) setTimeout(() => { dragged = false; }); // where no click follows
  });
}
document.addEventListener("synset:tiles", () => { // those that came anew
  for (const cell of gallery.querySelectorAll("[data-cell]")) if (box(cell)) box(cell).checked = picked.has(cell.dataset.position);
});
document.addEventListener("htmx:afterSwap", (event) => { // other filters, other tiles
  if (event.target !== gallery) return;
  last = null;
  picked.clear();
  letGo();
});
document.addEventListener("click", onClick, true); // before the gallery opens a picture
document.addEventListener("keydown", onKey);
