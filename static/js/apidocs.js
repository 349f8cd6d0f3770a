// The API's pages. A link to a call from when all stood on one page leads on to where it stands now, the list at the side marks the
// call that is read, and ↓ leads from the search to what it found. The pages read well without it.
const side = document.getElementById("apidocs-side");
const calls = [...document.querySelectorAll("[data-section]")];
const seen = new Set();

function forward() {
  const entry = document.getElementById(location.hash.slice(1));
  if (entry?.matches("[data-call]")) location.replace(entry.href);
}

/** Scrolls the list alone: scrollIntoView would move the page too. */
function bringIntoSight(link) {
  const [box, place] = [side.getBoundingClientRect(), link.getBoundingClientRect()];
  side.scrollTop += Math.min(0, place.top - box.top) + Math.max(0, place.bottom - box.bottom);
}

function mark() {
  const first = calls.find((call) => seen.has(call));
  for (const link of side.querySelectorAll("[aria-current='location']")) link.removeAttribute("aria-current");
  const link = first && side.querySelector(`.apidocs__sub a[href="#${first.id}"]`);
  if (!link) return;
  link.setAttribute("aria-current", "location");
  bringIntoSight(link);
}

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
  mark();
}, { rootMargin: "0px 0px -60% 0px" }); // what is read stands in the upper part of the window

for (const call of calls) sight.observe(call);
document.addEventListener("htmx:afterSwap", mark);
document.addEventListener("keydown", (event) => {
  const first = side.querySelector("[data-roving] a");
  if (event.key !== "ArrowDown" || !first || !event.target.matches("[data-apidocs-search]")) return;
  event.preventDefault();
  first.focus();
});
addEventListener("hashchange", forward);
forward();
