// What every page does: theme, toasts, search and keys; the rest stands in modules of its own. Each behaviour stands on its
// element as data-*.
import "./copy.js";
import "./floats.js";
import "./missing.js";
import "./roving.js";
import "./scroll.js";
import "./settles.js";
import { watchHtmx } from "./ask.js";
import { startDrafts } from "./drafts.js";
import { startKeys } from "./keys.js";
import { remember } from "./remember.js";
import { startSearch } from "./search.js";
import { startTeam } from "./team.js";
import { renew as renewTimes, startTimes } from "./times.js";

/** Keeps a choice of the account menu and shows it: name is "theme" or "dates", an empty value its default. */
function choose(name, value) {
  remember(`synset_${name}`, value);
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
  for (const button of document.querySelectorAll(`[data-set-${name}]`)) {
    button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${name}`) === value));
  }
}

function setTheme(theme) {
  choose("theme", theme);
  document.dispatchEvent(new CustomEvent("synset:theme")); // charts repaint with the new tokens
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-set-theme], [data-set-dates], [data-dismiss]");
  if (target?.dataset.setTheme !== undefined) setTheme(target.dataset.setTheme);
  else if (target?.dataset.setDates !== undefined) { choose("dates", target.dataset.setDates); renewTimes(); }
  else target?.closest("[data-toast]")?.remove();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("synset:theme")));

// form[data-busy]: its button shows these words once it was sent, and takes no second click until one comes back to the page,
// or a script that sends the form itself says "synset:free".
document.addEventListener("submit", (event) => {
  const button = event.target.dataset.busy && (event.submitter ?? event.target.querySelector("button:not([type=button])"));
  if (!button) return;
  const words = button.innerHTML;
  Object.assign(button, { disabled: true, textContent: event.target.dataset.busy });
  const free = () => { button.disabled = false; button.innerHTML = words; };
  addEventListener("pageshow", free, { once: true });
  event.target.addEventListener("synset:free", free, { once: true });
});

// [data-explains]: a question mark beside a label, which shows what it is.
document.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-explains]");
  if (!mark) return;
  const words = document.getElementById(mark.getAttribute("aria-controls"));
  words.hidden = !words.hidden;
  mark.setAttribute("aria-expanded", String(!words.hidden));
});

remember("synset_zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "");
startTeam();
watchHtmx();
startDrafts();
startKeys();
startSearch();
startTimes();
for (const shown of document.querySelectorAll("[data-toast]:not([data-stays])")) setTimeout(() => shown.remove(), 8000);
