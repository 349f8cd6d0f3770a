// Opens a tile's whole picture in a dialog; ← and → go on to its neighbours.
const dialog = document.getElementById("zoom");
const image = dialog.querySelector("[data-zoom-image]");
let shown = null;

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
  if (!dialog.open) dialog.showModal();
}

function step(by) {
  const tiles = [...document.querySelectorAll("[data-tile]")];
  const next = tiles[tiles.indexOf(shown) + by];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  show(next);
}

document.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-tile]");
  const button = event.target.closest("[data-zoom-step]");
  if (button) return step(Number(button.dataset.zoomStep));
  if (tile && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(tile);
  } else if (event.target === dialog) {
    dialog.close(); // a click beside the picture
  }
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "ArrowRight") step(1);
});
dialog.addEventListener("close", () => {
  image.removeAttribute("src");
  shown?.focus();
});
