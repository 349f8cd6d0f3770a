// The live page: job events move the progress bar, lengthen the curves and renew what is drawn by class.
// What is written in words comes from the server: the regions [data-region] are fetched again with the page itself.
import { ask } from "./ask.js";
import { append, figureOf, put, redraw, shapedBy } from "./charts.js";
import { watchElement } from "./job.js";
import { refreshLog, watchLog } from "./log.js";
import { alike, renew } from "./parts.js";
import { onSmoothing, smoothed } from "./smoothing.js";
import { refreshSteps, watchSteps } from "./steps.js";

const REFRESH_MS = 1500;
const STEPS_MS = 2500;
const KEPT_EPOCHS = 40;
const OUTCOME = ".notice--outcome";
const BY_EPOCH = ["loss", "accuracy", "error"];
const page = document.getElementById("experiment");
const text = (id, words) => { const element = document.getElementById(id); if (element) element.textContent = words; };

const quiet = (work) => () => work().catch((error) => console.warn("live", error)); // the next event tries again

/** Calls at once, then at most every `ms`, and once more after the last call. */
function throttled(work, ms) {
  let timer = 0;
  let last = 0;
  return () => {
    timer ||= setTimeout(() => { timer = 0; last = Date.now(); work(); }, Math.max(0, last + ms - Date.now()));
  };
}

async function fetched(url, type, more = {}) {
  const answer = await ask(url, { headers: { Accept: type, ...more } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

async function refreshRegions() {
  const fresh = new DOMParser().parseFromString(await (await fetched(location.href, "text/html", { "X-Synset-Regions": "1" })).text(), "text/html");
  for (const region of document.querySelectorAll("[data-region]")) {
    const other = fresh.querySelector(`[data-region="${region.dataset.region}"]`);
    if (!other || alike(region.innerHTML, other.innerHTML)) continue;
    if (region.id === "said" && !region.querySelector("*")) region.hidden = true; // it would push all that is being read
    if (other.querySelector(OUTCOME) && !region.querySelector(OUTCOME)) region.dataset.arrived = ""; // and so would more than two lines
    renew(region, other);
  }
  document.getElementById("drawn").hidden = fresh.getElementById("drawn").hidden; // it ended before there was anything to draw
  tellState();
  offerAll();
}

/** A button for what is not shown since it arrived under the reader's eye. */
function offerAll() {
  const reveal = document.querySelector("[data-reveal]");
  if (!reveal) return;
  const said = document.getElementById("said");
  const words = reveal.parentElement.querySelector("p");
  reveal.hidden = !(said.hidden && said.querySelector("*")) && words.scrollHeight <= words.clientHeight + 1;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  document.getElementById(button.dataset.reveal).hidden = false;
  delete button.closest("[data-region]").dataset.arrived;
  button.hidden = true;
});

/** Reads a new state out once, never a tick of its progress. */
function tellState() {
  const state = document.querySelector("[data-region=pill]").textContent.trim();
  const told = document.getElementById("told-state");
  if (told.dataset.state !== state) told.textContent = `${document.querySelector("h1").textContent}: ${state}`;
  told.dataset.state = state;
}

const arriving = new Set(); // while curves are fetched: what is added meanwhile, which the answer may not know yet

async function refreshCurves() {
  const late = [];
  arriving.add(late);
  try {
    const figures = await (await fetched(page.dataset.chartsUrl, "application/json")).json();
    for (const name of BY_EPOCH) put(`figure-${name}`, figures[name]);
  } finally {
    arriving.delete(late);
  }
  for (const draw of late) draw();
}

/** Adds to the curves; the same once more is nothing. */
function add(draw) {
  for (const late of arriving) late.push(draw);
  draw();
}

// --- Progress
function words(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const parts = [[Math.floor(whole / 86400), "d"], [Math.floor(whole / 3600) % 24, "h"], [Math.floor(whole / 60) % 60, "min"], [whole % 60, "s"]];
  const first = parts.findIndex(([number]) => number);
  return parts.slice(first, first + 2).filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ");
}

function showProgress(data) {
  const bar = document.getElementById("live-bar");
  if (bar && data.progress !== undefined) bar.value = data.progress;
  if (data.epoch) text("live-epoch", `Epoch ${data.epoch} of ${data.epochs}`);
  else if (data.stage) text("live-epoch", data.stage[0].toUpperCase() + data.stage.slice(1));
  if (data.steps) text("live-step", `step ${data.step.toLocaleString("en")} of ${data.steps.toLocaleString("en")}`);
  if (data.eta_seconds === null || data.eta_seconds === undefined) return;
  text("live-left", `${words(data.eta_seconds)} left`);
  const end = new Date(Date.now() + 1000 * data.eta_seconds);
  text("live-ends", ` · ends about ${end.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`);
}

// --- Curves
const percent = (share) => (Number.isFinite(share) ? 100 * share : null);
const error = (value) => (value === null || value >= 100 ? null : 100 - value);

function addEpoch(data) {
  const loss = figureOf("figure-loss");
  if (!loss || (loss.data[0].x.at(-1) ?? 0) >= data.epoch) return;
  append("figure-loss", { 0: [data.epoch, data.train_loss ?? null] });
  append("figure-accuracy", { 2: [data.epoch, percent(data.train_top1)] });
  append("figure-error", { 2: [data.epoch, error(percent(data.train_top1))] });
  addValidation(data, data.epoch);
}

/** Draws a validation at its place in epochs: after one, or inside it. */
function addValidation(data, at) {
  const loss = figureOf("figure-loss");
  if (!loss || !Number.isFinite(data.val_loss) || (loss.data[1].x.at(-1) ?? 0) >= at) return;
  const accuracies = [data.val_top1, data.val_top5].map(percent);
  append("figure-loss", { 1: [at, data.val_loss] });
  append("figure-accuracy", { 0: [at, accuracies[0]], 1: [at, accuracies[1]] });
  append("figure-error", { 0: [at, error(accuracies[0])], 1: [at, error(accuracies[1])] });
}

// --- By class: the newest epoch, unless the reader went back to an earlier one
const range = document.getElementById("scrub-range");
const epochs = JSON.parse(document.getElementById("epochs").textContent);
const seen = new Map(); // epoch → what was answered of it
let wanted = epochs.at(-1) ?? null;

async function answerOf(epoch) {
  if (!seen.has(epoch)) {
    const answer = await (await fetched(`${page.dataset.matrixUrl}?epoch=${epoch}`, "application/json")).json();
    if (seen.size >= KEPT_EPOCHS) seen.delete(seen.keys().next().value);
    seen.set(epoch, answer);
  }
  return seen.get(epoch);
}

async function showEpoch(index) {
  const epoch = epochs[index];
  if (epoch === undefined) return;
  wanted = epoch;
  range.value = index + 1;
  document.querySelector(".scrub__value").textContent = Number(epoch.toFixed(2));
  const { figures, watched } = await answerOf(epoch);
  if (wanted !== epoch) return;
  for (const [name, figure] of Object.entries(figures)) put(`figure-${name}`, figure);
  showWatched(watched);
}

/** Puts what is said of each image in place of what was; the pictures stay where they are. */
function showWatched(markup) {
  const fresh = new DOMParser().parseFromString(markup, "text/html");
  const region = document.getElementById("watched");
  const of = (root) => [...root.querySelectorAll("[data-watched]")];
  const same = of(region).map((one) => one.dataset.watched).join() === of(fresh).map((one) => one.dataset.watched).join();
  if (!same) return region.replaceChildren(...fresh.body.childNodes);
  const parts = [...region.querySelectorAll("[data-said]")];
  [...fresh.querySelectorAll("[data-said]")].forEach((said, i) => parts[i].replaceWith(said));
}

async function newestEpoch() {
  const answer = await (await fetched(page.dataset.matrixUrl, "application/json")).json();
  const following = wanted === null || wanted === (epochs.at(-1) ?? null); // asked now: the reader may have gone back meanwhile
  epochs.splice(0, epochs.length, ...answer.epochs);
  if (!epochs.length) return;
  seen.set(answer.epoch, answer);
  range.max = epochs.length;
  document.getElementById("scrub").hidden = false;
  if (following) await showEpoch(epochs.length - 1);
}

range.addEventListener("input", () => showEpoch(Number(range.value) - 1));
for (const button of document.querySelectorAll("[data-scrub]")) {
  button.addEventListener("click", () => {
    const index = epochs.indexOf(wanted) + Number(button.dataset.scrub);
    if (index >= 0 && index < epochs.length) showEpoch(index);
  });
}

document.addEventListener("click", (event) => { // after charts.js: only what is seen at first comes with the page
  const button = event.target.closest("[data-chart-switch] [data-figure]");
  if (button && !figureOf(button.dataset.figure) && wanted !== null) quiet(() => showEpoch(epochs.indexOf(wanted)))();
});

// --- The job
const regions = throttled(quiet(refreshRegions), REFRESH_MS);
const byClass = throttled(quiet(newestEpoch), REFRESH_MS);
const tail = throttled(quiet(refreshLog), REFRESH_MS);
const steps = throttled(() => { if (!document.hidden) quiet(refreshSteps)(); }, STEPS_MS);
let connected = false;

shapedBy(smoothed);
watchSteps();
watchLog();
onSmoothing(throttled(() => {
  for (const name of BY_EPOCH) redraw(`figure-${name}`);
  quiet(refreshSteps)();
}, 100));

page.addEventListener("job:snapshot", () => {
  if (connected) quiet(refreshCurves)(); // it was away: the database knows what was missed
  if (connected) steps();
  connected = true;
  regions();
});
page.addEventListener("job:progress", (event) => { showProgress(event.detail.data); steps(); });
page.addEventListener("job:epoch", (event) => { add(() => addEpoch(event.detail.data)); regions(); byClass(); tail(); steps(); });
page.addEventListener("job:validation", (event) => {
  const { data } = event.detail;
  add(() => addValidation(data, data.epoch - 1 + data.part));
  regions();
  byClass();
  tail();
});
page.addEventListener("job:preflight", regions);
page.addEventListener("job:log", tail);
page.addEventListener("job:problem", tail);
page.addEventListener("job:state", (event) => { page.dataset.state = event.detail.data.state; regions(); tail(); });
page.addEventListener("job:link", (event) => { document.getElementById("link-words").hidden = event.detail.state !== "delayed"; });
if (page.dataset.final !== "true") {
  watchElement(page);
  document.addEventListener("visibilitychange", steps);
}
