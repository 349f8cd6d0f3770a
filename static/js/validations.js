// What is drawn by class and said of the same images after a validation: the newest one, unless the reader went back to an earlier
// one. While it is followed, only what is in sight is fetched and drawn; the rest once it comes into sight.
import { fetched } from "./ask.js";
import { figureOf, put } from "./charts.js";
import { isSeen, onSight } from "./sight.js";
import { together } from "./together.js";

const KEPT_EPOCHS = 40;
const NAMES = ["recall", "precision", "f1", "counts", "by_row"];
const IMAGES = "watched";
const url = document.getElementById("experiment").dataset.matrixUrl;
const range = document.getElementById("scrub-range");
const place = document.querySelector(".scrub__value");
const charts = ["class-chart", "matrix-chart"].map((id) => document.getElementById(id));
const images = document.getElementById("watched");
const epochs = JSON.parse(document.getElementById("epochs").textContent);
const kept = new Map(); // epoch → what was answered of it, by name
let wanted = epochs.at(-1) ?? null;
const stands = new Map([...NAMES, IMAGES].map((name) => [name, wanted])); // name → the epoch of which it is shown

const nameOf = (chart) => chart.dataset.chart.replace(/^figure-/, "");
const shown = () => [...charts.map(nameOf), IMAGES];
const quiet = (work) => work().catch((error) => console.warn("validations", error)); // the next event tries again

/** What has to follow at once: what is in sight, and what was never drawn and has no size yet. */
function followed() {
  const names = charts.filter((chart) => isSeen(chart) || !("drawn" in chart.dataset)).map(nameOf);
  return isSeen(images) || !images.querySelector("[data-watched]") ? [...names, IMAGES] : names;
}

async function asked(fields) {
  const { epoch, epochs: all, figures, watched } = await (await fetched(`${url}?${new URLSearchParams(fields)}`, "application/json")).json();
  if (epoch === null) return { epoch, all };
  if (!kept.has(epoch) && kept.size >= KEPT_EPOCHS) kept.delete(kept.keys().next().value);
  const more = watched === undefined ? figures : { ...figures, [IMAGES]: watched };
  kept.set(epoch, { ...kept.get(epoch), ...more });
  return { epoch, all };
}

/** Shows that epoch, of those names. */
async function show(epoch, names = shown()) {
  if (epoch === undefined) return;
  wanted = epoch;
  range.value = epochs.indexOf(epoch) + 1;
  place.textContent = Number(epoch.toFixed(2));
  const missing = names.filter((name) => !(name in (kept.get(epoch) ?? {})));
  if (missing.length) await asked({ epoch, of: missing });
  if (wanted !== epoch) return;
  for (const name of names) if (stands.get(name) !== epoch || !isThere(name)) replace(name, kept.get(epoch)[name]);
  for (const name of NAMES) if (stands.get(name) !== epoch && !shown().includes(name)) put(`figure-${name}`, null); // comes when it is asked for
}

const isThere = (name) => name === IMAGES || Boolean(figureOf(`figure-${name}`));

function replace(name, told) {
  stands.set(name, wanted);
  if (name === IMAGES) showImages(told);
  else put(`figure-${name}`, told);
}

/** Puts what is said of each image in place of what was, where it says something else; the pictures stay where they are. */
function showImages(markup) {
  const fresh = document.createElement("template");
  fresh.innerHTML = markup;
  const of = (root) => [...root.querySelectorAll("[data-watched]")].map((one) => one.dataset.watched).join();
  if (of(images) !== of(fresh.content)) return images.replaceChildren(fresh.content);
  const parts = [...images.querySelectorAll("[data-said]")];
  [...fresh.content.querySelectorAll("[data-said]")].forEach((said, i) => { if (!said.isEqualNode(parts[i])) parts[i].replaceWith(said); });
}

/** Goes on to the newest validation, if the one before it is looked at. */
export async function newestEpoch() {
  const names = followed();
  const { epoch, all } = await together(asked({ of: names }));
  const following = wanted === null || wanted === (epochs.at(-1) ?? null); // asked now: the reader may have gone back meanwhile
  epochs.splice(0, epochs.length, ...all);
  if (!epochs.length) return;
  range.max = epochs.length;
  document.getElementById("scrub").hidden = false;
  if (following) await show(epoch, names);
}

/** What came into sight stands where the scrubber does. */
function catchUp() {
  const late = followed().filter((name) => wanted !== null && stands.get(name) !== wanted);
  if (late.length) quiet(() => show(wanted, late));
}

/** Begins to follow the reader. */
export function watchValidations() {
  onSight([...charts, images], catchUp);
  range.addEventListener("input", () => quiet(() => show(epochs[Number(range.value) - 1])));
  for (const button of document.querySelectorAll("[data-scrub]")) {
    button.addEventListener("click", () => {
      quiet(() => show(epochs[epochs.indexOf(wanted) + Number(button.dataset.scrub)]));
    });
  }
  document.addEventListener("click", (event) => { // after charts.js: only what is seen at first comes with the page
    const button = event.target.closest("[data-chart-switch] [data-figure]");
    if (button && !figureOf(button.dataset.figure) && wanted !== null) quiet(() => show(wanted));
  });
}
