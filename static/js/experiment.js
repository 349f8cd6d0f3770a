// The live page: job events move the progress bar, lengthen the curves and renew what is drawn by class. Each costs what is in sight,
// and of that what has changed.
import { fetched } from "./ask.js";
import { append, figureOf, put, redraw, shapedBy } from "./charts.js";
import { retell } from "./curve_words.js";
import { watchElement } from "./job.js";
import { followLog, watchLog } from "./log.js";
import { refreshRegions, tellState } from "./regions.js";
import { inFront } from "./sight.js";
import { onSmoothing, smoothed } from "./smoothing.js";
import { refreshSteps, watchSteps } from "./steps.js";
import { newestEpoch, watchValidations } from "./validations.js";
import { duration } from "./words.js";

const REFRESH_MS = 1500;
const STEPS_MS = 2500;
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
/** What it does beside its steps: until its first epoch that is all there is to say; after that it takes the step's place, and the epoch stays. */
function showStage(stage) {
  const inEpoch = document.getElementById("live-epoch")?.textContent.startsWith("Epoch ");
  const [first, rest] = [stage[0], stage.slice(1)];
  if (inEpoch) text("live-step", first.toLowerCase() + rest);
  else text("live-epoch", first.toUpperCase() + rest);
}

function showProgress(data) {
  const bar = document.getElementById("live-bar");
  if (bar && data.progress !== undefined) bar.value = data.progress;
  if (data.epoch) text("live-epoch", `Epoch ${data.epoch} of ${data.epochs}`);
  if (data.steps) text("live-step", `step ${data.step.toLocaleString("en")} of ${data.steps.toLocaleString("en")}`);
  else if (data.stage) showStage(data.stage);
  if (data.eta_seconds === null || data.eta_seconds === undefined) return;
  text("live-left", `${duration(data.eta_seconds)} left`);
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
  retell();
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
  retell();
}

// --- The job
const regions = throttled(quiet(refreshRegions), REFRESH_MS);
const byClass = inFront(throttled(quiet(newestEpoch), REFRESH_MS));
const tail = inFront(throttled(quiet(followLog), REFRESH_MS));
const steps = inFront(throttled(quiet(() => refreshSteps()), STEPS_MS));
let connected = false;

shapedBy(smoothed);
watchSteps();
watchLog();
watchValidations();
onSmoothing(throttled(() => {
  for (const name of BY_EPOCH) redraw(`figure-${name}`);
  quiet(refreshSteps)();
}, 100));

page.addEventListener("job:snapshot", (event) => {
  if (connected) quiet(refreshCurves)(); // it was away: the database knows what was missed
  if (connected) steps();
  if (connected || event.detail.seq > Number(page.dataset.seq)) regions(); // else the page has just come from the server
  else tellState();
  connected = true;
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
if (page.dataset.final !== "true") watchElement(page);
