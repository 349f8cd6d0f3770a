// Ctrl K: a combobox over what the team has. ↑ ↓ choose, Enter opens; the focus stays in the field.
import { ask as asked, Refused } from "./ask.js";

const WAIT_MS = 120;
const dialog = document.getElementById("search-dialog");
const field = dialog?.querySelector("[role=combobox]");
const list = dialog?.querySelector("[role=listbox]");
const told = dialog?.querySelector("[role=status]");
let timer = 0;
let asking = null;

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

function show(markup) {
  list.innerHTML = markup; // made and escaped by the server
  const found = options();
  field.setAttribute("aria-expanded", String(found.length > 0));
  told.textContent = found.length === 1 ? "1 result" : `${found.length} results`;
  choose(found[0]);
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await asked(`${list.dataset.url}?q=${encodeURIComponent(field.value)}`, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
  } catch (error) {
    if (error.name === "AbortError") return;
    told.textContent = "";
    list.textContent = error instanceof Refused ? error.message : "The server cannot be reached. Try again in a moment.";
  }
}

function step(by) {
  const found = options();
  const at = found.indexOf(chosen());
  if (found.length) choose(found[(at + by + found.length) % found.length]);
}

function onKey(event) {
  const found = options();
  if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "PageDown") choose(found.at(-1));
  else if (event.key === "PageUp") choose(found[0]);
  else if (event.key === "Enter") chosen()?.click();
  else return;
  event.preventDefault();
}

export function startSearch() {
  if (!dialog) return;
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  field.addEventListener("keydown", onKey);
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { asking?.abort(); field.value = ""; list.replaceChildren(); }); // nothing is remembered
  dialog.addEventListener("synset:open", ask);
}
