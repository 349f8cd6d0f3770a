// Opens a tile's whole picture in a dialog, with what it was called over time; ← and → go on to its neighbours.
import { ask } from "./ask.js";
import { beside } from "./grid.js";

const HISTORY_MS = 150; // who goes on through many pictures asks for the last one's alone
const dialog = document.getElementById("zoom");
const image = dialog.querySelector("[data-zoom-image]");
const past = dialog.querySelector("[data-zoom-history]");
let shown = null;
let timer = 0;

async function showHistory(tile) {
  try {
    const answer = await ask(tile.dataset.history);
    if (answer.ok && shown === tile) past.innerHTML = await answer.text();
  } catch {
    past.textContent = ""; // whoever may not ask any more was told so
  }
}

function show(tile) {
  shown = tile;
  const thumb = tile.querySelector("img");
  const small = tile.closest(".gallery--small") !== null;
  image.src = tile.href;
  image.alt = thumb.alt;
  image.classList.toggle("pixelated", small);
  image.width = small ? thumb.width * 3 : 0;
  if (!small) image.removeAttribute("width");
  dialog.querySelector("[data-zoom-name]").textContent = tile.dataset.words;
  dialog.querySelector("[data-zoom-path]").textContent = tile.dataset.path;
  past.textContent = "";
  clearTimeout(timer);
  if (tile.dataset.history) timer = setTimeout(showHistory, HISTORY_MS, tile); // what waits in a draft has none
  if (!dialog.open) dialog.showModal();
}

/** The tile whose picture is open, if one is. */
export function opened() {
  return dialog.open ? shown : null;
}

/** The open picture's tile was drawn anew. */
export function replaced(tile) {
  show(tile);
}

async function step(by) {
  const next = await beside(shown.closest("[data-cell]"), by);
  if (next && dialog.open) show(next.querySelector("[data-tile]"));
}

document.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-tile]");
  const button = event.target.closest("[data-zoom-step]");
  if (button) return step(Number(button.dataset.zoomStep));
  if (tile && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(tile);
  } else if (event.target === dialog) {
    dialog.close(); // a click beside the picture
  }
});
dialog.addEventListener("keydown", (event) => {
  if (event.target.matches("input")) return; // it moves there
  if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "ArrowRight") step(1);
});
dialog.addEventListener("close", () => {
  image.removeAttribute("src");
  shown?.focus();
});
