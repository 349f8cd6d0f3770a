// The live page: job events move the progress bar, lengthen the curves and renew what is drawn by class.
// What is written in words comes from the server: the regions [data-region] are fetched again with the page itself.
import { ask } from "./ask.js";
import { append, figureOf, put } from "./charts.js";
import { watchElement } from "./job.js";
import { alike, renew } from "./parts.js";

const REFRESH_MS = 1500;
const KEPT_EPOCHS = 40;
const STEP_POINTS = 2000;
const page = document.getElementById("experiment");
const text = (id, words) => { const element = document.getElementById(id); if (element) element.textContent = words; };

/** Calls at once, then at most every `ms`, and once more after the last call. */
function throttled(work, ms) {
  let timer = 0;
  let last = 0;
  return () => {
    timer ||= setTimeout(() => { timer = 0; last = Date.now(); work(); }, Math.max(0, last + ms - Date.now()));
  };
}

async function fetched(url, type) {
  const answer = await ask(url, { headers: { Accept: type } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

async function refreshRegions() {
  const fresh = new DOMParser().parseFromString(await (await fetched(location.href, "text/html")).text(), "text/html");
  for (const region of document.querySelectorAll("[data-region]")) {
    const other = fresh.querySelector(`[data-region="${region.dataset.region}"]`);
    if (!other || alike(region.innerHTML, other.innerHTML)) continue;
    if (region.id === "said" && !region.querySelector("*")) region.hidden = true; // it would push all that is being read
    renew(region, other);
  }
  document.getElementById("drawn").hidden = fresh.getElementById("drawn").hidden; // it ended before there was anything to draw
  tellState();
  const said = document.getElementById("said");
  const reveal = document.querySelector("[data-reveal]");
  if (reveal) reveal.hidden = !(said.hidden && said.querySelector("*"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  document.getElementById(button.dataset.reveal).hidden = false;
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
    for (const [name, figure] of Object.entries(figures)) put(`figure-${name}`, figure);
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

function addStep(data) {
  const figure = figureOf("figure-steps");
  if (!figure || !data.step || !Number.isFinite(data.train_loss)) return;
  const last = figure.data[0].x.at(-1) ?? -Infinity;
  if (data.step >= last + Math.max(1, Math.floor((data.steps || 0) / STEP_POINTS))) append("figure-steps", { 0: [data.step, data.train_loss] });
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
  append("figure-steps", { 1: [data.step, data.val_loss] });
}

// --- By class: the newest epoch, unless the reader went back to an earlier one
const range = document.getElementById("scrub-range");
const epochs = JSON.parse(document.getElementById("epochs").textContent);
const seen = new Map(); // epoch → figures
let wanted = epochs.at(-1) ?? null;

async function figuresOf(epoch) {
  if (!seen.has(epoch)) {
    const answer = await (await fetched(`${page.dataset.matrixUrl}?epoch=${epoch}`, "application/json")).json();
    if (seen.size >= KEPT_EPOCHS) seen.delete(seen.keys().next().value);
    seen.set(epoch, answer.figures);
  }
  return seen.get(epoch);
}

async function showEpoch(index) {
  const epoch = epochs[index];
  if (epoch === undefined) return;
  wanted = epoch;
  range.value = index + 1;
  document.querySelector(".scrub__value").textContent = Number(epoch.toFixed(2));
  const figures = await figuresOf(epoch);
  if (wanted === epoch) for (const [name, figure] of Object.entries(figures)) put(`figure-${name}`, figure);
}

async function newestEpoch() {
  const answer = await (await fetched(page.dataset.matrixUrl, "application/json")).json();
  const following = wanted === null || wanted === (epochs.at(-1) ?? null); // asked now: the reader may have gone back meanwhile
  epochs.splice(0, epochs.length, ...answer.epochs);
  if (!epochs.length) return;
  seen.set(answer.epoch, answer.figures);
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

// --- Log
const log = document.getElementById("log");
const follow = document.getElementById("follow");
const toEnd = () => { if (follow.checked) log.scrollTop = log.scrollHeight; };

async function refreshLog() {
  log.textContent = await (await fetched(page.dataset.logUrl, "text/plain")).text();
  toEnd();
}

follow.addEventListener("change", toEnd);
toEnd();

// --- The job
const quiet = (work) => () => work().catch((error) => console.warn("live", error)); // the next event tries again
const regions = throttled(quiet(refreshRegions), REFRESH_MS);
const byClass = throttled(quiet(newestEpoch), REFRESH_MS);
const tail = throttled(quiet(refreshLog), REFRESH_MS);
let connected = false;

page.addEventListener("job:snapshot", () => {
  if (connected) quiet(refreshCurves)(); // it was away: the database knows what was missed
  connected = true;
  regions();
});
page.addEventListener("job:progress", (event) => { showProgress(event.detail.data); add(() => addStep(event.detail.data)); });
page.addEventListener("job:epoch", (event) => { add(() => addEpoch(event.detail.data)); regions(); byClass(); tail(); });
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
if (page.dataset.final !== "true") watchElement(page);
