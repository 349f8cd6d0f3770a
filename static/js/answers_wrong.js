// "This is wrong…" on the card of a picture: the class that is right, and the dataset in whose draft the picture with it waits.
import { ask as asked, Refused } from "./ask.js";
import { draw } from "./answers.js";
import { classesOf, fill } from "./answers_classes.js";
import { typed } from "./keyed.js";
import { toast } from "./toast.js";

const dialog = document.getElementById("wrong");
const form = document.getElementById("wrong-form"); // neither is there for a viewer
const find = (selector) => dialog.querySelector(selector);
let open = null; // the picture that is put right
let known = []; // [label, name] of the dataset's classes
let choosing = null; // until those are there
let busy = false;

const field = (name) => form.elements.namedItem(name);
const words = ({ name, probability }) => `${name}, ${(100 * probability).toFixed(1)} %`;

function refuse(text) {
  const line = find("[data-wrong-error]");
  line.textContent = text;
  line.hidden = !text;
}

/** The classes of the dataset that is chosen, and of what the networks thought next those that it has. */
async function choices() {
  const picture = open;
  const found = await classesOf(form.getAttribute("data-classes"), "dataset", field("dataset").value);
  if (open !== picture) return;
  known = found;
  fill(document.getElementById("wrong-labels"), known);
  const named = new Set(known.map(([label]) => label));
  const tops = picture.results.flatMap((result) => (result?.top ?? []).slice(1));
  const labels = [...new Set(tops.map(({ label }) => label))].filter((label) => named.has(label)).slice(0, 4);
  const names = new Map(known);
  find("[data-wrong-guesses]").replaceChildren(...labels.map((label) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: names.get(label) });
    button.addEventListener("click", () => { field("label").value = label; send(); });
    return button;
  }));
}

function show(picture, networks) {
  open = picture;
  refuse("");
  form.reset();
  const image = Object.assign(document.createElement("img"), { alt: "", width: 112, height: 112 });
  find(".answer__image").replaceChildren(image);
  draw(image, picture.file);
  find("[data-wrong-file]").textContent = picture.file.name;
  const said = picture.results.flatMap((result, side) => (result?.top?.length ? [`${networks[side]?.name ?? "It"} says ${words(result.top[0])}`] : []));
  find("[data-wrong-said]").textContent = said.join(" · ");
  const learnt = networks[0]?.dataset;
  if ([...field("dataset").options].some(({ value }) => value === learnt)) field("dataset").value = learnt;
  find("[data-wrong-guesses]").replaceChildren();
  dialog.showModal();
  field("label").focus();
  choosing = choices();
}

/** The card says what became of it. */
function told(picture, said) {
  const line = picture.item.querySelector(".answer__put");
  const way = Object.assign(document.createElement("a"), { href: said.link, textContent: "Look at the draft" });
  line.replaceChildren(`Put right: ${said.name}. `, way);
  line.hidden = false;
  toast(said.words, "good", { href: said.link, words: "Look at the draft" });
}

async function send() {
  if (busy) return;
  const picture = open;
  await choosing; // who types fast is quicker than the classes
  if (busy || open !== picture) return;
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
  body.append("images", picture.file, picture.file.name);
  try {
    const headers = { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await asked(form.getAttribute("action"), { method: "POST", body, headers });
    const said = await answer.json();
    if (answer.ok) {
      told(picture, said);
      if (open === picture) dialog.close();
    } else if (open === picture) refuse(said.error);
  } catch (error) {
    refuse(error instanceof Refused ? error.message : "The server did not answer. Nothing was changed; try again.");
  }
  busy = false;
  form.removeAttribute("aria-busy");
}

/** `of` gives the picture of a button, `networks` those that are asked. */
export function startWrong({ of, networks }) {
  if (!dialog) return;
  document.getElementById("answers").addEventListener("click", (event) => {
    const button = event.target.closest("[data-wrong]");
    if (button) show(of(button), networks());
  });
  field("dataset").addEventListener("change", () => { refuse(""); choosing = choices(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  field("label").addEventListener("keydown", (event) => { // an open list of suggestions would keep it from the form
    if (event.key !== "Enter" || event.isComposing) return; // that one ends a letter of several keys
    event.preventDefault();
    send();
  });
  find("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { open = null; });
}
