// The dialog that says which class has which of the keys 1 to 9, and which of them keep it.
import { isPinned, keyed, pin, typed } from "./keyed.js";

const dialog = document.getElementById("pins");
const list = dialog.querySelector("[data-pins]");
const trouble = dialog.querySelector("[data-pin-trouble]");

/** known: gives [label, name] of the classes that there are by now; `changed` is called once a key has another class, or is pinned. */
export function startPins(known, changed) {
  const labels = () => known().map(([label]) => label);

  function row(label, place) {
    const made = dialog.querySelector("[data-pin-row]").content.firstElementChild.cloneNode(true);
    const [field, box] = made.querySelectorAll("input");
    made.querySelector("kbd").textContent = place + 1;
    Object.assign(field, { value: new Map(known()).get(label), ariaLabel: `Class of key ${place + 1}` });
    Object.assign(box, { checked: isPinned(label), ariaLabel: `Pinned to key ${place + 1}` });
    box.addEventListener("change", () => put(place, label, box.checked));
    field.addEventListener("change", () => {
      const other = typed(field.value, known());
      trouble.textContent = other === null ? `“${field.value.trim()}” is no class, or a part of several. Type more of it.` : "";
      if (other !== null) setTimeout(put, 0, place, other, true); // once the focus is where Tab or a click leads to: rows are made anew
    });
    return made;
  }

  function put(place, label, on) {
    pin(place, label, labels(), on);
    changed();
    show(place);
  }

  function show(place) {
    const at = list.contains(document.activeElement) ? [...list.querySelectorAll("input")].indexOf(document.activeElement) : -1;
    list.replaceChildren(...keyed(labels()).map(row));
    if (place !== undefined) list.querySelectorAll("input")[at]?.focus();
  }

  dialog.addEventListener("synset:open", () => { trouble.textContent = ""; show(); });
}
