// Choosing tiles of a gallery: the box of a tile, Space, a click while some are chosen, Shift for a range, Ctrl for one more,
// Ctrl A for all that are loaded, a frame drawn with the mouse; Esc lets go. Dispatches "synset:chosen" on the gallery.
import { loaded } from "./grid.js";

const DRAG_PX = 6; // less is a click
const gallery = document.querySelector("[data-gallery]");
let last = null; // where a range begins
let frame = null;
let dragged = false;

const cells = loaded;
const box = (cell) => cell.querySelector("[data-pick]");
export const chosen = () => cells().filter((cell) => box(cell)?.checked);

/** The tiles to change: the chosen ones, else the one that has the focus. */
export function meant() {
  const some = chosen();
  const focused = document.activeElement?.closest?.("[data-cell]");
  return some.length || !focused ? some : [focused];
}

export function tell() {
  gallery.dispatchEvent(new CustomEvent("synset:chosen"));
}

function pick(cell, on) {
  box(cell).checked = on;
}

export function letGo() {
  for (const cell of chosen()) pick(cell, false);
  tell();
}

function range(to) {
  const all = cells();
  const [from, end] = [all.indexOf(last), all.indexOf(to)].sort((a, b) => a - b);
  for (const cell of from < 0 ? [to] : all.slice(from, end + 1)) pick(cell, true);
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
  if (event.shiftKey) {
    event.preventDefault();
    setTimeout(() => { range(cell); last = cell; tell(); }); // a box goes back to what it was before a click that is prevented
    return;
  } else if (!onBox && (event.ctrlKey || event.metaKey || chosen().length)) {
    event.preventDefault();
    pick(cell, !box(cell).checked);
  } else if (!onBox) {
    return;
  }
  last = cell;
  tell();
}

function onKey(event) {
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || document.querySelector("dialog[open]")) return;
  const cell = event.target.closest("[data-cell]");
  if (event.key === " " && cell) event.shiftKey ? range(cell) : pick(cell, !box(cell).checked);
  else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey) && !event.shiftKey) for (const each of cells()) pick(each, true);
  else if (event.key === "Escape" && chosen().length) for (const each of chosen()) pick(each, false);
  else return;
  event.preventDefault();
  last = cell ?? last;
  tell();
}

class Frame {
  constructor(event) {
    Object.assign(this, { x: event.pageX, y: event.pageY, add: event.ctrlKey || event.metaKey || event.shiftKey, element: null });
    this.before = new Set(chosen());
  }

  move(event) {
    if (!this.element && Math.hypot(event.pageX - this.x, event.pageY - this.y) < DRAG_PX) return;
    this.element ??= this.draw();
    dragged = true;
    const sides = { left: Math.min(this.x, event.pageX), top: Math.min(this.y, event.pageY) };
    const size = { width: Math.abs(event.pageX - this.x), height: Math.abs(event.pageY - this.y) };
    for (const [name, value] of Object.entries({ ...sides, ...size })) this.element.style[name] = `${value}px`;
    this.choose(this.element.getBoundingClientRect());
  }

  draw() {
    const element = document.createElement("div");
    element.className = "drag-frame";
    document.body.append(element);
    return element;
  }

  choose(here) {
    for (const cell of cells()) {
      const { left, right, top, bottom } = cell.getBoundingClientRect();
      const inside = left < here.right && right > here.left && top < here.bottom && bottom > here.top;
      pick(cell, inside || (this.add && this.before.has(cell)));
    }
    tell();
  }

  end() {
    this.element?.remove();
    if (this.element) setTimeout(() => { dragged = false; }); // where no click follows
  }
}

gallery.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse" && event.button === 0 && !event.target.closest(".pick")) frame = new Frame(event);
});
gallery.addEventListener("dragstart", (event) => event.preventDefault()); // a picture would be carried away in place of a frame
addEventListener("pointermove", (event) => frame?.move(event));
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => {
    frame?.end();
    frame = null;
  });
}
document.addEventListener("htmx:afterSwap", (event) => { if (event.target === gallery) tell(); }); // other filters, other tiles
document.addEventListener("click", onClick, true); // before the gallery opens a picture
document.addEventListener("keydown", onKey);
