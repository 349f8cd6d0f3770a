// How strongly the colours of an explanation cover its image; kept while the tab lives, over images and methods.
import "./again.js";

const KEY = "synset_why_strength";
const range = document.getElementById("why-strength");
const shown = document.getElementById("why-shown");

function show() {
  shown.style.setProperty("--strength", String(range.value / 100));
  range.nextElementSibling.textContent = `${range.value} %`;
}

// The page around it may have arrows of its own, for the next image: within the form they move the slider and the choices alone.
document.getElementById("why-form")?.addEventListener("keydown", (event) => {
  if (event.key.startsWith("Arrow")) event.stopPropagation();
});

if (range && shown) {
  try {
    range.value = sessionStorage.getItem(KEY) ?? range.value;
  } catch { /* no storage here: it begins as it stands */ }
  range.addEventListener("input", () => {
    show();
    try {
      sessionStorage.setItem(KEY, range.value);
    } catch { /* as above */ }
  });
  show();
}

// The class is typed: as soon as it is one, or the field is empty, it is explained; until then Enter asks, and is told what there is.
const typed = document.querySelector("[data-why-label]");

if (typed) {
  const known = new Set([...typed.list.options].map(({ value }) => value));
  typed.addEventListener("input", () => {
    const settled = typed.value === "" || known.has(typed.value);
    typed.form.toggleAttribute("data-unapplied", !settled);
    if (settled) typed.dispatchEvent(new CustomEvent("synset:settled", { bubbles: true }));
  });
}
