// <form data-bulk>: rows with check boxes, one that ticks them all, and a bar that floats while any is ticked.
// Without this script the bar stands under the table and does the same. Shift and click ticks a range; Esc clears.
// A part that refreshes itself waits while something in it is ticked, so that no choice is lost.

function boxes(form) {
  return [...form.querySelectorAll("input[type=checkbox][name]:not(:disabled)")];
}

function show(form) {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  const words = form.querySelector("[data-bulk-words]");
  const head = form.querySelector("[data-bulk-all]");
  if (words) words.textContent = chosen ? `${chosen.toLocaleString("en")} chosen` : "";
  if (head) {
    head.hidden = !all.length;
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}

function start() {
  document.querySelectorAll("form[data-bulk]").forEach(show);
}

let last = null;

function range(form, from, to, checked) {
  const all = boxes(form);
  const [first, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (first >= 0) for (const box of all.slice(first, end + 1)) box.checked = checked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("form[data-bulk] input[type=checkbox]");
  if (!box) return;
  const form = box.form;
  if (box.matches("[data-bulk-all]")) for (const other of boxes(form)) other.checked = box.checked;
  else if (event.shiftKey && last?.form === form) range(form, last, box, box.checked);
  last = box.name ? box : null;
  show(form);
});

// form[data-asks="ID"]: a row whose box is data-for-good is deleted only from that dialog, whose button names itself.
document.addEventListener("submit", (event) => {
  const dialog = document.getElementById(event.target.getAttribute("data-asks"));
  if (!dialog || event.submitter?.name || event.submitter?.hasAttribute("formaction")) return;
  if (!event.target.querySelector("[data-for-good]:checked")) return;
  event.preventDefault();
  dialog.showModal();
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-bulk]");
  if (event.key !== "Escape" || !form) return;
  for (const box of boxes(form)) box.checked = false;
  show(form);
});

/** Whether a part would be made anew by itself though something in it is ticked. */
function loses({ detail }) {
  const refreshes = detail.requestConfig?.triggeringEvent?.type === "synset:nudge";
  return refreshes && detail.target.querySelector("form[data-bulk] [name]:checked") !== null;
}

document.addEventListener("htmx:beforeRequest", (event) => { if (loses(event)) event.preventDefault(); });
document.addEventListener("htmx:beforeSwap", (event) => { if (loses(event)) event.detail.shouldSwap = false; }); // ticked while the answer was on its way
document.addEventListener("htmx:afterSettle", start);
document.documentElement.setAttribute("data-bulk-floats", ""); // on the page: a part that is fetched anew has its bar afloat at once
start();
