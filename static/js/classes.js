// The dialog that changes a class, opened from its row: renamed, merged into one that is named by a part of its name, or taken out.
// The answer comes into the table where it stands; the focus goes back to the row.
import { typed } from "./keyed.js";

const dialog = document.getElementById("change-class");
const form = dialog.querySelector("[data-class-form]");
const field = form.elements.namedItem("to");
const known = [...dialog.querySelectorAll("#class-labels option")].map((option) => [option.value, option.text]); // [label, name]
const words = {
  rename: ["New name", "what it is called from the next version on"],
  merge: ["Into the class", "a part of its name is enough; images keep their splits"],
};
let row = null; // the id of the button that opened it

const find = (name) => form.querySelector(`[data-class-${name}]`);
const chosen = () => form.elements.namedItem("do").value;

function showChoice() {
  const [out, [label, hint]] = [chosen() === "remove", words[chosen()] ?? words.rename];
  find("field").hidden = out;
  find("out").hidden = !out;
  field.required = !out;
  field.toggleAttribute("list", false);
  if (chosen() === "merge") field.setAttribute("list", "class-labels");
  find("field").querySelector("label").textContent = label;
  document.getElementById("class-to-hint").textContent = hint;
  field.setCustomValidity("");
}

function fill(button) {
  const cells = button.closest("tr");
  row = button.id;
  form.reset();
  form.elements.namedItem("class").value = button.dataset.changeClass;
  find("name").textContent = cells.querySelector(".row__title").textContent;
  const count = cells.querySelector('[data-label="All"]').textContent;
  find("count").textContent = `· ${count} ${count === "1" ? "image" : "images"}`;
  document.getElementById("change-class-said").replaceChildren();
  field.value = cells.querySelector(".row__title").textContent;
  showChoice();
}

/** Of a class to merge into, its label, from a part of a name. */
function complete() {
  if (chosen() !== "merge") return true;
  const label = typed(field.value, known);
  field.setCustomValidity(label === null ? "No class has this name, or several have this part of one. Type more of it." : "");
  if (label !== null) field.value = label;
  return field.reportValidity();
}

/** A class is called so from now on: others can be merged into it. */
function learn(name) {
  known.push([name, name]);
  document.getElementById("class-labels").append(new Option(name, name));
}

document.addEventListener("click", (event) => { // before the dialog opens
  const button = event.target.closest("[data-change-class]");
  if (button) fill(button);
}, true);
dialog.addEventListener("synset:open", () => { field.focus(); field.select(); });
form.addEventListener("change", (event) => {
  if (event.target.name !== "do") return;
  field.value = chosen() === "rename" ? find("name").textContent : "";
  showChoice();
});
field.addEventListener("input", () => field.setCustomValidity(""));
form.addEventListener("htmx:confirm", (event) => { if (!complete()) event.preventDefault(); });
form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === field) complete(); });

// Classes that are ticked to be merged stay so while one searches for more of them: what the table does not show waits in the bar.
const merging = () => document.querySelector("[data-class-merge]");
let ticked = [];
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "class-table" || !merging() || detail.requestConfig?.elt === merging()) return; // a search that found none has no boxes
  ticked = [...document.querySelectorAll('[data-class-merge] [name="classes"]:checked')].map((box) => box.value);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id !== "class-table") return;
  const merged = detail.requestConfig?.elt?.matches?.("[data-class-merge]");
  if (merged) {
    const to = detail.requestConfig.elt.elements.namedItem("to").value.trim();
    if (!known.some((each) => each.includes(to))) learn(to);
    document.querySelector('#class-search input[type="search"], #class-search input')?.focus({ preventScroll: true });
  }
  for (const label of merged ? [] : ticked) {
    const form = merging();
    const shown = form && [...form.querySelectorAll('[name="classes"]')].find((box) => box.value === label);
    if (shown) shown.checked = true;
    else form?.querySelector("[data-class-kept]").append(Object.assign(document.createElement("input"), { type: "checkbox", name: "classes", value: label, checked: true }));
  }
});
document.addEventListener("htmx:afterSettle", ({ detail }) => { // the table also comes of a search that was on its way
  if (detail.target?.id !== "class-table" || detail.requestConfig?.elt !== form || !dialog.open) return;
  if (chosen() === "rename") learn(field.value.trim());
  dialog.close();
  document.getElementById(row)?.focus({ preventScroll: true });
});
