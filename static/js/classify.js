// Pictures dropped here show at once; their five best labels follow, a few files at a time. Another network is asked about them anew.
import { ask as asked, Refused } from "./ask.js";
import { toast } from "./toast.js";

const AT_ONCE = 8;
const SMALL_SIDE = 64; // pixels; up to here a picture is shown pixelated
const form = document.getElementById("classify");
const input = document.getElementById("images");
const list = document.getElementById("answers");
const drop = document.getElementById("drop");
const template = document.getElementById("answer-template");
const MOST_FILES = Number(form.dataset.mostFiles);
const MOST_BYTES = Number(form.dataset.mostBytes);
let shown = []; // {file, item} of each picture that is small enough, the newest first
let turn = 0; // of the network: what an earlier one says late is left out

function card(file) {
  const item = template.content.firstElementChild.cloneNode(true);
  const image = item.querySelector("img");
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => {
    image.classList.toggle("pixels", Math.max(image.naturalWidth, image.naturalHeight) <= SMALL_SIDE);
    URL.revokeObjectURL(image.src);
  });
  image.addEventListener("error", () => { image.replaceWith("no preview"); });
  item.querySelector(".answer__file").textContent = file.name;
  return item;
}

function say(item, words) {
  const line = document.createElement("p");
  line.className = "bad";
  line.textContent = words;
  item.querySelector(".answer__top").replaceChildren(line);
  item.dataset.answered = "error";
}

function guess(top, best) {
  const row = document.createElement("div");
  row.className = best ? "guess guess--best" : "guess";
  const name = document.createElement("span");
  name.className = "cut";
  name.textContent = name.title = top.name;
  const odds = document.createElement("span");
  odds.className = "number";
  odds.textContent = `${(100 * top.probability).toFixed(1)} %`;
  const bar = document.createElement("progress");
  bar.className = "progress progress--thin";
  bar.max = 1;
  bar.value = top.probability;
  bar.setAttribute("aria-label", `${top.name}: ${odds.textContent}`);
  row.append(name, odds, bar);
  return row;
}

function unsureLine() {
  const line = document.createElement("p");
  line.className = "warn strong";
  line.textContent = "Unsure. Its best guesses:";
  return line;
}

/** The training images that the network takes for most alike, each with its class. */
function neighbours(nearest) {
  const box = document.createElement("div");
  const title = document.createElement("p");
  box.className = "answer__near";
  title.className = "note";
  title.textContent = "Nearest training images";
  box.append(title, ...nearest.map(({ thumb, link, name, likeness, small }) => {
    const way = Object.assign(document.createElement("a"), { href: link, title: `${name}, ${likeness.toFixed(3)} alike` });
    way.append(Object.assign(document.createElement("img"), { src: thumb, alt: `${name}, a training image`, width: 44, height: 44, loading: "lazy", className: small ? "pixels" : "" }));
    return way;
  }));
  return box;
}

function answer(item, result) {
  if (result.error) return say(item, result.error);
  const unsure = result.unsure === true; // the best class has less than what was chosen for the network
  const rows = result.top.map((top, index) => guess(top, index === 0 && !unsure));
  item.querySelector(".answer__top").replaceChildren(...(unsure ? [unsureLine()] : []), ...rows);
  if (result.nearest?.length) item.querySelector(".answer__top").append(neighbours(result.nearest));
  item.dataset.answered = unsure ? "unsure" : "yes";
}

function look(item) {
  item.querySelector(".answer__top").replaceChildren(template.content.querySelector(".answer__top p").cloneNode(true));
  delete item.dataset.answered;
}

async function ask(batch) {
  const asking = turn;
  const body = new FormData();
  body.append("experiment", form.elements.namedItem("experiment").value);
  for (const { file } of batch) body.append("images", file, file.name);
  const token = form.elements.namedItem("csrfmiddlewaretoken").value;
  try {
    const response = await asked(form.action, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const said = await response.json();
    if (asking !== turn) return;
    if (!response.ok) throw new Error(said.error);
    said.results.forEach((result, index) => answer(batch[index].item, result));
  } catch (error) {
    if (asking !== turn) return;
    const words = error instanceof Refused ? `${error.message} This picture was not classified.` : error instanceof SyntaxError || error instanceof TypeError ? "The server did not answer. Try again." : error.message;
    for (const { item } of batch) say(item, words);
  }
}

async function askAll(pairs) {
  const asking = turn;
  for (let start = 0; start < pairs.length && asking === turn; start += AT_ONCE) await ask(pairs.slice(start, start + AT_ONCE));
}

async function classify(files) {
  if (!files.length) return;
  if (files.length > MOST_FILES) {
    toast(`${files.length} files came; up to ${MOST_FILES} at once are classified. Choose fewer.`, "bad");
    return;
  }
  const pairs = [...files].map((file) => ({ file, item: card(file) }));
  list.prepend(...pairs.map((pair) => pair.item));
  document.getElementById("hint").hidden = true;
  const fitting = pairs.filter(({ file, item }) => {
    if (file.size <= MOST_BYTES) return true;
    say(item, `It has ${(file.size / 1e6).toFixed(0)} MB; up to ${MOST_BYTES / 1e6} MB are taken. Send a smaller picture.`);
    return false;
  });
  shown = [...fitting, ...shown];
  await askAll(fitting);
}

form.elements.namedItem("experiment").addEventListener("change", () => {
  turn += 1;
  for (const { item } of shown) look(item);
  askAll(shown);
});

function chosen() {
  const files = [...input.files];
  input.value = "";
  return classify(files);
}

input.addEventListener("change", chosen);
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.dataset.over = ""; });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => { delete drop.dataset.over; });
drop.addEventListener("drop", (event) => { event.preventDefault(); classify([...event.dataTransfer.files]); });
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files || [])];
  if (files.length) classify(files);
});
chosen(); // what was chosen before this script was here
