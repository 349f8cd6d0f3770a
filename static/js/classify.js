// Pictures dropped here show at once; their five best labels follow, a few files at a time, of one network or of two side by side.
// Another network is asked about them anew.
import { ask as asked, Refused } from "./ask.js";
import { address, compare } from "./answers_beside.js";
import { answer, card, look, say, withSides } from "./answers.js";
import { startWhy } from "./answers_why.js";
import { startWrong } from "./answers_wrong.js";
import { toast } from "./toast.js";

const AT_ONCE = 8;
const SIDES = [0, 1];
const form = document.getElementById("classify");
const input = document.getElementById("images");
const list = document.getElementById("answers");
const drop = document.getElementById("drop");
const selects = ["experiment", "beside"].map((name) => form.elements.namedItem(name));
const MOST_FILES = Number(form.dataset.mostFiles);
const MOST_BYTES = Number(form.dataset.mostBytes);
const turns = [0, 0]; // of the networks: what an earlier one says late is left out
let shown = []; // {file, item, results: [of the network, of the one beside it]} of each picture that is small enough, the newest first

/** [{value, name, dataset}] of the networks that are asked, by their place. */
function networks() {
  const chosen = selects.map((select) => ({ value: select.value, ...select.selectedOptions[0]?.dataset }));
  return chosen.filter(({ value }) => value);
}

/** The cards have a place for each network. */
function arrange() {
  const names = networks().map(({ name }) => name);
  list.toggleAttribute("data-beside", names.length === 2);
  for (const { item } of shown) withSides(item, names);
  compare(shown, names.length === 2);
}

/** What one network said of a picture. */
function answered(picture, side, result) {
  picture.results[side] = result;
  answer(picture.item, side, result);
  compare(shown, networks().length === 2);
}

async function ask(batch, side) {
  const asking = turns[side];
  const body = new FormData();
  body.append("experiment", selects[side].value);
  for (const { file } of batch) body.append("images", file, file.name);
  const token = form.elements.namedItem("csrfmiddlewaretoken").value;
  try {
    const response = await asked(form.action, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const said = await response.json();
    if (asking !== turns[side]) return;
    if (!response.ok) throw new Error(said.error);
    said.results.forEach((result, index) => answered(batch[index], side, result));
  } catch (error) {
    if (asking !== turns[side]) return;
    const words = error instanceof Refused ? `${error.message} This picture was not classified.` : error instanceof SyntaxError || error instanceof TypeError ? "The server did not answer. Try again." : error.message;
    for (const picture of batch) answered(picture, side, { error: words });
  }
}

async function askAll(pictures, side) {
  const asking = turns[side];
  for (let start = 0; start < pictures.length && asking === turns[side]; start += AT_ONCE) await ask(pictures.slice(start, start + AT_ONCE), side);
}

async function classify(files) {
  if (!files.length) return;
  if (files.length > MOST_FILES) {
    toast(`${files.length} files came; up to ${MOST_FILES} at once are classified. Choose fewer.`, "bad");
    return;
  }
  const names = networks().map(({ name }) => name);
  const pictures = [...files].map((file) => ({ file, item: withSides(card(file), names), results: [null, null] }));
  list.prepend(...pictures.map(({ item }) => item));
  document.getElementById("hint").hidden = true;
  const fitting = pictures.filter(({ file, item }) => {
    if (file.size <= MOST_BYTES) return true;
    for (const side of names.keys()) say(item, side, `It has ${(file.size / 1e6).toFixed(0)} MB; up to ${MOST_BYTES / 1e6} MB are taken. Send a smaller picture.`);
    return false;
  });
  shown = [...fitting, ...shown];
  await Promise.all(SIDES.slice(0, names.length).map((side) => askAll(fitting, side)));
}

for (const side of SIDES) {
  selects[side].addEventListener("synset:settled", () => {
    turns[side] += 1;
    address(selects);
    for (const picture of shown) picture.results[side] = null;
    arrange();
    if (!selects[side].value) return;
    for (const { item } of shown) look(item, side);
    askAll(shown, side);
  });
}

form.addEventListener("submit", (event) => { // by keys: what was picked waits for it
  event.preventDefault();
  form.removeAttribute("data-unapplied");
  for (const select of selects.filter((each) => each.hasAttribute("data-waits"))) {
    select.removeAttribute("data-waits");
    select.dispatchEvent(new CustomEvent("synset:settled"));
  }
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
const of = (button) => shown.find(({ item }) => item.contains(button));
startWhy({ of, networks });
startWrong({ of, networks });
arrange();
chosen(); // what was chosen before this script was here
