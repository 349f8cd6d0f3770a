// Draws figures made by charts.py. A host <div class="chart" data-chart="ID"> shows the figure of <script id="ID"> (json_script);
// data-chart-src="URL" fetches it instead. A group [data-chart-switch="HOST"] holds buttons [data-figure="ID"].
// Figures name colours as var(--token); they are resolved here, again whenever the theme changes.
const CONFIG = { doubleClick: false, displayModeBar: false, displaylogo: false, responsive: true, showTips: false };
const figures = new Map(); // id → figure, with token names
const longer = new Set(); // ids of figures that have points which are not drawn yet
const own = new WeakMap(); // host → the ranges that its figure came with
const margins = new WeakMap(); // host → what its labels took when it was drawn first
const frames = new WeakMap(); // host → what it shows but for the places of its points, as it was drawn last
const moving = new WeakMap(); // host → the promise of points that are being moved
const unseen = new WeakSet(); // hosts that are out of sight
const waiting = new Map(); // host → the figure that it shows once it is seen: to draw what nobody looks at would cost as much
const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) unseen.delete(target);
    else unseen.add(target);
  }
  catchUp();
});
const sizes = new WeakMap(); // host → its size in the last frame
const unfit = new Set(); // hosts whose drawing is of another size than they are
const sized = new ResizeObserver((entries) => {
  for (const { target, contentRect: { width, height } } of entries) {
    sizes.set(target, { width, height });
    if (fits(target)) unfit.delete(target);
    else unfit.add(target);
  }
  if (unfit.size) fitting ||= requestAnimationFrame(() => { fitting = 0; catchUp(); });
});
const LEAST_PX = 12; // of a margin, as Plotly has it, and of letters
const pen = document.createElement("canvas").getContext("2d"); // measures labels
const coarse = matchMedia("(pointer: coarse)");
let palettes = new WeakMap(); // host → its colours by token; a part of the page may have the other theme
let shape = (figure) => figure;
let frame = 0;
let fitting = 0;
let family; // of the page's letters
const TOKEN = /^var\((--[\w-]+)\)$/;

function resolve(value, colour) {
  if (typeof value === "string") {
    const token = TOKEN.exec(value);
    return token ? colour(token[1]) : value;
  }
  if (Array.isArray(value)) return typeof value[0] === "number" && typeof value.at(-1) === "number" ? value.slice() : value.map((item) => resolve(item, colour));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, colour)]));
}

/** Gives a token's colour in a host. Each is asked for once a theme: to ask makes the browser compute all styles at once. */
function paletteOf(host) {
  if (palettes.has(host)) return palettes.get(host);
  const known = new Map();
  const palette = (token) => {
    if (!known.has(token)) known.set(token, getComputedStyle(host).getPropertyValue(token).trim());
    return known.get(token);
  };
  palettes.set(host, palette);
  return palette;
}

/** The figure as Plotly takes it. What is read out stays with us: Plotly would draw all anew because of it. */
function painted(host, figure) {
  const { meta, ...layout } = figure.layout;
  const { data, layout: shown } = resolve({ data: figure.data, layout }, paletteOf(host));
  family ??= getComputedStyle(document.body).fontFamily;
  Object.assign(shown, { font: { ...shown.font, family }, autosize: true });
  if (coarse.matches) shown.dragmode = false; // a finger scrolls the page
  return { data, layout: shown };
}

/** How far values reach where an axis follows them; what they do not change otherwise. */
function reach(values, axis) {
  if (!values.length || (axis?.range && axis.autorange !== true)) return values.length > 0;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [axis?.rangemode === "tozero" && low >= 0 ? 0 : low, high];
}

/** What curves say but for the places of their points; nothing of a figure with anything else than curves. While it stays the same,
    so do axes, labels and margins, which take nearly all of the time that a drawing takes. */
function frameOf({ data, layout }) {
  if (!data.every(({ type, mode }) => type === "scatter" && mode?.startsWith("lines"))) return null;
  return JSON.stringify([layout, data.map(({ x, y, ...rest }) => [rest, reach(x, layout.xaxis), reach(y, layout.yaxis)])]);
}

/** Puts the points of curves elsewhere; nothing else is drawn. */
function move(host, { data, layout }) {
  const moved = react(host, data, { ...layout, transition: { duration: 0 } });
  moving.set(host, moved.finally(() => {
    moving.delete(host);
    catchUp();
  }));
}

function read(id) {
  if (!figures.has(id)) {
    const source = document.getElementById(id);
    if (source) figures.set(id, JSON.parse(source.textContent));
  }
  return figures.get(id);
}

/** Lets a page change figures before they are drawn, by a function that leaves them as they are. */
export function shapedBy(change) {
  shape = change;
}

/** Leaves the part that the reader looks at as it is, while the figure's uirevision stays; however it was chosen. */
function keepZoom(host, layout) {
  const { layout: before } = host;
  const came = own.get(host);
  own.set(host, { xaxis: layout.xaxis?.range, yaxis: layout.yaxis?.range });
  if (!before || !came || before.uirevision === undefined || before.uirevision !== layout.uirevision) return;
  for (const name of ["xaxis", "yaxis"]) {
    const [was, axis] = [before[name], layout[name]];
    if (!was?.range || !axis || was.uirevision !== axis.uirevision) continue;
    const chosen = came[name] ? String(came[name]) !== String(was.range) : was.autorange === false;
    if (chosen) Object.assign(axis, { range: [...was.range], autorange: false });
  }
}

/** Begins with the margins that the labels of its first drawing needed, or about those that they will need: else each drawing is done
    twice, the first time to find that out. */
function keepMargins(host, layout) {
  const { _fullLayout: before } = host;
  const same = before && before.uirevision !== undefined && before.uirevision === layout.uirevision;
  if (before && !same) margins.delete(host);
  if (same && !margins.has(host)) {
    const { l, r, t, b } = before._size;
    margins.set(host, { l, r, t, b });
  }
  if (same) layout.margin = { ...layout.margin, ...margins.get(host) };
  if (!same || layout.yaxis?.ticktext) makeRoom(layout, same);
}

/** Makes margins at least about as wide as both axes need. Of names that is all they need: Plotly would add each one to the page to
    measure it, and have the page laid out anew for each. */
function makeRoom({ margin, xaxis, yaxis }, isKept) {
  if (!margin || !xaxis?.automargin || !yaxis?.automargin) return;
  const least = Math.min(LEAST_PX, ...["l", "r", "t", "b"].map((side) => margin[side] ?? 0)); // what Plotly leaves beside a label
  const labels = yaxis.ticktext ?? [yaxis.ticksuffix ? `100${yaxis.ticksuffix}` : "0.00"];
  pen.font = `${yaxis.tickfont?.size ?? LEAST_PX}px ${family}`;
  const widest = Math.ceil(Math.max(0, ...labels.map((words) => pen.measureText(bare(words)).width)));
  margin.l = Math.max(margin.l, widest + (yaxis.ticktext ? 8 : 13) + least);
  yaxis.automargin = !yaxis.ticktext || Boolean(yaxis.title);
  if (isKept) return;
  margin.b = Math.max(margin.b, (xaxis.title ? 42 : 27) + least);
  if (!xaxis.ticktext) margin.r = Math.max(margin.r, 10 + least); // half of a last label
}

const bare = (words) => words.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A double click shows all again: of the figure that is there now, where Plotly would go back to the host's first one. */
function showAll(host) {
  const change = {};
  for (const [name, range] of Object.entries(own.get(host))) {
    if (!host.layout[name] || host.layout[name].fixedrange) continue;
    if (range) change[`${name}.range`] = [...range];
    else change[`${name}.autorange`] = true;
  }
  window.Plotly.relayout(host, change);
}

/** Draws a figure into a host, or redraws it in place; the reader's zoom stays while its uirevision does. */
export function draw(host, figure) {
  if (moving.has(host)) return moving.get(host).then(() => draw(host, figure));
  const shown = painted(host, shape(figure));
  keepZoom(host, shown.layout);
  keepMargins(host, shown.layout);
  const frame = frameOf(shown);
  const same = frame !== null && frames.get(host) === frame;
  frames.set(host, frame);
  waiting.delete(host);
  describe(host, figure);
  if (same) return move(host, shown);
  return drawWhole(host, shown);
}

/** Says what is drawn to those who do not see it. */
function describe(host, figure) {
  const words = figure.layout.meta?.summary || "Chart";
  if (host.getAttribute("aria-label") !== words) host.setAttribute("aria-label", words);
}

function drawWhole(host, { data, layout }) {
  const least = layout.height ? `${layout.height}px` : host.style.minHeight;
  if (host.style.minHeight !== least) host.style.minHeight = least;
  if (host.on) return react(host, data, layout);
  host.setAttribute("role", "img");
  host.querySelector("[data-waiting]")?.remove();
  sight.observe(host);
  sized.observe(host);
  const drawn = window.Plotly.react(host, data, layout, CONFIG);
  window.removeEventListener("resize", host._responsiveChartHandler); // Plotly's own: it would draw all once more, and for the window's size alone
  host.dataset.drawn = ""; // tests wait for it
  host.on("plotly_doubleclick", () => showAll(host));
  host.dispatchEvent(new CustomEvent("synset:drawn", { bubbles: true })); // to pinch.js: once a host
  return drawn;
}

/** Draws into a host once more, in the size that it has: to find that out, Plotly would have the whole page laid out in the middle of
    an update. It follows its card as before. */
function react(host, data, layout) {
  const size = sizes.get(host);
  if (!size?.width || !size.height) return window.Plotly.react(host, data, layout);
  const drawn = window.Plotly.react(host, data, { ...size, ...layout, autosize: false });
  Object.assign(host.layout, { autosize: true, width: undefined, height: layout.height });
  return drawn;
}

/** Whether a drawing is as large as its host, by Plotly's own measure. One that is not shown has no size. */
function fits(host) {
  const { width, height } = sizes.get(host);
  const { _fullLayout: drawn } = host;
  return !width || !height || !drawn || (Math.abs(drawn.width - width) <= 1 && Math.abs(drawn.height - height) <= 1);
}

/** Draws a host anew in the size that its card gives it now; on paper paper.js says how wide. */
function fit(host) {
  unfit.delete(host);
  if (fits(host) || !host.isConnected || !host.layout.autosize) return;
  delete host.layout.height; // of its figure: from now on the host's, as with Plotly.Plots.resize
  window.Plotly.relayout(host, { autosize: true });
}

/** Draws a figure into a host that shows one already, at once or when it comes into sight. */
function update(host, figure) {
  if (!host.on || !waits(host)) return draw(host, figure);
  describe(host, figure);
  waiting.set(host, figure);
}

const waits = (host) => unseen.has(host) || document.hidden || moving.has(host);

function catchUp(all = false) {
  for (const [host, figure] of waiting) if (all || !waits(host)) draw(host, figure);
  for (const host of unfit) if (!waits(host)) fit(host);
}

function hosts(id) {
  return [...document.querySelectorAll("[data-chart]")].filter((host) => host.dataset.chart === id);
}

/** Replaces a figure and redraws the hosts that show it. */
export function put(id, figure) {
  figures.set(id, figure);
  for (const host of hosts(id)) update(host, figure);
}

/** Adds one point to the named traces: {trace number: [x, y]}. However many come, they are drawn once a frame. */
export function append(id, points) {
  const figure = read(id);
  if (!figure) return;
  for (const [index, [x, y]] of Object.entries(points)) {
    figure.data[index].x.push(x);
    figure.data[index].y.push(y);
  }
  longer.add(id);
  frame ||= requestAnimationFrame(drawLonger);
}

function drawLonger() {
  frame = 0;
  for (const id of longer) redraw(id);
  longer.clear();
}

/** Draws a figure once more where it is shown. */
export function redraw(id) {
  for (const host of hosts(id)) if (host.data) update(host, read(id));
}

/** The figure as it stands, for callers that look at its last point. */
export function figureOf(id) {
  return read(id);
}

/** Lets a host show another figure. */
export function show(host, id) {
  host.dataset.chart = id;
  const figure = read(id);
  if (figure) draw(host, figure);
}

function trouble(host) {
  const words = document.createElement("p");
  words.className = "chart__trouble";
  words.textContent = "The chart could not be loaded. Reload the page to try again.";
  host.replaceChildren(words);
}

async function load(host) {
  try {
    const answer = await fetch(host.dataset.chartSrc, { headers: { Accept: "application/json", "X-Synset-Team": document.body.dataset.team ?? "" } });
    document.dispatchEvent(new CustomEvent("synset:answer", { detail: { status: answer.status, responseURL: answer.url } })); // ask.js and team.js are not in the file that stands alone
    if (!answer.ok) throw new Error(String(answer.status));
    draw(host, await answer.json());
  } catch (error) {
    console.warn("chart", host.dataset.chartSrc, error);
    trouble(host);
  }
}

function drawAll() {
  for (const host of document.querySelectorAll("[data-chart]")) {
    const figure = read(host.dataset.chart);
    if (figure) draw(host, figure);
  }
  for (const host of document.querySelectorAll("[data-chart-src]")) load(host);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chart-switch] [data-figure]");
  if (!button) return;
  const group = button.closest("[data-chart-switch]");
  for (const other of group.querySelectorAll("[data-figure]")) other.setAttribute("aria-pressed", String(other === button));
  show(document.getElementById(group.dataset.chartSwitch), button.dataset.figure);
});
document.addEventListener("synset:theme", () => {
  palettes = new WeakMap();
  drawAll();
});
document.addEventListener("visibilitychange", () => catchUp());
window.addEventListener("beforeprint", () => catchUp(true));

/** Once all charts of the page were drawn: after every script of it has run, which may shape them, and after htmx has gone through
    a page that is still without their thousands of elements. */
export const drawn = new Promise((resolve) => {
  const begin = () => { drawAll(); resolve(); };
  if (document.readyState === "complete") begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
});
