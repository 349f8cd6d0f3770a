// The launch form: presets fill it, and while one types the server says what it means.
import { ask } from "./ask.js";
import { put } from "./charts.js";
import { PUT_BACK } from "./drafts.js";

const WAIT_MS = 300;
const form = document.getElementById("launch"); // has a field called dataset, which hides form.dataset
const presets = JSON.parse(document.getElementById("preset-values").textContent); // for the dataset that is chosen
const ABOUT = ["name", "dataset", "version", "device", "seed"]; // what no preset says
const dataOf = () => ["dataset", "version"].map((name) => form.elements.namedItem(name)?.value).join();
const button = document.getElementById("launch-button");
let timer = 0;
let asked = 0;
let filledFor = dataOf(); // the data whose preset stands in the fields
let typed = false; // a value of the preset was changed by hand
let putBack = false; // a draft was put back or discarded: what the fields hold says which preset they are of

function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field && !ABOUT.includes(name)) field.value = value;
  }
}

function mark(card) {
  for (const other of form.querySelectorAll("[data-preset]")) other.removeAttribute("aria-current");
  card.setAttribute("aria-current", "true");
}

/** Whether all that the card's preset says stands in the fields. */
function stands(card) {
  return Object.entries(presets[card.dataset.preset]).every(([name, value]) => {
    const field = form.elements.namedItem(name);
    return !field || ABOUT.includes(name) || field.value === String(value ?? "");
  });
}

/** Of fields that were put back nobody knows which were typed, for a draft keeps what a preset put in as well. */
function recognize() {
  const card = [...form.querySelectorAll("[data-preset]")].find(stands);
  if (card) mark(card);
  [filledFor, typed, putBack] = [dataOf(), !card, false];
}

function choose(card) {
  mark(card);
  fill(presets[card.dataset.preset]);
  [filledFor, typed, putBack] = [dataOf(), false, false];
  form.dispatchEvent(new Event("synset:filled")); // for what follows the fields beside this
  preview();
}

function showErrors(errors) {
  for (const entry of form.querySelectorAll("[data-entry]")) {
    const hint = entry.querySelector("[data-hint]");
    const error = errors[entry.dataset.entry];
    entry.classList.toggle("field--wrong", Boolean(error));
    entry.querySelector("input, select").toggleAttribute("aria-invalid", Boolean(error));
    hint.className = error ? "field__error" : "field__hint";
    hint.textContent = error || hint.dataset.hint;
  }
}

function showModel() {
  const model = form.elements.namedItem("model");
  const hint = document.getElementById("hint_model");
  hint.dataset.hint = model.selectedOptions[0]?.dataset.words || "";
  if (hint.className === "field__hint") hint.textContent = hint.dataset.hint;
  for (const option of form.elements.namedItem("weights").options) {
    option.disabled = Boolean(option.dataset.words) && option.dataset.words !== model.value; // another network's run
  }
}

/** Versions of the chosen dataset alone can be chosen. */
function showVersions() {
  const versions = form.elements.namedItem("version");
  const dataset = form.elements.namedItem("dataset").value;
  for (const option of versions?.options ?? []) option.hidden = option.disabled = Boolean(option.dataset.of) && option.dataset.of !== dataset;
  if (versions?.selectedOptions[0]?.disabled) versions.value = "";
}

/** Other data have other presets: the chosen one is put in anew, unless something of it was changed by hand. */
function follow(values) {
  Object.assign(presets, values);
  if (putBack) recognize();
  const card = form.querySelector("[data-preset][aria-current]");
  if (card && !typed && dataOf() !== filledFor) choose(card);
}

async function preview() {
  const [turn, data] = [++asked, dataOf()];
  showModel();
  try {
    const answer = await ask(form.getAttribute("data-preview"), { method: "POST", body: new FormData(form) });
    const said = answer.ok && (await answer.json());
    if (!said || turn !== asked || dataOf() !== data) return; // of data that were chosen meanwhile it is asked anew
    follow(said.presets);
    if (turn !== asked) return; // it asked anew
    showErrors(said.errors);
    document.getElementById("before").innerHTML = said.side;
    document.getElementById("frozen").innerHTML = said.frozen;
    for (const [name, words] of Object.entries(said.placeholders)) form.elements.namedItem(name).placeholder = words;
    if (said.schedule) {
      put("schedule", said.schedule);
      document.getElementById("schedule-words").textContent = said.schedule.layout.meta.summary;
    }
  } catch (error) {
    console.warn("preview", error); // launching itself checks everything again
  }
}

form.addEventListener("input", (event) => {
  const isOfPreset = event.target === form || (event.target.name && !ABOUT.includes(event.target.name));
  if (isOfPreset && event.detail === PUT_BACK) putBack = true;
  else if (isOfPreset) typed = true;
  showVersions();
  clearTimeout(timer);
  timer = setTimeout(preview, WAIT_MS);
});
form.addEventListener("click", (event) => {
  const card = event.target.closest("[data-preset]");
  if (!card) return;
  event.preventDefault();
  choose(card);
});
form.addEventListener("submit", () => {
  button.disabled = true;
  button.textContent = "Launching…";
});
addEventListener("pageshow", () => {
  button.disabled = false;
  button.textContent = "Launch";
});
showModel();
showVersions();
document.querySelector(".field--wrong :is(input, select)")?.focus();
