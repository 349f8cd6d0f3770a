// Tables that sort and filter themselves.

function valueOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent.trim();
}

function sortBy(table, header) {
  const falling = header.getAttribute("aria-sort") === "ascending" || (!header.hasAttribute("aria-sort") && header.hasAttribute("data-number"));
  const column = header.cellIndex;
  const compare = header.hasAttribute("data-number")
    ? (a, b) => (a === "") - (b === "") || (falling ? b - a : a - b) // what is not known comes last
    : (a, b) => (falling ? b.localeCompare(a) : a.localeCompare(b));
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((one, two) => compare(valueOf(one, column), valueOf(two, column))));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", falling ? "descending" : "ascending");
}

for (const table of document.querySelectorAll("[data-sortable]")) {
  for (const header of table.tHead.rows[0].cells) {
    if (header.hasAttribute("data-unsorted")) continue; // of buttons
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sortBy(table, header));
  }
}

for (const field of document.querySelectorAll("[data-table-search]")) {
  const table = document.getElementById(field.dataset.tableSearch);
  const none = Object.assign(document.createElement("p"), { className: "note" }); // in place of rows, where none is found
  none.setAttribute("role", "status");
  table.after(none);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    table.toggleAttribute("data-filtered", wanted !== "");
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
    none.textContent = table.tBodies[0].querySelector("tr:not([hidden])") ? "" : `Nothing has “${field.value.trim()}” in it. A part of the name is enough.`;
    document.dispatchEvent(new Event("synset:tiles")); // what Tab leads to may be hidden now
  });
}
