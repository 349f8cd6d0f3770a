// The bar over a gallery: what it says is done to the chosen images, or to the one that is open or has the focus, in the draft.
// Its keys are those of keys.js; in the open picture they work here.
import { ask, Refused } from "./ask.js";
import { opened, replaced } from "./gallery.js";
import { cellOf, exchange } from "./grid.js";
import { isPinned, keyed, typed, used } from "./keyed.js";
import { startPins } from "./pins.js";
import { chosen, letGo, meant, settled, tell } from "./selection.js";
import { toast } from "./toast.js";

const bar = document.querySelector("[data-palette]");
const words = bar.querySelector("[data-chosen]");
const gallery = document.querySelector("[data-gallery]");
const fresh = document.getElementById("new-class");
const field = bar.querySelector("[data-label-as]");
const known = [...bar.querySelectorAll("[data-any-class] option")].map((option) => [option.value, option.text]); // [label, name]
const labels = known.map(([label]) => label);
let before = null; // the image whose turn it was when one went to the field
let busy = false;
let told = null; // the toast of the change before: who labels many reads the newest alone

function showChosen() {
  const count = chosen().length;
  words.textContent = count ? `${count.toLocaleString("en")} chosen` : "Nothing chosen";
  gallery.toggleAttribute("data-choosing", count > 0);
}

/** The buttons have the classes whose keys they show. */
function showKeyed() {
  const names = new Map(known);
  const buttons = bar.querySelectorAll(".palette__class");
  keyed(labels).forEach((label, place) => {
    const button = buttons[place];
    if (!button) return;
    button.toggleAttribute("data-pinned", isPinned(label));
    button.title = isPinned(label) ? `${names.get(label)}, pinned to this key` : names.get(label);
    if (button.dataset.label === label) return;
    button.firstChild.textContent = `${names.get(label)} `;
    Object.assign(button.dataset, { label, keyLabel: `Label as ${names.get(label)}` });
  });
}

function element(markup) {
  const parts = document.createElement("template");
  parts.innerHTML = markup.trim();
  return parts.content.firstElementChild;
}

/** Tiles as the server has them now, in the place of those that are shown; the focus and the open picture stay. */
function redraw(tiles) {
  for (const tile of tiles) {
    const old = cellOf(tile.position);
    if (!old) continue;
    const made = element(tile.html);
    const [focused, open] = [old.contains(document.activeElement), opened()];
    exchange(old, made);
    if (open && old.contains(open)) replaced(made.querySelector("[data-tile]"));
    else if (focused) made.querySelector("[data-tile]").focus();
  }
  document.dispatchEvent(new CustomEvent("synset:tiles"));
}

async function send(address, fields) {
  if (busy) return; // the answer to the one before is on its way
  busy = true;
  bar.setAttribute("aria-busy", "true");
  try {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const headers = { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await ask(address, { method: "POST", body, headers });
    take(await answer.json(), answer.ok);
  } catch (error) {
    if (!(error instanceof Refused)) toast("The server did not answer. Nothing was changed; try again.", "bad");
  }
  busy = false;
  bar.removeAttribute("aria-busy");
}

function take(said, done) {
  if (!done) {
    toast(said.error, said.nothing ? "" : "bad");
    return;
  }
  if (said.reload) return location.reload();
  document.getElementById("draft").replaceWith(element(said.bar));
  letGo();
  redraw(said.tiles);
  told?.remove();
  told = toast(said.words, "good");
}

async function change(fields) {
  await settled(); // a range that the server is asked for
  const some = opened() ? [opened().closest("[data-cell]").dataset.position] : meant();
  if (!some.length) {
    toast("Choose images first: tick them, draw a frame with the mouse, or go to one with the arrows.");
    return;
  }
  if (fields.label) {
    used(fields.label, labels.includes(fields.label) ? labels : [...labels, fields.label]);
    showKeyed();
  }
  const out = some.every((position) => cellOf(position)?.classList.contains("cell--removed"));
  send(bar.dataset.change, { positions: some.join(","), ...(fields.out ? { removed: out ? "0" : "1" } : fields) });
}

function press(button) {
  if (button.hasAttribute("data-label-typed")) return labelAs(field.value);
  if (button.hasAttribute("data-undo-edit")) send(bar.dataset.undo, {});
  else if (button.hasAttribute("data-out")) change({ out: true });
  else if (button.dataset.label !== undefined) change({ label: button.dataset.label });
}

bar.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) press(button);
});
bar.addEventListener("synset:settled", (event) => {
  const { value } = event.target;
  if (value) change({ split: value });
  event.target.value = "";
});

/** Labels with what the field says, and gives the focus back to the image. */
function labelAs(words) {
  const label = typed(words, known);
  if (label === null) {
    if (words.trim()) toast(`“${words.trim()}” is no class, or a part of several. Type more of it, or press “New class”.`);
    return;
  }
  field.value = "";
  back();
  change({ label });
}

function back() {
  const tile = before && cellOf(before)?.querySelector("a.tile");
  if (tile) tile.focus();
  else field.blur();
}

field.addEventListener("focus", (event) => { before = event.relatedTarget?.closest?.("[data-cell]")?.dataset.position ?? null; });
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") labelAs(field.value);
  else if (event.key === "Escape") back();
  else return;
  event.preventDefault();
});
field.addEventListener("input", (event) => { // one of the list was clicked, not typed
  if ((!event.inputType || event.inputType === "insertReplacementText") && labels.includes(field.value)) labelAs(field.value);
});
fresh.addEventListener("close", () => {
  const name = fresh.querySelector("input");
  if (fresh.returnValue === "label" && name.value.trim()) change({ label: name.value.trim() });
  name.value = fresh.returnValue = "";
});
const zoom = document.getElementById("zoom");
const inZoom = zoom.querySelector("[data-zoom-label-as]");

/** The open picture is of the class that was typed in its dialog. */
function labelOpen() {
  const label = typed(inZoom.value, known);
  if (label === null && inZoom.value.trim()) return toast(`“${inZoom.value.trim()}” is no class, or a part of several. Type more of it.`);
  inZoom.value = "";
  inZoom.blur(); // the arrows and keys are the picture's again
  return label === null ? undefined : change({ label });
}

inZoom.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); labelOpen(); } });
zoom.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.hasAttribute("data-zoom-label")) labelOpen();
  else if (button?.hasAttribute("data-zoom-out")) change({ out: true });
  else if (button?.hasAttribute("data-zoom-undo")) send(bar.dataset.undo, {});
});
zoom.addEventListener("keydown", (event) => { // keys.js keeps out of dialogs
  if (event.target === inZoom || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("synset_keys_off")) return;
  const button = bar.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) press(button);
});
gallery.addEventListener("synset:chosen", showChosen);
startPins(() => known, showKeyed);
showKeyed();
tell();
bar.inert = false;
