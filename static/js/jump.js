// The bar over a gallery: where in the list one is, and the way to any other place: a share of the way, or a class.
import { ask, Refused } from "./ask.js";
import { goTo } from "./grid.js";
import { toast } from "./toast.js";

const number = (value) => value.toLocaleString("en");

function showPlace({ at, total }) {
  const slider = document.querySelector("[data-jump]");
  if (!slider) return;
  if (slider !== document.activeElement) slider.value = at;
  slider.setAttribute("aria-valuetext", `image ${number(at + 1)} of ${number(total)}`);
  document.querySelector("[data-place]").textContent = at ? `from ${number(at + 1)}` : "";
}

/** [data-options-of="SELECTOR"] has the same choices as another one; filled when it is looked at, since they may be thousands. */
function fill({ target }) {
  const of = target.dataset?.optionsOf;
  if (!of || target.length > 1) return;
  const known = [...document.querySelectorAll(`${of} option`)].filter((option) => option.value);
  target.append(...known.map((option) => new Option(option.text, option.value)));
}

async function goToClass(select) {
  const { value } = select;
  select.value = "";
  try {
    const answer = await ask(`${select.dataset.address}&place=${value}`, { headers: { Accept: "application/json" } });
    const { place } = await answer.json();
    if (place === null) toast("No image of this class is in the list.");
    else goTo(place);
  } catch (error) {
    if (!(error instanceof Refused)) toast("The server did not answer. Try again.", "bad");
  }
}

document.addEventListener("synset:place", (event) => showPlace(event.detail));
document.addEventListener("input", (event) => { if (event.target.matches("[data-jump]")) goTo(Number(event.target.value)); });
for (const name of ["focusin", "pointerdown"]) document.addEventListener(name, fill);
document.addEventListener("synset:settled", (event) => { if (event.target.matches("[data-jump-class]") && event.target.value) goToClass(event.target); });
