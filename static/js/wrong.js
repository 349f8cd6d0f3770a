// "This is wrong, it is a …": a dialog that asks for the class that is right, and for the dataset in whose draft a picture with it waits.
// Whoever opens it says of what: `name`, `said` (what networks say of it), `next` (labels that they thought of, the likeliest first),
// `learnt` (the id of a dataset), `draw(image)`, `add(body)` (what is sent of it) and `told(answer)`.
import { ask as asked, Refused } from "./ask.js";
import { classesOf, fill } from "./answers_classes.js";
import { typed } from "./keyed.js";
import { toast } from "./toast.js";

const GUESSES = 4;
const dialog = document.getElementById("wrong");
const form = document.getElementById("wrong-form"); // neither is there for a viewer
const find = (selector) => dialog.querySelector(selector);
const field = (name) => form.elements.namedItem(name);
let open = null; // what is put right
let known = []; // [label, name] of the dataset's classes
let choosing = null; // until those are there
let busy = false;

function refuse(text) {
  const line = find("[data-wrong-error]");
  line.textContent = text;
  line.hidden = !text;
}

/** The classes of the dataset that is chosen, and of what the networks thought next those that it has. */
async function choices() {
  const subject = open;
  const found = await classesOf(form.getAttribute("data-classes"), "dataset", field("dataset").value);
  if (open !== subject) return;
  known = found;
  fill(document.getElementById("wrong-labels"), known);
  const names = new Map(known);
  const labels = [...new Set(subject.next)].filter((label) => names.has(label)).slice(0, GUESSES);
  find("[data-wrong-guesses]").replaceChildren(...labels.map((label) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: names.get(label) });
    button.addEventListener("click", () => { field("label").value = label; send(); });
    return button;
  }));
}

/** Asks about that. */
export function openWrong(subject) {
  open = subject;
  refuse("");
  form.reset();
  const image = Object.assign(document.createElement("img"), { alt: "", width: 112, height: 112 });
  find(".answer__image").replaceChildren(image);
  subject.draw(image);
  find("[data-wrong-file]").textContent = subject.name;
  find("[data-wrong-said]").textContent = subject.said;
  if ([...field("dataset").options].some(({ value }) => value === subject.learnt)) field("dataset").value = subject.learnt;
  find("[data-wrong-guesses]").replaceChildren();
  dialog.showModal();
  field("label").focus();
  choosing = choices();
}

/** A line beside the picture says what became of it. */
export function tell(line, said) {
  const way = Object.assign(document.createElement("a"), { href: said.link, textContent: "Look at the draft" });
  line.replaceChildren(`Put right: ${said.name}. `, way);
  line.hidden = false;
}

function told(subject, said) {
  subject.told(said);
  toast(said.words, "good", { href: said.link, words: "Look at the draft" });
  if (open === subject) dialog.close();
}

async function send() {
  if (busy) return;
  const subject = open;
  await choosing; // who types fast is quicker than the classes
  if (busy || open !== subject) return;
  const text = field("label").value.trim();
  const label = typed(text, known) ?? (known.length ? null : text || null); // without them the server judges
  if (label === null) {
    refuse(text ? `“${text}” is no class of this dataset, or a part of several. Type more of it, or make the class there first.` : "Say what it is: type a part of the class's name.");
    field("label").focus();
    return;
  }
  busy = true;
  refuse("");
  form.setAttribute("aria-busy", "true");
  const body = new FormData();
  body.append("dataset", field("dataset").value);
  body.append("label", label);
  subject.add(body);
  try {
    const headers = { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await asked(form.getAttribute("action"), { method: "POST", body, headers });
    const said = await answer.json();
    if (answer.ok) told(subject, said);
    else if (open === subject) refuse(said.error);
  } catch (error) {
    if (open === subject) refuse(error instanceof Refused ? error.message : "The server did not answer. Nothing was changed; try again.");
  }
  busy = false;
  form.removeAttribute("aria-busy");
}

if (dialog) {
  field("dataset").addEventListener("change", () => { refuse(""); choosing = choices(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  find("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { open = null; });
}
