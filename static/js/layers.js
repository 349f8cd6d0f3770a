// The layers of a network: the list is searched by a part of a name, the one that is chosen is shown beside it and kept in the address.
import "./again.js";

const frame = document.querySelector("[data-layers]");
const search = document.querySelector("[data-layer-search]");
const rows = () => [...document.querySelectorAll("[data-layer]")];

const narrow = matchMedia("(max-width: 999px)"); // the layer stands below the list

function choose(button) {
  for (const each of rows()) each.setAttribute("aria-pressed", String(each === button));
  const { layer } = button.dataset;
  const here = new URL(location.href);
  here.searchParams.set("layer", layer);
  history.replaceState(history.state, "", here);
  const address = `${frame.dataset.layers}&${new URLSearchParams({ about: "layer", layer })}`;
  window.htmx.ajax("GET", address, { target: "#layer-shown", source: "#layer-shown" });
}

function filter() {
  const wanted = search.value.trim().toLowerCase();
  for (const each of rows()) each.parentElement.hidden = each.hidden = !each.textContent.toLowerCase().includes(wanted);
  document.dispatchEvent(new Event("synset:tiles")); // what Tab leads to may be hidden now
}

if (frame) {
  frame.addEventListener("click", (event) => {
    const button = event.target.closest("[data-layer]");
    if (!button) return;
    choose(button);
    if (narrow.matches) document.getElementById("layer-shown").scrollIntoView({ block: "start" });
  });
  search.addEventListener("input", filter);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "layers-rows") return;
    filter();
    const first = rows().find(({ dataset }) => dataset.layer === frame.dataset.first) ?? rows()[0];
    if (first) choose(first);
  });
}
