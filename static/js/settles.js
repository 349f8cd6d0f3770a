// Controls that act when something is picked, [data-submit-on-change] and [data-settles]: by mouse and finger at once, by keys once
// Enter says so. Each arrow key is a change to a select, and would load a page, or move images, on the way to what is meant.
// Dispatches "synset:settled" on the control.
const ACTS = "[data-submit-on-change], [data-settles]";
const keyed = new WeakMap(); // control → the key pressed last in it, until it is pressed by a pointer; of radios the first of their group
const CHOOSES = new Set(["Enter", " "]); // they open the list of a select and pick out of it

/** What stands for a control: an arrow key is pressed in one radio and chooses another. */
function holder(control) {
  return (control.type === "radio" && control.form?.elements[control.name]?.[0]) || control;
}

function settle(control) {
  wait(control, false);
  control.dispatchEvent(new CustomEvent("synset:settled", { bubbles: true }));
}

/** Whether what is picked waits for Enter; its form shows the button that says so, too. */
function wait(control, is) {
  control.toggleAttribute("data-waits", is);
  control.form?.toggleAttribute("data-unapplied", is);
}

document.addEventListener("keydown", (event) => {
  const control = event.target.closest?.(ACTS);
  if (!control || event.key === "Tab") return;
  if (event.key === "Enter" && control.hasAttribute("data-waits")) {
    event.preventDefault();
    settle(control);
  } else {
    keyed.set(holder(control), CHOOSES.has(event.key) || event.altKey ? "" : event.key);
  }
}, true);
document.addEventListener("pointerdown", (event) => {
  for (const control of [event.target.closest?.(ACTS), event.target.closest?.("label")?.control]) if (control) keyed.delete(holder(control));
}, true);
document.addEventListener("change", (event) => {
  const control = event.target.closest?.(ACTS);
  if (!control) return;
  if (keyed.get(holder(control))) wait(control, true);
  else settle(control);
});

// [data-submit-on-change]: a filter that applies itself. The page that it loads gives it the focus again.
const CHOSEN = "synset_chosen";

document.addEventListener("synset:settled", (event) => {
  if (!event.target.matches("[data-submit-on-change]")) return;
  try {
    sessionStorage.setItem(CHOSEN, event.target.name);
  } catch { /* no storage here: the page begins at its top */ }
  event.target.form?.requestSubmit();
});

try {
  const name = sessionStorage.getItem(CHOSEN);
  sessionStorage.removeItem(CHOSEN);
  const found = name ? [...document.querySelectorAll(`[data-submit-on-change][name="${CSS.escape(name)}"]`)] : [];
  (found.find(({ checked }) => checked) ?? found[0])?.focus(); // of several radios the one that was chosen
} catch { /* as above */ }
