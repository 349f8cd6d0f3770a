// "Why…": a dialog that shows what in a picture speaks for a class, by the method that is chosen, of one network or of two side by side.
// Whoever opens it says of what: `name`, `network` (whose classes can be chosen), `seen` ([label, name] of those that were said of it), and
// `ask(fields, how)`, which asks the server and gives its answer.
import "./again.js";
import { Refused } from "./ask.js";
import { classesOf, fill } from "./answers_classes.js";
import { typed } from "./keyed.js";

const dialog = document.getElementById("why");
const form = document.getElementById("why-form"); // neither is there where nothing was classified
const shown = document.getElementById("why-shown");
const field = form?.elements.namedItem("label");
const waiting = document.getElementById("why-waiting")?.innerHTML;
let open = null; // what is explained
let known = []; // [label, name] of the classes that can be chosen
let choosing = null; // until those are there
let asking = null;

/** The class that was typed; the text itself where it names none, so that the answer says so. */
function label() {
  return typed(field.value, known) ?? field.value.trim();
}

function say(words) {
  const line = document.createElement("p");
  line.className = "bad";
  line.textContent = words;
  shown.replaceChildren(line);
}

/** To again.js. */
function tell(name) {
  shown.dispatchEvent(new CustomEvent(`synset:${name}`, { bubbles: true }));
}

async function explain() {
  asking?.abort();
  const mine = (asking = new AbortController());
  shown.setAttribute("aria-busy", "true");
  tell("asked");
  if (field.value) await choosing; // who types fast is quicker than the classes
  if (mine.signal.aborted) return;
  try {
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await open.ask({ method: form.elements.namedItem("method").value, label: label() }, { headers, signal: mine.signal });
    const markup = await answer.text(); // made and escaped by the server
    if (answer.ok) shown.innerHTML = markup;
    else say(`The server answered ${answer.status}. Reload the page and try again.`);
  } catch (error) {
    if (error.name === "AbortError") return;
    say(error instanceof Refused ? error.message : "The server did not answer. Try again.");
  }
  shown.removeAttribute("aria-busy");
  tell("answered");
}

async function choices(subject) {
  const found = await classesOf(form.dataset.classes, "experiment", subject.network);
  if (open !== subject) return;
  known = [...new Map([...found, ...subject.seen])];
  fill(document.getElementById("why-labels"), known);
}

/** Explains that. */
export function openWhy(subject) {
  open = subject;
  known = [];
  field.value = "";
  shown.innerHTML = waiting;
  dialog.querySelector("[data-why-file]").textContent = subject.name;
  dialog.showModal();
  choosing = choices(subject);
  explain();
}

if (dialog) {
  form.addEventListener("synset:settled", explain);
  form.addEventListener("submit", (event) => { event.preventDefault(); form.removeAttribute("data-unapplied"); explain(); });
  field.addEventListener("input", (event) => { // one of the list was clicked, not typed
    if (!event.inputType || event.inputType === "insertReplacementText") explain();
  });
  dialog.addEventListener("close", () => { asking?.abort(); open = null; });
}
