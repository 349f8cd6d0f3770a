// What floats: menus and dialogs. A menu closes on Escape and on a click elsewhere, and the arrows go through it;
// a dialog that [data-dialog="ID"] opened gives the focus back.
const MENU = "details[data-menu]";
const STOPS = "a[href], button:not(:disabled), input:not([type=hidden])";

function closeMenus(except) {
  for (const menu of document.querySelectorAll(`${MENU}[open]`)) if (menu !== except) menu.open = false;
}

function open(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  if (!dialog || dialog.open) return;
  const back = button.closest(MENU)?.querySelector("summary") ?? button; // the menu closes behind it
  closeMenus(null);
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("synset:open"));
  dialog.addEventListener("close", () => back.focus(), { once: true });
}

function stops(menu) {
  return [...menu.querySelectorAll(STOPS)].filter((stop) => stop.checkVisibility());
}

function onMenuKey(event, menu) {
  const all = stops(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (to !== undefined) {
    menu.open = true;
    stops(menu)[(to + all.length) % (all.length || 1)]?.focus();
    event.preventDefault();
  }
}

function onKey(event) {
  const menu = event.target.closest?.(MENU);
  if (menu && (menu.open || event.key === "ArrowDown")) onMenuKey(event, menu);
  else if (event.key === "Escape") closeMenus(null);
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest(MENU));
  const button = event.target.closest("[data-dialog]");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault(); // a link is for those without scripts
  open(button);
});
document.addEventListener("keydown", onKey);
document.addEventListener("focusout", (event) => { // Tab leaves a menu: it closes behind
  const menu = event.target.closest?.(`${MENU}[open]`);
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
