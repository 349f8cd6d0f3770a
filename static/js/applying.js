// [data-submit-on-change]: a filter that applies itself. A list that is stepped through with the arrows does not: each step would load
// the page anew, and take the list away under who steps. What was chosen so applies with Enter, or once one goes on to something else.
const NEXT = "synset_next"; // where one was going on to when the page was loaded anew
let stepping = false; // a key is being acted on: a closed list changes within that, one that is open only once it is closed
let byKey = false; // what one did last was by key: then one stands after the load where one stood before
let stepped = null; // the list that was changed so

const field = (target) => target?.closest?.("[data-submit-on-change]") ?? null;
const isChanged = ({ options, selectedIndex }) => selectedIndex !== Math.max(0, [...options].findIndex((option) => option.defaultSelected));

function apply(list, next) {
  stepped = null;
  if (!list.form) return;
  try {
    if (byKey && next?.name) sessionStorage.setItem(NEXT, next.name);
  } catch { /* no storage here: the page begins at its top */ }
  list.form.requestSubmit();
}

function start() {
  for (const kind of ["keydown", "keypress"]) {
    document.addEventListener(kind, () => { stepping = true; setTimeout(() => { stepping = false; }); }, true);
  }
  document.addEventListener("keydown", () => { byKey = true; }, true);
  document.addEventListener("pointerdown", () => { byKey = false; }, true);
  document.addEventListener("change", (event) => {
    const changed = field(event.target);
    if (changed && stepping && changed.matches("select")) stepped = changed;
    else if (changed) apply(changed, changed);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !stepped || event.target !== stepped) return;
    event.preventDefault();
    apply(stepped, stepped);
  });
  document.addEventListener("focusout", (event) => {
    if (!stepped || event.target !== stepped) return;
    if (isChanged(stepped)) apply(stepped, event.relatedTarget);
    stepped = null;
  });
}

/** After the page was loaded anew, where one was. */
function goOn() {
  let name = null;
  try {
    name = sessionStorage.getItem(NEXT);
    sessionStorage.removeItem(NEXT);
  } catch { /* as above */ }
  if (!name) return;
  const found = [...document.querySelectorAll("[data-submit-on-change]")].filter((each) => each.name === name);
  (found.find((each) => each.checked) ?? found[0])?.focus();
}

export function startApplying() {
  start();
  goOn();
}
