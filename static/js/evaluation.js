// The overview of an evaluation: a class is chosen for its curves, and sliders say what a threshold would do.
import { ask } from "./ask.js";
import { figureOf, put } from "./charts.js";
import { toast } from "./toast.js";

const Z_95 = 1.959963984540054;
const byId = (id) => document.getElementById(id);
const dataOf = (id) => (byId(id) ? JSON.parse(byId(id).textContent) : null);
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const number = (value) => value.toLocaleString("en");

/** The ends of Wilson's interval of a share, as everywhere else. */
function wilson(part, whole) {
  const p = part / whole;
  const spread = (Z_95 * Z_95) / whole;
  const middle = (p + spread / 2) / (1 + spread);
  const half = (Z_95 / (1 + spread)) * Math.sqrt((p * (1 - p)) / whole + spread / (4 * whole));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** "93.8 % (83.2 to 97.9)". */
function share(part, whole) {
  if (!whole) return "–";
  return `${percent(part / whole)} (${wilson(part, whole).map((end) => (100 * end).toFixed(1)).join(" to ")})`;
}

/** "0.82 (0.71 to 0.89)": F1 is twice a share by one and that share, of the images that are of the class or are called so; the indirect
    interval of Lam, Gopal and Qian (2023), as on the live page. */
function score(right, said, own) {
  const either = said + own - right;
  if (!either) return "–";
  return `${((2 * right) / (said + own)).toFixed(2)} (${wilson(right, either).map((end) => ((2 * end) / (1 + end)).toFixed(2)).join(" to ")})`;
}

/** The place of the last threshold that is not above a probability. */
function placeOf(thresholds, probability) {
  const above = thresholds.findIndex((each) => each > probability + 1e-9);
  return above < 0 ? thresholds.length - 1 : Math.max(0, above - 1);
}

/** Calls at most once a frame. */
function paced(work) {
  let waiting = 0;
  return () => { waiting ||= requestAnimationFrame(() => { waiting = 0; work(); }); };
}

/** Moves the mark of a chart, which is its last trace. */
function mark(id, x, y) {
  const figure = figureOf(id);
  if (!figure) return;
  Object.assign(figure.data.at(-1), { x: [x], y: [y] });
  put(id, figure);
}

// --- Top-k
const topK = byId("top-k");
function showTopK() {
  const chosen = topK.selectedOptions[0];
  byId("top-k-value").textContent = chosen.dataset.value;
  byId("top-k-span").textContent = chosen.dataset.span;
}
if (topK) {
  topK.addEventListener("change", showTopK);
  showTopK();
}

// --- Coverage: below which probability it would say that it is unsure
const covered = dataOf("coverage-data");
const coverageRange = byId("coverage-range");
function showCoverage() {
  const at = Number(coverageRange.value);
  const [threshold, answered, right] = [covered.thresholds[at], covered.answered[at], covered.right[at]];
  const unsure = covered.n - answered;
  byId("coverage-value").textContent = percent(threshold);
  byId("coverage-words").textContent = `It answers ${number(answered)} of ${number(covered.n)} images, ${percent(answered / covered.n)}, and is right on ${share(right, answered)} of them; of ${number(unsure)} it says that it is unsure.`;
  coverageRange.setAttribute("aria-valuetext", `${percent(threshold)}: answers ${percent(answered / covered.n)}`);
  const below = byId("coverage-below");
  if (below) {
    below.value = String(threshold);
    byId("keep-threshold").disabled = threshold <= 0 || threshold >= 1;
  }
  mark("coverage", answered / covered.n, answered ? right / answered : 1);
}
if (covered) {
  const start = coverageRange.dataset.start;
  coverageRange.value = String(placeOf(covered.thresholds, start === "" ? 0.5 : Number(start)));
  coverageRange.addEventListener("input", paced(showCoverage));
  showCoverage();
}

// --- One class against all others
const card = byId("curves");
const classRange = byId("class-range");
let shown = dataOf("class-data");
let asked = 0;

function showThreshold() {
  const at = Number(classRange.value);
  const [threshold, said, right] = [shown.thresholds[at], shown.said[at], shown.right[at]];
  const wrong = said - right;
  const others = shown.n - shown.own;
  byId("class-value").textContent = percent(threshold);
  byId("class-words").textContent = `Said of ${number(said)} images, ${number(right)} of them rightly: precision ${share(right, said)}, recall ${share(right, shown.own)}, F1 ${score(right, said, shown.own)}, taken for it ${share(wrong, others)} of the others.`;
  classRange.setAttribute("aria-valuetext", `${percent(threshold)}: precision ${said ? percent(right / said) : "–"}, recall ${shown.own ? percent(right / shown.own) : "–"}`);
  mark("roc", others ? wrong / others : 0, shown.own ? right / shown.own : 0);
  mark("pr", shown.own ? right / shown.own : 0, said ? right / said : 1);
}

function showBest() {
  classRange.value = String(placeOf(shown.thresholds, shown.best_threshold ?? 0.5));
  showThreshold();
}

async function choose(button) {
  const turn = ++asked;
  for (const other of card.querySelectorAll('button[aria-pressed="true"][data-class]')) other.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", "true");
  try {
    const answer = await ask(`${card.dataset.curvesUrl}?class=${button.dataset.class}`, { headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (turn !== asked) return; // another class was chosen meanwhile
    if (!answer.ok) throw new Error(told.error);
    shown = told.slider;
    byId("curves-name").textContent = shown.label;
    byId("roc-words").textContent = `area ${told.words.roc}`;
    byId("pr-words").textContent = `average ${told.words.pr}`;
    put("roc", told.roc);
    put("pr", told.pr);
    showBest();
  } catch (error) {
    if (turn === asked) toast(error.message || "The curves could not be loaded. Try again.", "bad");
  }
}

if (shown) {
  card.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-class]");
    if (button) choose(button);
  });
  classRange.addEventListener("input", paced(showThreshold));
  byId("best-threshold").addEventListener("click", showBest);
  showBest();
}
