// What a training would see of its images, for the values in the form: asked for while one types, put in place once it is all there.
import { ask, Refused } from "./ask.js";

const WAIT_MS = 300;
const RETRY_MS = 5000; // a worker that does not answer may be on its way
const SEEN = ["dataset", "version", "model", "weights", "features", "freeze", "unfreeze", "finetune", "image_size", "eval_size", "resize", "channels", "normalisation", "seed", "folds", "fold",
  "augment", "flip", "crop", "rotate", "color", "erase", "flip_vertical", "scale", "blur", "noise", "policy", "magnitude", "mixup", "cutmix"];
const form = document.getElementById("launch");
const box = document.querySelector("[data-samples]");
const list = box.querySelector("[data-list]");
const caption = box.querySelector("[data-caption]");
const example = document.querySelector("[data-example]");
let draw = 0; // which draw of the same values: "Show others" takes the next one
let timer = 0;
let shown = ""; // the values that were asked for last
let underway = new AbortController();

const valuesOf = () => JSON.stringify([draw, ...SEEN.map((name) => form.elements.namedItem(name)?.value)]);

function busy(is) {
  for (const part of [box, example]) part.setAttribute("aria-busy", String(is));
}

function say(words, isBad) {
  caption.textContent = words;
  caption.classList.toggle("bad", isBad);
}

/** Elements of markup whose pictures are decoded, so that they take the place of the old ones in one frame. */
async function ready(markup) {
  const parts = document.createElement("template");
  parts.innerHTML = markup;
  const images = [...parts.content.querySelectorAll("img")];
  await Promise.all(images.map((image) => image.decode().catch(() => {})));
  return parts.content;
}

async function fetchSamples() {
  const values = valuesOf();
  if (values === shown) return;
  shown = values;
  if (!form.elements.namedItem("dataset").value) return say("Choose a dataset to see its images.");
  underway.abort(); // the server gives up what nobody waits for
  underway = new AbortController();
  const { signal } = underway;
  const body = new FormData(form);
  body.append("draw", draw);
  busy(true);
  try {
    const answer = await ask(box.dataset.samples, { method: "POST", body, signal });
    const said = answer.status === 404 ? { error: "This dataset is not there any more. Choose another one." } : await answer.json();
    if (signal.aborted) return;
    if (said.error) say(said.error, true);
    if (said.again) again();
    if (!said.error) {
      const [samples, sides] = [await ready(said.samples), await ready(said.example)];
      if (signal.aborted) return;
      list.replaceChildren(samples);
      example.replaceChildren(sides);
      say(said.caption, false);
      box.dataset.drawn = values; // tests wait for it
    }
  } catch (error) {
    if (signal.aborted) return;
    shown = ""; // the next change, or "Show others", asks again
    say(error instanceof Refused ? error.message : "The server did not answer. Change a value or press “Show others” to try again.", true);
  }
  busy(false);
}

function soon(wait = WAIT_MS) {
  clearTimeout(timer);
  timer = setTimeout(fetchSamples, wait);
}

/** The same once more, where somebody still looks at the page. */
function again() {
  shown = "";
  if (document.visibilityState === "visible") soon(RETRY_MS);
}

form.addEventListener("input", () => soon());
form.addEventListener("synset:filled", () => soon());
document.getElementById("other-samples").addEventListener("click", () => {
  draw += 1;
  clearTimeout(timer);
  fetchSamples();
});
fetchSamples();
