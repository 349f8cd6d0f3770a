// <button data-copy="ID"> copies the value of that field, or the text of that element, and says so.
const SAID_MS = 1_500;
const before = new WeakMap();

async function copied(source) {
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch { // without HTTPS or the permission: selected, so that Ctrl C takes it
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return "Selected";
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  if (!before.has(button)) before.set(button, button.textContent);
  button.style.minWidth = `${button.offsetWidth}px`; // its neighbours stay where they are
  button.textContent = await copied(source);
  setTimeout(() => { button.textContent = before.get(button); }, SAID_MS);
});
