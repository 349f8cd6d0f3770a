// Findings are settled where they stand: a click changes one, and others of the page that show its images, and nothing moves.
// X, L and U press the buttons of the finding whose picture has the focus or is open.
import { look, looked } from "./look.js";

const OFF = "synset_keys_off"; // of keys.js
const list = document.querySelector("[data-findings]");
let before = null; // where the focus was in the finding that changes, and whether its pictures were open

const findingOf = (element) => element?.closest?.("[data-finding]") ?? null;
const imagesOf = (finding) => finding.dataset.images.split(" ");

/** The other findings of the page with an image of this one: what becomes of that is to be seen there too. */
function beside(finding) {
  const images = new Set(imagesOf(finding));
  const all = [...list.querySelectorAll("[data-finding]")];
  return all.filter((other) => other !== finding && imagesOf(other).some((image) => images.has(image)));
}

function buttonFor(key, finding, tile) {
  const found = [...finding.querySelectorAll(`[data-finding-key="${CSS.escape(key)}"]`)];
  const place = [...finding.querySelectorAll("a.tile")].indexOf(tile);
  return found[place] ?? found[0]; // of two pictures the one that has the focus
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(OFF)) return;
  const finding = findingOf(looked() ?? event.target);
  if (!finding || event.target.closest("input, select, textarea")) return;
  const button = buttonFor(event.key.toLowerCase(), finding, event.target.closest("a.tile"));
  if (!button) return;
  event.preventDefault();
  button.click();
});

list.addEventListener("htmx:configRequest", (event) => {
  const finding = findingOf(event.target);
  if (finding && event.detail.verb === "post") event.detail.parameters.also = beside(finding).map((other) => other.dataset.finding).join(",");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const finding = findingOf(event.detail.target);
  if (!finding) return;
  const focused = document.activeElement;
  const open = looked() !== null && findingOf(looked()) === finding;
  const { top } = finding.getBoundingClientRect();
  before = { top, rank: finding.dataset.finding, tile: [...finding.querySelectorAll("a.tile")].indexOf(focused), within: finding.contains(focused), open };
  for (const one of [finding, ...beside(finding)]) heights.set(one.id, one.getBoundingClientRect().height);
  for (const id of heights.keys()) document.getElementById(id).removeAttribute("style"); // htmx would copy it, which the policy forbids
});

const heights = new Map(); // a finding keeps the room that it had, so that the next one stays under the hand

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, height] of heights) document.getElementById(id)?.style.setProperty("min-height", `${height}px`);
  heights.clear();
  const finding = before && list.querySelector(`[data-finding="${before.rank}"]`);
  if (!finding) return;
  scrollBy({ top: finding.getBoundingClientRect().top - before.top, behavior: "instant" }); // the draft's bar came or went above it
  if (before.open) look(finding.querySelector("[data-look-group]"));
  else if (before.within) (finding.querySelectorAll("a.tile")[before.tile] ?? finding.querySelector("button") ?? finding.querySelector("a.tile")).focus({ preventScroll: true });
  before = null;
});
