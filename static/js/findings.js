// Findings are settled where they stand: a click changes one, and others of the page that show its images, and nothing moves.
// X, L and U press the buttons of the finding whose picture has the focus or is open.
import { look, looked, picked } from "./look.js";

const OFF = "synset_keys_off"; // of keys.js
const list = document.querySelector("[data-findings]");
let before = null; // where the finding that changes stood; of those that change with it which had the focus, and whose pictures were open

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
  return found[place] ?? found[0]; // of two pictures the one that has the focus, or was opened
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(OFF)) return;
  const finding = findingOf(looked() ?? event.target);
  if (!finding || event.target.closest("input, select, textarea")) return;
  const button = buttonFor(event.key.toLowerCase(), finding, picked() ?? event.target.closest("a.tile"));
  if (!button) return;
  event.preventDefault();
  button.click();
});

list.addEventListener("htmx:configRequest", (event) => {
  const finding = findingOf(event.target);
  if (finding && event.detail.verb === "post") event.detail.parameters.also = beside(finding).map((other) => other.dataset.finding).join(",");
});

const heights = new Map(); // a finding keeps the room that it had, so that the next one stays under the hand

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const finding = findingOf(detail.target);
  if (!finding || !detail.shouldSwap) return;
  const changed = [finding, ...beside(finding)];
  const active = changed.find((one) => one.contains(document.activeElement)); // one may have gone on to another that changes too
  const open = changed.find((one) => one.contains(looked()));
  const place = [...((open ?? active)?.querySelectorAll("a.tile") ?? [])].indexOf(picked() ?? document.activeElement);
  before = { id: finding.id, top: finding.getBoundingClientRect().top, active: active?.id, place, open: open?.id };
  for (const one of changed) heights.set(one.id, one.getBoundingClientRect().height);
  for (const one of changed) one.removeAttribute("style"); // htmx would copy it, which the policy forbids
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, height] of heights) document.getElementById(id)?.style.setProperty("min-height", `${height}px`);
  heights.clear();
  const [finding, active, open] = [before?.id, before?.active, before?.open].map((id) => (id ? document.getElementById(id) : null));
  if (!finding) return;
  scrollBy({ top: finding.getBoundingClientRect().top - before.top, behavior: "instant" }); // the draft's bar came or went above it
  if (open && looked()) look(open.querySelector("[data-look-group]"), before.place);
  else if (active) (active.querySelectorAll("a.tile")[before.place] ?? active.querySelector("button") ?? active.querySelector("a.tile")).focus({ preventScroll: true });
  before = null;
});
