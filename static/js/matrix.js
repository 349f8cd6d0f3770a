// The confusion matrix of an evaluation: a cell, a row, a column or a folded group is chosen by mouse, finger or keys, and its images
// come beside it. Orders, groups, search and zoom are of this page alone; only images are asked for.
import { ask, Refused } from "./ask.js";
import { typed } from "./keyed.js";
import { Axis, inShort } from "./matrix_axis.js";
import { pointed } from "./matrix_pointer.js";
import { View } from "./matrix_view.js";
import { toast } from "./toast.js";

const ASK_MS = 80; // who holds a key down asks for the last cell's images alone
const STEP = 1.6;
const READABLE = 18; // pixels of a cell that was looked for

const page = document.getElementById("matrix");
const canvas = page.querySelector("[data-canvas]");
const told = page.querySelector("[data-told]");
const part = document.getElementById("matrix-part");
const select = page.querySelector("[data-order]");
const fold = page.querySelector("[data-fold]");
const address = new URL(location.href);
let data = null;
let view = null;
let axis = null;
let order = null;
let folded = new Set();
let timer = 0;
let wanted = "";

const ready = () => data !== null;

function remake() {
  axis = new Axis(data, order, folded);
  view.chosen = view.under = null;
  view.axis = axis;
  fold.hidden = !order.groups.length;
  fold.textContent = folded.size ? "Unfold groups" : "Fold groups";
}

function setOrder(key) {
  order = data.orders.find((one) => one.key === key) ?? data.orders[0];
  folded = new Set();
  select.value = order.key;
  remake();
  keep({ order: order.key === data.orders[0].key ? "" : order.key });
}

/** What is looked at stands in the address, so that Back and a link come to it again. */
function keep(fields) {
  for (const [name, value] of Object.entries(fields)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(history.state, "", address);
}

const classesOf = (place) => (place < 0 ? [] : axis.items[place].classes);

/** The fields of a part in an address. */
function query([row, column]) {
  const fields = new URLSearchParams();
  if (row >= 0) fields.set("true", inShort(classesOf(row)));
  if (column >= 0) fields.set("said", inShort(classesOf(column)));
  return fields.toString();
}

/** `wait` is how long it is to stay chosen before its images are asked for. */
function choose(place, wait = 0) {
  view.chosen = place;
  view.mark();
  told.textContent = axis.words(...place);
  keep({ true: inShort(classesOf(place[0])), said: inShort(classesOf(place[1])) });
  clearTimeout(timer);
  timer = setTimeout(load, wait, query(place));
}

/** The images of a part; what was there before stays until they have come. */
async function load(fields) {
  wanted = fields;
  part.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(`${page.dataset.partUrl}?${fields}`);
    const markup = await answer.text();
    if (wanted !== fields) return;
    if (answer.ok) fill(markup);
    else toast("These images could not be loaded. Reload the page.", "bad");
  } catch (error) {
    if (!(error instanceof Refused)) toast("The server did not answer. Choose the cell again.", "bad");
  }
  if (wanted !== fields) return;
  part.removeAttribute("aria-busy");
  part.dataset.shown = fields; // tests wait for it
}

/** It never takes less room again: who goes from cell to cell finds the list below where it was. */
function fill(markup) {
  part.style.minHeight = `${part.offsetHeight}px`;
  part.innerHTML = markup;
}

/** What stands there before anything is chosen: the mistakes, or all images where there is none. They come with the page. */
function loadWorst() {
  if (part.dataset.shown === undefined) load(data.rows.some((row, at) => row !== data.columns[at]) ? "right=0" : "");
}

function open(place) {
  location.assign(`${page.dataset.imagesUrl}?${query(place)}`);
}

/** Folds or unfolds the group that a place is of. */
function foldAt(place) {
  const { group, classes } = axis.items[place];
  if (group < 0) return;
  if (!folded.delete(group)) folded.add(group);
  const zoom = view.isZoomed ? view.scale : 0;
  remake();
  const at = axis.placeOf[classes[0]];
  choose([at, at]);
  view.show(at, at, zoom);
}

/** The cell of two classes, wherever they stand. */
function goTo(row, column, least) {
  if (row < 0 && column < 0) return; // an address may name a class that there is not
  const place = [row < 0 ? -1 : axis.placeOf[row], column < 0 ? -1 : axis.placeOf[column]];
  view.show(...place, least);
  choose(place);
}

function find(words) {
  const label = typed(words, data.labels.map((one, number) => [one, data.names[number]]));
  if (label === null) {
    if (words.trim()) toast(`“${words.trim()}” is no class, or a part of several. Type more of it.`);
    return;
  }
  const number = data.labels.indexOf(label);
  if (axis.items[axis.placeOf[number]].folded) { folded.delete(axis.items[axis.placeOf[number]].group); remake(); }
  view.show(axis.placeOf[number], axis.placeOf[number], READABLE);
  choose([axis.placeOf[number], -1]);
}

const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function onKey(event) {
  if (!ready() || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = view.chosen ?? [0, -1];
  const step = KEYS[event.key];
  if (step) {
    const held = view.chosen ? at.map((place, side) => Math.max(-1, Math.min(axis.length - 1, place + step[side]))) : [0, 0];
    const next = held[0] < 0 && held[1] < 0 ? at : held;
    view.show(...next);
    choose(next, event.repeat ? ASK_MS : 0);
  } else if (event.key === "Enter" && view.chosen) open(view.chosen);
  else if (event.key === "+" || event.key === "=") zoom(STEP);
  else if (event.key === "-") zoom(1 / STEP);
  else if (event.key === "0") view.fit();
  else if (event.key.toLowerCase() === "g" && view.chosen) foldAt(Math.max(...view.chosen));
  else return;
  event.preventDefault();
}

/** By buttons and keys: around what is chosen. */
function zoom(times) {
  view.zoom(times);
  if (view.chosen) view.show(...view.chosen);
}

function look(under) {
  if (String(under) === String(view.under)) return;
  view.under = under;
  canvas.style.cursor = under ? "pointer" : "";
  view.mark();
  told.textContent = under ? axis.words(...under) : view.chosen ? axis.words(...view.chosen) : "\u00a0";
}

function pick(place) {
  const name = Math.max(...place);
  if (Math.min(...place) < 0 && axis.items[name].folded) foldAt(name);
  else choose(place);
}

canvas.addEventListener("keydown", onKey);

page.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const pair = event.target.closest("[data-cell-of]");
  if (pair && ready() && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    goTo(...pair.dataset.cellOf.split(",").map(Number), READABLE);
  }
  if (!button || !ready()) return;
  if (button.dataset.by) setBy(button.dataset.by);
  else if (button.dataset.zoom === "0") view.fit();
  else if (button.dataset.zoom) zoom(STEP ** Number(button.dataset.zoom));
  else if (button === fold) {
    folded = folded.size ? new Set() : new Set(order.groups.keys());
    remake();
  }
});

function setBy(by) {
  for (const other of page.querySelectorAll("[data-by]")) other.setAttribute("aria-pressed", String(other.dataset.by === by));
  view.by = by;
  view.recolour();
  view.draw();
}

select.addEventListener("change", () => { if (ready()) setOrder(select.value); });
const field = page.querySelector("[data-find]");
field.addEventListener("keydown", (event) => { if (event.key === "Enter" && ready()) { event.preventDefault(); find(field.value); } });
field.addEventListener("input", (event) => { if (ready() && (!event.inputType || event.inputType === "insertReplacementText") && data.names.includes(field.value)) find(field.value); });
document.addEventListener("synset:theme", () => { if (ready()) { view.restyle(); view.draw(); } });

async function start() {
  try {
    const answer = await ask(page.dataset.src, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    data = await answer.json();
  } catch (error) {
    told.textContent = error instanceof Refused ? error.message : "The matrix could not be loaded. Reload the page to try again.";
    return;
  }
  view = new View(canvas);
  pointed(view, { look, pick, open });
  select.replaceChildren(...data.orders.map((one) => new Option(one.words, one.key)));
  const asked = ["true", "said"].map((name) => address.searchParams.get(name));
  setOrder(address.searchParams.get("order") ?? "");
  if (asked.every((one) => one === null)) loadWorst();
  else if (asked.every((one) => one === null || /^\d+$/.test(one))) goTo(...asked.map((one) => (one !== null && Number(one) < data.names.length ? Number(one) : -1)), 0);
  else load(new URLSearchParams(["true", "said"].flatMap((name, at) => (asked[at] === null ? [] : [[name, asked[at]]]))).toString()); // of a group that was folded
  let width = canvas.parentElement.clientWidth;
  new ResizeObserver(() => {
    if (canvas.parentElement.clientWidth === width) return;
    width = canvas.parentElement.clientWidth;
    part.style.minHeight = ""; // it may be wider, too
    view.resize();
  }).observe(canvas.parentElement);
}

start();
