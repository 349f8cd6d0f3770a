// Keyboard shortcuts: an element with data-key="n" (or "Ctrl Enter") is pressed, or focused when it is a field;
// data-key-label names it in the list that `?` opens. Keys without Ctrl can be switched off there, for those whose voice or
// hand presses them unmeant (WCAG 2.1.4).
const OFF = "synset_keys_off";

function keyOf(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  return parts.join(" ");
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]") !== null;
}

function visible(element) {
  return element.checkVisibility() && !element.disabled;
}

function find(key) {
  return [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && visible(element));
}

function press(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) element.focus();
  else element.click();
}

function listKeys() {
  const list = document.querySelector("[data-keys]");
  const rows = [["?", "This list"], ["Tab", "The next control"], ["Esc", "Close what is open"]];
  for (const element of document.querySelectorAll("[data-key]")) {
    if (visible(element)) rows.push([element.dataset.key, element.dataset.keyLabel || element.textContent.trim()]);
  }
  list.replaceChildren(...rows.flatMap(([key, label]) => {
    const term = document.createElement("dt");
    for (const part of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = part.length === 1 && key.includes(" ") ? part.toUpperCase() : part;
      term.append(cap, " ");
    }
    const words = document.createElement("dd");
    words.textContent = label;
    return [term, words];
  }));
}

function onKey(event) {
  if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
  const key = keyOf(event);
  if (!key.startsWith("Ctrl ") && (isTyping(event.target) || localStorage.getItem(OFF))) return;
  const element = find(key);
  if (element) {
    event.preventDefault();
    press(element);
  } else if (event.key === "?") {
    document.getElementById("keys-dialog")?.showModal();
  }
}

function startSwitch(dialog) {
  const on = dialog.querySelector("[data-keys-on]");
  on.checked = !localStorage.getItem(OFF);
  on.addEventListener("change", () => { if (on.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1"); });
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
  const dialog = document.getElementById("keys-dialog");
  if (!dialog) return;
  startSwitch(dialog);
  const show = dialog.showModal.bind(dialog);
  dialog.showModal = () => { listKeys(); show(); };
}
