// How strongly the colours of an explanation cover its image; kept while the tab lives, over images and methods.
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
