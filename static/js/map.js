// The page of a map: fetches the points, paints them, and shows the images of those that are lassoed, picked or of a line of the legend.
import { ask, Refused } from "./ask.js";
import { paint, partName } from "./map_colours.js";
import { letGo } from "./pictures.js";
import { Plane } from "./plane.js";
import { inOrder } from "./plane_points.js";
import { toast } from "./toast.js";

const AT_ONCE = 60; // images of one answer, as many as the server gives
const page = document.querySelector("[data-map]");
const find = (name) => page.querySelector(`[data-map-${name}]`);
const plane = new Plane(page.querySelector("canvas"));
const legend = find("legend");
const english = new Intl.NumberFormat("en"); // one for all: of a legend of a thousand lines they would take longer than the lines
const number = (value) => english.format(value);
const LINE = ".map-legend__line";
const model = document.createElement("template"); // of a line of the legend
model.innerHTML = `<li><button type="button" class="${LINE.slice(1)}"><span class="map-legend__dot"></span><span class="cut"></span><span class="map-legend__count"></span></button></li>`;
let lines = []; // of the legend
let told = null;
let by = "class";
let chosen = []; // places among the drawn points, mistakes first
let shown = 0; // images of them that are on the page
let turn = 0; // what an earlier choice says late is left out
let loads = 0; // and so is an earlier way to draw,
let opens = 0; // and an earlier image

function failed(error, words) {
  if (!(error instanceof Refused)) toast(words, "bad");
}

async function get(url, fields) {
  const answer = await ask(`${url}?${new URLSearchParams({ of: page.dataset.source, ...fields })}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function load(method) {
  const mine = ++loads;
  const waiting = find("waiting");
  try {
    const answer = await (await get(page.dataset.pointsUrl, { method })).json();
    if (mine !== loads) return;
    told = answer;
    waiting.hidden = true;
  } catch (error) {
    if (mine !== loads) return;
    waiting.hidden = false;
    waiting.textContent = "The points could not be loaded. Reload the page to try again.";
    return failed(error, "The map could not be loaded.");
  }
  page.dataset.method = told.method;
  document.getElementById("map-words").textContent = told.words;
  plane.put(told.x, told.y);
  choose([]);
  parts();
  repaint();
}

function repaint() {
  if (!told) return;
  const painted = paint(by, told, getComputedStyle(document.documentElement));
  plane.lit = null;
  plane.colour(painted);
  list(painted.lines);
}

/** Check boxes of the splits, where there are several. */
function parts() {
  const boxes = told.parts.length < 2 ? [] : told.parts.map((part, at) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
    label.className = "check";
    box.addEventListener("change", () => {
      told.part.forEach((one, point) => { if (one === at) plane.hidden[point] = box.checked ? 0 : 1; });
      plane.draw();
      choose(chosen.filter((point) => !plane.hidden[point]));
    });
    label.append(box, ` ${partName(part)} (${number(part.shown)})`);
    return label;
  });
  find("parts").replaceChildren(...boxes);
}

function list(made) {
  lines = made;
  legend.replaceChildren(...lines.map((line, at) => {
    const item = model.content.firstElementChild.cloneNode(true);
    const button = item.firstElementChild;
    const [dot, name, count] = button.children;
    const images = number(line.points.length);
    Object.assign(button, { value: at, title: `Choose the ${images} images: ${line.name}` });
    dot.style.background = line.colour;
    name.textContent = line.name;
    count.textContent = images;
    item.toggleAttribute("data-none", !line.points.length);
    return item;
  }));
  find("search").hidden = lines.length < Number(page.dataset.searchedFrom);
  narrow();
}

/** The points of a line of the legend stand out, or (null) all alike. */
function light(line) {
  plane.lit = line === null ? null : (point) => plane.paint.of[point] === line;
  plane.draw();
}

/** Of the legend those lines that have images, and what is searched for where there is a search. */
function narrow() {
  const field = find("search");
  const wanted = field.hidden ? "" : field.querySelector("input").value.trim().toLowerCase();
  for (const item of legend.children) item.hidden = item.hasAttribute("data-none") || !item.textContent.toLowerCase().includes(wanted);
  document.dispatchEvent(new Event("synset:tiles")); // one of a thousand lines is a stop of Tab
}

const wrong = (point) => told.label[point] !== told.predicted[point];
const rank = (point) => (wrong(point) ? 100 - told.sure[point] : 101 + told.sure[point]); // the surest mistake first, the surest right one last
const RANKS = 202;

/** Exactly these are chosen: their images stand below, mistakes first, the surest of them at the top. */
function choose(points) {
  turn += 1;
  plane.chosen.fill(0);
  for (const point of points) plane.chosen[point] = 1;
  plane.draw();
  chosen = Array.from(inOrder(points.map(rank), RANKS), (at) => points[at]);
  shown = 0;
  letGo([find("tiles")]);
  find("tiles").replaceChildren();
  find("none").hidden = chosen.length > 0;
  find("let-go").hidden = !chosen.length;
  const count = find("count");
  const mistakes = chosen.filter(wrong).length;
  count.hidden = !chosen.length;
  count.textContent = `${number(chosen.length)} ${chosen.length === 1 ? "image" : "images"}, ${mistakes ? `${number(mistakes)} of them taken for another class` : "all named rightly"}.`;
  if (find("change")) find("change").hidden = !chosen.length;
  more();
}

async function more() {
  const mine = turn;
  const some = chosen.slice(shown, shown + AT_ONCE);
  find("more").hidden = true;
  if (!some.length) return;
  try {
    const html = await (await get(page.dataset.tilesUrl, { points: some.map((point) => told.point[point]).join(",") })).text();
    if (mine !== turn) return;
    find("tiles").insertAdjacentHTML("beforeend", html);
    shown += some.length;
  } catch (error) {
    if (mine !== turn) return;
    failed(error, "The images could not be loaded. Press “Show more” to try again.");
  }
  find("more").hidden = shown >= chosen.length;
}

/** The side shows an image; `at` is its number on the server. */
async function open(at) {
  const mine = ++opens;
  plane.open = told.point.indexOf(at);
  plane.over();
  try {
    const html = await (await get(page.dataset.pointUrl, { point: at })).text();
    if (mine !== opens) return;
    find("point").innerHTML = html;
    if (matchMedia("(max-width: 999px)").matches) page.querySelector("#map-one").scrollIntoView({ block: "nearest" }); // below the map there
  } catch (error) {
    if (mine === opens) failed(error, "The image could not be loaded. Try again.");
  }
}

/** One change of the draft of the dataset that the chosen images are of. */
async function change(event) {
  event.preventDefault();
  const form = event.target;
  const others = new Set(chosen.map((point) => told.parts[told.part[point]].other));
  const label = form.elements.namedItem("label");
  if (others.size > 1) return toast("The chosen images are of two datasets. Hide a split and choose again.", "warn");
  if (event.submitter.value === "label" && !label.value) return label.focus();
  const dataset = page.dataset.datasets.split(" ")[others.has(true) ? 1 : 0];
  const body = new FormData(form);
  body.delete("label");
  body.append("positions", chosen.map((point) => told.position[point]).join(","));
  body.append(...(event.submitter.value === "label" ? ["label", label.value] : ["removed", "1"]));
  body.append("why", "chosen on a map of images");
  body.append("there", "1"); // some may be taken out since this was measured
  event.submitter.disabled = true;
  try {
    const answer = await ask(`/datasets/${dataset}/draft/change/`, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json();
    toast(said.words ?? said.error, answer.ok ? "good" : "bad", answer.ok ? { href: `/datasets/${dataset}/`, words: "See the draft" } : null);
  } catch (error) {
    failed(error, "The server did not answer. Nothing is known to be changed; look at the draft.");
  } finally {
    event.submitter.disabled = false;
  }
}

function hint({ point, x, y }) {
  const box = find("hint");
  box.hidden = point < 0;
  if (point < 0) return;
  const name = (place) => told.classes[place] ?? "–";
  box.textContent = `${name(told.label[point])}${wrong(point) ? `, taken for ${name(told.predicted[point])}` : ""} · ${told.sure[point]} % sure · ${partName(told.parts[told.part[point]])}`;
  box.style.left = box.style.top = "0"; // first, for how wide it gets depends on where it stands
  const below = y + 14;
  box.style.left = `${Math.max(8, Math.min(x, plane.width - box.offsetWidth - 8))}px`;
  box.style.top = `${below + box.offsetHeight > plane.height ? Math.max(0, y - 14 - box.offsetHeight) : below}px`;
}

function press(group, button) {
  for (const other of page.querySelectorAll(`[data-map-${group}]`)) other.setAttribute("aria-pressed", String(other === button));
}

function drag(kind) {
  plane.drag = kind;
  plane.canvas.style.touchAction = kind ? "none" : "auto"; // a finger scrolls the page until it is told to do something else
  press("drag", page.querySelector(`[data-map-drag="${kind}"]`));
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { mapMethod, mapColour, mapDrag, mapZoom, open: at } = button.dataset;
  if (mapMethod) { press("method", button); load(mapMethod); }
  if (mapColour) { press("colour", button); by = mapColour; repaint(); }
  if (mapDrag) drag(plane.drag === mapDrag && matchMedia("(pointer: coarse)").matches ? "" : mapDrag);
  if (mapZoom === "fit") plane.fit();
  else if (mapZoom) plane.zoomBy(mapZoom === "in" ? 1.5 : 1 / 1.5);
  if (at) open(Number(at));
  if (button.matches(LINE)) choose(lines[button.value].points.filter((point) => !plane.hidden[point]));
  if (button === find("let-go")) choose([]);
  if (button === find("more")) more();
});
plane.canvas.addEventListener("synset:lasso", (event) => choose(event.detail.points));
plane.canvas.addEventListener("synset:pick", (event) => open(told.point[event.detail.point]));
plane.canvas.addEventListener("synset:hover", (event) => hint(event.detail));
for (const kind of ["mouseenter", "focus"]) legend.addEventListener(kind, ({ target }) => { if (target.matches(LINE)) light(Number(target.value)); }, true); // they do not rise
for (const kind of ["mouseleave", "blur"]) legend.addEventListener(kind, ({ target }) => { if (target.matches(LINE)) light(null); }, true);
find("search").querySelector("input").addEventListener("input", narrow);
find("change")?.addEventListener("submit", change);
document.addEventListener("synset:theme", repaint);
drag(matchMedia("(pointer: coarse)").matches ? "" : "lasso");
load(page.dataset.method);
