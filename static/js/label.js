// The bar over a gallery: what it says is done to the chosen images, or to the one that is open or has the focus, in the draft.
// Its keys are those of keys.js; in the open picture they work here.
import { ask, Refused } from "./ask.js";
import { opened, replaced } from "./gallery.js";
import { cellOf, exchange } from "./grid.js";
import { chosen, letGo, meant, settled, tell } from "./selection.js";
import { toast } from "./toast.js";

const bar = document.querySelector("[data-palette]");
const words = bar.querySelector("[data-chosen]");
const gallery = document.querySelector("[data-gallery]");
const fresh = document.getElementById("new-class");
let busy = false;
let told = null; // the toast of the change before: who labels many reads the newest alone

function showChosen() {
  const count = chosen().length;
  words.textContent = count ? `${count.toLocaleString("en")} chosen` : "Nothing chosen";
  gallery.toggleAttribute("data-choosing", count > 0);
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
  const out = some.every((position) => cellOf(position)?.classList.contains("cell--removed"));
  send(bar.dataset.change, { positions: some.join(","), ...(fields.out ? { removed: out ? "0" : "1" } : fields) });
}

function press(button) {
  if (button.hasAttribute("data-undo-edit")) send(bar.dataset.undo, {});
  else if (button.hasAttribute("data-out")) change({ out: true });
  else if (button.dataset.label !== undefined) change({ label: button.dataset.label });
}

bar.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) press(button);
});
bar.addEventListener("change", (event) => {
  const { value } = event.target;
  if (value) change(event.target.matches("[data-any-class]") ? { label: value } : { split: value });
  event.target.value = "";
});
fresh.addEventListener("close", () => {
  const field = fresh.querySelector("input");
  if (fresh.returnValue === "label" && field.value.trim()) change({ label: field.value });
  field.value = fresh.returnValue = "";
});
document.getElementById("zoom").addEventListener("keydown", (event) => { // keys.js keeps out of dialogs
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("synset_keys_off")) return;
  const button = bar.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) press(button);
});
gallery.addEventListener("synset:chosen", showChosen);
tell();
