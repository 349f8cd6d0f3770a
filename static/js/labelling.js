// A round of labelling: one image at a time, the next ones fetched already. An answer is shown as given at once and sent behind
// it, in order; one that is refused brings its image back. Leaving the page gives the images that wait back to the others.
import { ask, Refused } from "./ask.js";
import { isPinned, keyed, used } from "./keyed.js";
import { startPins } from "./pins.js";
import { toast } from "./toast.js";

const AGAIN_MS = 300; // between two looks at a long source
const page = document.querySelector("[data-round]");
const part = (name) => page.querySelector(`[data-${name}]`);
const headers = { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
const names = new Map(JSON.parse(document.getElementById("known-labels").textContent)); // label → name
let waiting = []; // the first is shown
let sending = Promise.resolve(); // answers arrive in the order in which they were given
let shown = null;
let told = []; // classes that have a button, as the server told last
let asked = ""; // a new class's name that Enter is to be pressed for once more
const sent = new Set(); // images whose answer is on its way
const unsent = new Map(); // image → what is still to be sent of it, once those before it have arrived
const prefetched = new Map(); // address → picture, kept so that the browser keeps it

function labelOf(words) {
  const text = words.trim();
  if (names.has(text)) return text;
  return [...names].find(([, name]) => name.toLowerCase() === text.toLowerCase())?.[0];
}

function showImage(item) {
  const image = part("image");
  image.hidden = !item;
  part("waiting").hidden = Boolean(item);
  if (!item) return;
  Object.assign(image, { src: item.image, width: item.width, height: item.height, alt: item.path || "The image to label" });
}

function showSuggested(suggested) {
  part("suggested").hidden = !suggested;
  if (suggested) part("suggested-words").textContent = `${suggested.name}${suggested.sure ? ` · ${suggested.sure} sure` : ""}`;
}

/** What comes first now. */
function show() {
  const item = waiting[0] ?? null;
  if (item && item === shown) return;
  shown = item;
  asked = "";
  showImage(item);
  part("say").hidden = part("words").hidden = !item;
  if (!item) return;
  part("now").textContent = item.was ? `Now: ${item.was}` : "";
  part("path").textContent = item.path;
  showSuggested(item.suggested);
  showProposed();
}

function showProposed() {
  for (const button of part("classes").children) button.toggleAttribute("data-proposed", button.dataset.label === shown?.suggested?.label);
}

function prefetch() {
  const wanted = new Set(waiting.map((item) => item.image));
  for (const address of prefetched.keys()) if (!wanted.has(address)) prefetched.delete(address);
  for (const address of wanted) {
    if (prefetched.has(address)) continue;
    const picture = new Image();
    picture.src = address;
    prefetched.set(address, picture);
  }
}

function classButton([label, name], place, has) {
  const button = part("class-button").content.firstElementChild.cloneNode(true);
  const key = button.querySelector(".button__note");
  button.firstChild.textContent = name;
  button.dataset.label = label;
  button.toggleAttribute("data-pinned", isPinned(label));
  if (place < has) Object.assign(button.dataset, { key: String(place + 1), keyLabel: `Label as ${name}` });
  if (place < has) key.textContent = String(place + 1);
  else key.remove();
  return button;
}

/** Those with keys first, then the others that have a button. */
function showClasses(classes) {
  told = classes;
  for (const [label, name] of classes) know(label, name);
  const keys = keyed([...names.keys()]);
  const buttons = [...keys.map((label) => [label, names.get(label)]), ...classes.filter(([label]) => !keys.includes(label))];
  const now = [...part("classes").children].map((button) => [button.dataset.label, button.hasAttribute("data-pinned")].join());
  if (buttons.length && now.join("\n") === buttons.map(([label]) => [label, isPinned(label)].join()).join("\n")) return;
  part("classes").replaceChildren(...buttons.map((one, place) => classButton(one, place, keys.length)));
  part("no-classes").hidden = buttons.length > 0;
  showProposed();
}

/** A class that somebody made meanwhile. */
function know(label, name) {
  if (names.has(label)) return;
  names.set(label, name);
  const option = document.createElement("option");
  option.value = name;
  part("known").append(option);
}

function showProgress({ fraction, words, left, others, skipped }) {
  part("far-words").textContent = words;
  part("far-left").textContent = left;
  part("far-others").textContent = others.length ? `with ${others.join(", ")}` : "";
  if (fraction !== null) part("far").value = fraction;
  part("far").hidden = fraction === null;
  part("skipped").hidden = !skipped;
}

/** The state as the server told it; what was answered here since stays answered. */
function take(said, first) {
  const fresh = said.items.filter((item) => !sent.has(item.id));
  const kept = waiting.filter((item) => fresh.some((other) => other.id === item.id));
  waiting = [...kept, ...fresh.filter((item) => !kept.some((other) => other.id === item.id))];
  const back = waiting.findIndex((item) => item.id === first);
  if (back > 0) waiting.unshift(...waiting.splice(back, 1));
  showClasses(said.classes);
  showProgress(said.progress);
  prefetch();
  show();
  const over = !waiting.length && !sent.size;
  part("end").hidden = !(over && said.ended);
  part("end-words").textContent = said.ended;
  if (over) part("waiting").textContent = said.ended ? "" : "Looking for the next images";
  part("picture").hidden = Boolean(over && said.ended);
  if (over && said.more) setTimeout(next, AGAIN_MS);
}

/** A form's answer; it is sent to its end, also where the page is left meanwhile. */
function post(address, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return ask(address, { method: "POST", body, headers, keepalive: true });
}

async function send(address, fields) {
  const answer = await post(address, fields);
  const said = await answer.json();
  if (answer.ok) return said;
  throw Object.assign(new Error(said.error), { code: said.code });
}

/** Tells why something was not done; nothing where `ask` told it already. */
function complain(error) {
  if (error instanceof Refused) return;
  toast(error.code === undefined ? "The server did not answer. Nothing was changed; try again." : error.message, error.code === "nothing" ? "" : "bad");
}

function inOrder(work) {
  sending = sending.then(work);
  return sending;
}

function next() {
  return inOrder(async () => {
    try {
      take(await send(page.dataset.next, {}));
    } catch (error) {
      complain(error);
      part("waiting").textContent = error.message || "The server did not answer. Reload the page.";
    }
  });
}

function say(fields) {
  const item = waiting.shift();
  if (!item) return;
  if (fields.label !== undefined) used(fields.label, [...new Set([...names.keys(), fields.label])]);
  sent.add(item.id);
  unsent.set(item.id, { item: item.id, ...fields });
  show();
  inOrder(async () => {
    unsent.delete(item.id);
    try {
      const said = await send(page.dataset.answer, { item: item.id, ...fields });
      sent.delete(item.id);
      take(said);
    } catch (error) {
      sent.delete(item.id);
      complain(error);
      if (error.code === "gone") return void setTimeout(next);
      waiting.unshift(item);
      show();
    }
  });
}

function undo() {
  inOrder(async () => {
    try {
      const said = await send(page.dataset.undo, {});
      shown = null;
      take(said, said.item);
    } catch (error) {
      complain(error);
    }
  });
}

function nameIt(field) {
  const label = labelOf(field.value);
  const words = field.value.trim();
  if (!words || !waiting.length) return;
  if (label === undefined && names.size && asked !== words) {
    asked = words;
    toast(`There is no class “${words}” yet. Press Enter once more to make it.`);
    return;
  }
  field.value = "";
  field.blur(); // the keys work again
  say({ do: "label", label: label ?? words });
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.label !== undefined) say({ do: "label", label: button.dataset.label });
  else if (button.hasAttribute("data-accept") && waiting[0]?.suggested) say({ do: "label", label: waiting[0].suggested.label });
  else if (button.hasAttribute("data-skip")) say({ do: "skip" });
  else if (button.hasAttribute("data-out")) say({ do: "out" });
  else if (button.hasAttribute("data-undo-answer")) undo();
  else if (button.hasAttribute("data-again")) next();
});
part("other").addEventListener("submit", (event) => {
  event.preventDefault();
  nameIt(event.target.querySelector("input"));
});
startPins(() => [...names], () => showClasses(told));
addEventListener("pagehide", () => {
  for (const fields of unsent.values()) post(page.dataset.answer, fields).catch(() => {});
  if (waiting.length) post(page.dataset.leave, { keep: [...sent].join(",") }).catch(() => {});
});
addEventListener("pageshow", (event) => { if (event.persisted) next(); }); // it was left, and given back
next();
