// The launch form's search for a learning rate: a job of the queue, looked at until it ends; its suggestion goes into the field.
import { ask, Refused } from "./ask.js";
import { put } from "./charts.js";

const LOOK_MS = 800;
const form = document.getElementById("launch");
const box = document.querySelector("[data-rate]");
const part = (name) => box.querySelector(`[data-${name}]`);
const [start, cancel, use] = ["rate-start", "rate-cancel", "rate-use"].map((id) => document.getElementById(id));
let search = ""; // the id of the one that is followed
let suggested = "";

function say(words, isBad = false) {
  part("said").textContent = words;
  part("said").classList.toggle("bad", isBad);
}

function show(told) {
  search = told.live ? told.id : "";
  say(told.words);
  start.disabled = told.live;
  cancel.hidden = part("bar").hidden = !told.live;
  part("bar").value = told.progress;
  if (!told.figure) return;
  suggested = told.suggested;
  part("found").hidden = false;
  use.textContent = `Use ${suggested}`;
  put("rates", told.figure);
}

async function asked(url, options) {
  const answer = await ask(url, { headers: { Accept: "application/json" }, ...options });
  const told = answer.status === 404 ? { error: "This is not there any more. Reload the page." } : await answer.json();
  if (told.error) throw new Refused(told.error);
  return told;
}

function failed(error) {
  search = "";
  start.disabled = false;
  cancel.hidden = part("bar").hidden = true;
  say(error instanceof Refused ? error.message : "The server did not answer. Try again.", true);
}

async function follow() {
  const id = search;
  while (search === id) {
    await new Promise((done) => { setTimeout(done, LOOK_MS); });
    if (search !== id) return;
    try {
      show(await asked(`${box.dataset.rate}${id}/`));
    } catch (error) {
      if (error instanceof Refused) return failed(error);
      say("The server does not answer; the search goes on meanwhile.", true); // and so does the looking
    }
  }
}

if (box.dataset.running) { // asked for before the page was loaded anew
  search = box.dataset.running;
  start.disabled = true;
  follow();
}
start.addEventListener("click", async () => {
  start.disabled = true;
  part("found").hidden = true;
  say("Asking for it…");
  try {
    show(await asked(box.dataset.rate, { method: "POST", body: new FormData(form) }));
    if (search) follow();
  } catch (error) {
    failed(error);
  }
});
cancel.addEventListener("click", async () => {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
  try {
    const told = await asked(`${box.dataset.rate}${search}/cancel/`, { method: "POST", body });
    show(told.live ? { ...told, words: "Stopping…" } : told);
  } catch (error) {
    failed(error);
  }
});
use.addEventListener("click", () => {
  const field = form.elements.namedItem("learning_rate");
  field.value = suggested;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  say(`The learning rate is ${suggested} now.`);
});
