// What the page of an experiment says in words comes from the server, part by part: [data-region] holds one.
import { fetched } from "./ask.js";
import { alike, renew } from "./parts.js";
import { together } from "./together.js";

const OUTCOME = ".notice--outcome";
const told = new Map(); // region → what the server said there last

/** Fetches all of them, and shows those that say something else. */
export async function refreshRegions() {
  const { regions, drawn } = await together(fetched(location.href, "application/json", { "X-Synset-Regions": "1" }).then((answer) => answer.json()));
  for (const region of document.querySelectorAll("[data-region]")) {
    const { region: name } = region.dataset;
    const markup = regions[name] ?? "";
    if (told.has(name) && alike(told.get(name), markup)) continue; // nothing is parsed
    told.set(name, markup);
    show(region, markup);
  }
  document.getElementById("drawn").hidden = !drawn; // it ended before there was anything to draw
  tellState();
  offerAll();
}

function show(region, markup) {
  const fresh = document.createElement("template");
  fresh.innerHTML = markup;
  if (alike(region.innerHTML, fresh.innerHTML)) return; // a script had put it there already
  if (region.id === "said" && !region.querySelector("*")) region.hidden = true; // it would push all that is being read
  if (fresh.content.querySelector(OUTCOME) && !region.querySelector(OUTCOME)) region.dataset.arrived = ""; // and so would more than two lines
  renew(region, fresh);
}

/** A button for what is not shown since it arrived under the reader's eye. */
function offerAll() {
  const reveal = document.querySelector("[data-reveal]");
  if (!reveal) return;
  const said = document.getElementById("said");
  const words = reveal.parentElement.querySelector("p");
  reveal.hidden = !(said.hidden && said.querySelector("*")) && words.scrollHeight <= words.clientHeight + 1;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  document.getElementById(button.dataset.reveal).hidden = false;
  delete button.closest("[data-region]").dataset.arrived;
  button.hidden = true;
});

/** Reads a new state out once, never a tick of its progress. */
export function tellState() {
  const state = document.querySelector("[data-region=pill]").textContent.trim();
  const said = document.getElementById("told-state");
  if (said.dataset.state === state) return;
  said.textContent = `${document.querySelector("h1").textContent}: ${state}`;
  said.dataset.state = state;
}
