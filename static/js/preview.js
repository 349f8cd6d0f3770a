// The preview of an archive: says that corrections were not looked at yet, and leaves many folders out at once.
const form = document.getElementById("preview");
const said = form.querySelector("[data-changed-words]");
const tools = form.querySelector("[data-tree-tools]");
const ticks = [...form.querySelectorAll("[name=leave]")];
const search = form.querySelector("[data-table-search=preview-folders]");
const CHANGED = "Changed. Look again to see what that makes of it, or import it so.";
let last = null; // the folder that was ticked last

const shown = () => ticks.filter((tick) => !tick.closest("tr").hidden);

function changed() {
  if (said && said.textContent !== CHANGED) said.textContent = CHANGED;
}

/** What is found by its name can be left out together; all of it cannot, for nothing would be left. */
function offer() {
  if (!tools) return;
  const found = shown();
  const many = search?.value.trim() && found.length > 0;
  tools.hidden = !many;
  if (!many) return;
  const all = found.every(({ checked }) => checked);
  const words = found.length === 1 ? "this folder" : `these ${found.length.toLocaleString("en")} folders`;
  tools.querySelector("button").textContent = all ? `Take ${words} after all` : `Leave out ${words}`;
  tools.querySelector("[data-left-count]").textContent = `${ticks.filter(({ checked }) => checked).length.toLocaleString("en")} left out in all`;
}

function leaveShown() {
  const found = shown();
  const to = !found.every(({ checked }) => checked);
  for (const tick of found) tick.checked = to;
  changed();
  offer();
}

/** With Shift, all from the one before to this one. */
function range(event) {
  const tick = event.target.closest("[name=leave]");
  if (!tick) return;
  const found = shown();
  const [from, to] = [found.indexOf(last), found.indexOf(tick)].sort((one, other) => one - other);
  if (event.shiftKey && from >= 0) for (const each of found.slice(from, to + 1)) each.checked = tick.checked;
  last = tick;
}

form.addEventListener("input", (event) => {
  if (!event.target.matches("[data-table-search]")) changed();
});
form.addEventListener("change", offer);
form.addEventListener("click", range);
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-table-search]")) event.preventDefault(); // it decides nothing
});
document.addEventListener("synset:tiles", offer);
tools?.querySelector("[data-leave-shown]").addEventListener("click", leaveShown);
