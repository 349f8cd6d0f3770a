// "Why…" on the card of a picture: what in it speaks for a class, by the method that is chosen, of the networks of the page.
import { ask as asked, Refused } from "./ask.js";
import { classesOf, fill } from "./answers_classes.js";
import { typed } from "./keyed.js";

const dialog = document.getElementById("why");
const form = document.getElementById("why-form");
const shown = document.getElementById("why-shown");
const field = form.elements.namedItem("label");
const options = document.getElementById("why-labels");
const waiting = document.getElementById("why-waiting").innerHTML;
let open = null; // the picture that is explained, and the networks
let known = []; // [label, name] of the classes that can be chosen
let choosing = null; // until those are there
let asking = null;

/** The class that was typed; the text itself where it names none, so that the answer says so. */
function label() {
  return typed(field.value, known) ?? field.value.trim();
}

function sent() {
  const body = new FormData();
  const [first, second] = open.networks;
  const told = { experiment: first.value, beside: second?.value ?? "", method: form.elements.namedItem("method").value, label: label() };
  for (const [name, value] of Object.entries(told)) body.append(name, value);
  body.append("image", open.file, open.file.name);
  return body;
}

function say(words) {
  const line = document.createElement("p");
  line.className = "bad";
  line.textContent = words;
  shown.replaceChildren(line);
}

async function explain() {
  asking?.abort();
  const mine = (asking = new AbortController());
  shown.setAttribute("aria-busy", "true");
  if (field.value) await choosing; // who types fast is quicker than the classes
  if (mine.signal.aborted) return;
  try {
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await asked(form.getAttribute("action"), { method: "POST", body: sent(), headers, signal: mine.signal });
    const markup = await answer.text(); // made and escaped by the server
    if (answer.ok) shown.innerHTML = markup;
    else say(`The server answered ${answer.status}. Reload the page and try again.`);
  } catch (error) {
    if (error.name === "AbortError") return;
    say(error instanceof Refused ? error.message : "The server did not answer. Try again.");
  }
  shown.removeAttribute("aria-busy");
}

async function choices(picture, networks) {
  const seen = picture.results.flatMap((result) => result?.top ?? []).map(({ label, name }) => [label, name]);
  known = [...(await classesOf(form.dataset.classes, "experiment", networks[0].value)), ...seen];
  known = [...new Map(known)];
  if (open?.picture === picture) fill(options, known);
}

function show(picture, networks) {
  open = { picture, networks, file: picture.file };
  field.value = "";
  shown.innerHTML = waiting;
  dialog.querySelector("[data-why-file]").textContent = picture.file.name;
  dialog.showModal();
  choosing = choices(picture, networks);
  explain();
}

/** `of` gives the picture of a button, `networks` those that are asked. */
export function startWhy({ of, networks }) {
  document.getElementById("answers").addEventListener("click", (event) => {
    const button = event.target.closest("[data-why]");
    if (button) show(of(button), networks());
  });
  form.addEventListener("synset:settled", explain);
  form.addEventListener("submit", (event) => { event.preventDefault(); form.removeAttribute("data-unapplied"); explain(); });
  field.addEventListener("input", (event) => { // one of the list was clicked, not typed
    if (!event.inputType || event.inputType === "insertReplacementText") explain();
  });
  dialog.addEventListener("close", () => { asking?.abort(); open = null; });
}
